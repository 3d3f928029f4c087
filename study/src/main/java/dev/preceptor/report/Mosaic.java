package dev.preceptor.report;

import dev.preceptor.html.Block;
import dev.preceptor.html.HtmlWriter;
import dev.preceptor.html.Palette;
import dev.preceptor.table.NumberStyle;
import dev.preceptor.volume.Region;
import dev.preceptor.volume.Sequence;
import java.util.List;
import java.util.Map;

/**
 * Subjects as rows of slices, one for each sequence of the cohort in the same order, so that the eye compares a sequence over
 * subjects. A sequence that a subject lacks leaves a frame with a word in it.
 *
 * @param views subjects that have slices
 * @param sequences of the cohort
 * @param regions of the cohort
 */
record Mosaic(List<SubjectView> views, List<Sequence> sequences, List<Region> regions) implements Block {
    private static final NumberStyle STYLE = NumberStyle.TYPESET;

    @Override
    public void render(HtmlWriter page) {
        page.open("div", "class", "mosaic").line();
        page.open("div", "class", "key");
        regions.forEach(
                region -> page.leaf("span", region.name(), "class", "swatch " + Palette.style(region, regions)));
        page.close().line();
        toggle(page, "hide-outlines", "hide the outlines");
        toggle(page, "large", "large pictures");
        page.open("div", "class", "rows", "style", "--columns: " + sequences.size())
                .line();
        for (int i = 0; i < views.size(); i++) {
            row(page, views.get(i), "m" + i);
        }
        page.close().close().line();
    }

    /** The style sheet shows its effect, without a script: the box stands before the rows. */
    private static void toggle(HtmlWriter page, String name, String label) {
        page.empty("input", "type", "checkbox", "id", name, "class", "toggle " + name);
        page.leaf("label", " " + label, "for", name, "class", "toggle").line();
    }

    private void row(HtmlWriter page, SubjectView view, String name) {
        MosaicCase slices = view.slices().orElseThrow();
        String where = "z = " + STYLE.number(slices.z(), 0) + " mm";
        page.open("figure", "class", "case").open("figcaption");
        page.leaf("strong", view.subject().id()).text(" ").leaf("span", where + labels(view));
        page.close().open("div", "class", "strip").line();
        boolean isFirst = true;
        for (Sequence sequence : sequences) {
            String png = slices.slices().get(sequence);
            page.open("div", "class", "tile");
            if (png == null) {
                String word = view.image(sequence).word();
                page.open(
                                "div",
                                "class",
                                "none " + word,
                                "style",
                                "aspect-ratio: " + slices.width() + " / " + slices.height())
                        .leaf("span", word)
                        .close();
            } else {
                slice(page, view, sequence, png, name, isFirst);
                isFirst = false;
            }
            page.leaf("div", sequence.name(), "class", "title").close().line();
        }
        page.close().close().line();
    }

    private static String labels(SubjectView view) {
        return switch (view.labels()) {
            case PRESENT -> view.slices().orElseThrow().outlines().isEmpty() ? ", empty label map" : "";
            case ABSENT -> ", no labels";
            case FAULTY -> ", faulty labels";
        };
    }

    private void slice(HtmlWriter page, SubjectView view, Sequence sequence, String png, String name, boolean isFirst) {
        MosaicCase slices = view.slices().orElseThrow();
        int width = slices.width();
        int height = slices.height();
        String what = view.subject().id() + ", " + sequence + ", axial slice"
                + (slices.outlines().isEmpty() ? "" : " with outlines of " + names(slices.outlines()));
        page.open("svg", "viewBox", "0 0 " + width + " " + height, "role", "img", "aria-label", what);
        page.empty("image", "width", width, "height", height, "href", png);
        if (isFirst) {
            page.open("g", "id", name, "class", "outlines");
            slices.outlines()
                    .forEach((region, path) -> page.open(
                                    "path", "class", "outline " + Palette.style(region, regions), "d", path)
                            .leaf("title", region.name())
                            .close());
            page.close();
        } else {
            page.empty("use", "href", "#" + name, "class", "outlines");
        }
        page.leaf("text", View.AXIAL.leftMark(), "class", "side", "x", 5, "y", height / 2 + 4);
        page.leaf("text", View.AXIAL.rightMark(), "class", "side end", "x", width - 5, "y", height / 2 + 4);
        page.close();
    }

    private static String names(Map<Region, String> outlines) {
        return String.join(", ", outlines.keySet().stream().map(Region::name).toList());
    }
}
