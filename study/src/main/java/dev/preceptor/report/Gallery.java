package dev.preceptor.report;

import dev.preceptor.html.Block;
import dev.preceptor.html.HtmlWriter;
import dev.preceptor.html.Palette;
import dev.preceptor.html.Snippet;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.Region;
import dev.preceptor.volume.Volume;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Slices of patients with the outlines of the reference and of candidates, in the order given.
 */
public final class Gallery implements Block {
    private final List<GalleryCase> cases;

    private Gallery(List<GalleryCase> cases) {
        this.cases = List.copyOf(cases);
    }

    /**
     * A patient to be drawn.
     *
     * @param id of the subject
     * @param caption stands beside the id
     * @param image drawn under the outlines
     * @param reference the true labels
     * @param candidates label maps by name, on the grid of the reference
     * @param viewCommand that shows the patient in a browser; empty if it has no files
     */
    public record Patient(
            String id,
            String caption,
            Volume image,
            LabelMap reference,
            Map<String, LabelMap> candidates,
            Optional<String> viewCommand) {
        /** A patient without files. */
        public Patient(String id, String caption, Volume image, LabelMap reference, Map<String, LabelMap> candidates) {
            this(id, caption, image, reference, candidates, Optional.empty());
        }
    }

    /** Reads a patient when it is about to be drawn, so that one at a time is in memory. */
    @FunctionalInterface
    public interface Reader {
        /** The patient of a subject id. */
        Patient read(String id);
    }

    /** Reads and draws patients one after the other. */
    public static Gallery of(List<String> ids, Reader reader) {
        List<GalleryCase> cases = new ArrayList<>();
        for (String id : ids) {
            Patient patient = reader.read(id);
            cases.add(GalleryCase.of(
                    patient.id(),
                    patient.caption(),
                    patient.image(),
                    patient.reference(),
                    patient.candidates(),
                    patient.viewCommand()));
        }
        return new Gallery(cases);
    }

    @Override
    public void render(HtmlWriter page) {
        page.open("div", "class", "gallery");
        page.open("div", "class", "key");
        List<Region> regions =
                cases.stream().flatMap(one -> one.regions().stream()).distinct().toList();
        for (Region region : regions) {
            page.leaf("span", region.name(), "class", "swatch " + Palette.style(region, regions));
        }
        page.open("label").empty("input", "type", "checkbox", "class", "show-reference", "checked", "");
        page.text(" reference, dashed, in every picture").close();
        page.close().line();
        for (int i = 0; i < cases.size(); i++) {
            patient(page, cases.get(i), "slices-" + i);
        }
        page.close().line();
    }

    private static void patient(HtmlWriter page, GalleryCase patient, String name) {
        page.open("figure", "class", "case").open("figcaption");
        page.leaf("strong", patient.id())
                .text(" ")
                .leaf("span", patient.caption())
                .close();
        page.open("div", "class", "tiles").line();
        tile(page, patient, name, "reference", patient.reference(), true);
        patient.candidates().forEach((title, drawn) -> tile(page, patient, name, title, drawn, false));
        page.close();
        patient.viewCommand().ifPresent(command -> new Snippet("In three planes and 3-D", command).render(page));
        page.close().line();
    }

    private static void tile(
            HtmlWriter page,
            GalleryCase patient,
            String name,
            String title,
            GalleryCase.Outlines drawn,
            boolean first) {
        page.open("div", "class", "tile");
        page.open(
                "svg",
                "viewBox",
                "0 0 " + patient.width() + " " + patient.height(),
                "role",
                "img",
                "aria-label",
                patient.id() + ", " + title);
        if (first) {
            page.empty(
                    "image",
                    "id",
                    name,
                    "width",
                    patient.width(),
                    "height",
                    patient.height(),
                    "href",
                    patient.slices());
        } else {
            page.empty("use", "href", "#" + name);
        }
        if (first) {
            // The class of the outlines is set where they are used.
            page.open("defs");
            drawn.paths().forEach((region, views) -> {
                page.open("g", "id", name + "-" + Palette.style(region, patient.regions()));
                outlines(page, patient, views);
                page.close();
            });
            page.close();
        }
        for (Region region : drawn.paths().keySet()) {
            String look = first ? "outline " + Palette.style(region, patient.regions()) : "outline truth";
            page.empty("use", "class", look, "href", "#" + name + "-" + Palette.style(region, patient.regions()));
        }
        if (!first) {
            drawn.paths().forEach((region, views) -> {
                page.open("g", "class", "outline " + Palette.style(region, patient.regions()));
                outlines(page, patient, views);
                page.close();
            });
        }
        page.close().leaf("div", title, "class", "title");
        page.open("div", "class", "figures");
        drawn.figures().forEach((region, figure) -> {
            page.open("span")
                    .leaf("i", region.name(), "class", Palette.style(region, patient.regions()))
                    .text(" " + figure);
            page.close();
        });
        page.close().close().line();
    }

    private static void outlines(HtmlWriter page, GalleryCase patient, List<String> views) {
        for (int v = 0; v < views.size(); v++) {
            if (!views.get(v).isEmpty()) {
                String down = "translate(0 " + patient.tops().get(v) + ")";
                page.empty("path", "transform", down, "d", views.get(v));
            }
        }
    }
}
