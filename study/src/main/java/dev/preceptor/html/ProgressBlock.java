package dev.preceptor.html;

import java.util.List;

/**
 * A progress bar with facts below it.
 *
 * @param title of the work
 * @param done how much is done, at most {@code total}
 * @param total at least 1
 * @param facts names and values below the bar
 */
public record ProgressBlock(String title, long done, long total, List<Page.Fact> facts) implements Block {
    public ProgressBlock {
        facts = List.copyOf(facts);
    }

    @Override
    public void render(HtmlWriter page) {
        page.open("p", "class", "gauge").leaf("strong", title);
        page.leaf("progress", done + " of " + total, "max", total, "value", done, "aria-label", title);
        page.close().line();
        page.open("dl", "class", "facts");
        for (Page.Fact fact : facts) {
            page.open("div")
                    .leaf("dt", fact.name())
                    .leaf("dd", fact.value())
                    .close()
                    .line();
        }
        page.close().line();
    }
}
