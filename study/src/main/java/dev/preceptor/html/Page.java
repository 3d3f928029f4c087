package dev.preceptor.html;

import dev.preceptor.base.AtomicFiles;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * A page: one file that loads nothing else, neither from the network nor from disk. The same content gives the same bytes.
 *
 * @param kind what it shows: a run, an evaluation, a study
 * @param title its name
 * @param footer name and version of the software that wrote it
 * @param facts names and values below the title
 * @param warnings lines above the facts
 * @param sections from top to bottom
 */
public record Page(
        String kind, String title, String footer, List<Fact> facts, List<String> warnings, List<Section> sections) {
    public Page {
        facts = List.copyOf(facts);
        warnings = List.copyOf(warnings);
        sections = List.copyOf(sections);
    }

    /** A name and a value below the title. */
    public record Fact(String name, String value) {}

    /**
     * A part of the page.
     *
     * @param title its heading
     * @param blocks from top to bottom
     */
    public record Section(String title, List<Block> blocks) {
        public Section {
            blocks = List.copyOf(blocks);
        }
    }

    /** Writes {@code report/index.html} below a folder, whole or not at all, and returns the file. */
    public Path write(Path folder) {
        Path file = folder.resolve("report").resolve("index.html");
        AtomicFiles.writeString(file, html());
        return file;
    }

    /** Writes the page to a file, whole or not at all. */
    public void writeTo(Path file) {
        AtomicFiles.writeString(file, html());
    }

    /** The page as HTML. */
    public String html() {
        return html("", resource("report.js"));
    }

    /** The page as HTML with {@link Block.Live} parts, which a script replaces; without scripts the page reloads itself. */
    public String live() {
        return html(
                "<noscript><meta http-equiv=\"refresh\" content=\"10\"></noscript>\n",
                resource("report.js") + resource("watch.js"));
    }

    private String html(String head, String script) {
        HtmlWriter page = new HtmlWriter();
        page.verbatim("<!DOCTYPE html>\n");
        page.open("html", "lang", "en").open("head").line();
        page.verbatim("<meta charset=\"utf-8\">\n");
        page.verbatim("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
        page.verbatim("<meta name=\"referrer\" content=\"no-referrer\">\n");
        page.verbatim(head);
        page.leaf("title", title + " \u00b7 Preceptor " + kind).line();
        page.verbatim("<style>\n" + resource("report.css") + Palette.css() + "</style>\n")
                .close()
                .line();
        page.open("body").line();
        head(page);
        page.open("main").line();
        for (int i = 0; i < sections.size(); i++) {
            page.open("section", "id", "s" + i)
                    .leaf("h2", sections.get(i).title())
                    .line();
            sections.get(i).blocks().forEach(block -> block.render(page));
            page.close().line();
        }
        page.close().line();
        page.open("footer").leaf("p", footer + ". A research tool, not a medical device.");
        page.close().line();
        page.verbatim("<script>\n" + script + "</script>\n");
        return page.close().close().line().finish();
    }

    private void head(HtmlWriter page) {
        page.open("header").open("div", "class", "bar");
        page.leaf("p", "Preceptor " + kind, "class", "kind");
        page.leaf("button", "Theme: system", "type", "button", "id", "theme").close();
        page.leaf("h1", title).line();
        warnings.forEach(line ->
                page.leaf("p", line, "class", "warning", "role", "alert").line());
        page.open("dl", "class", "facts");
        for (Fact fact : facts) {
            page.open("div")
                    .leaf("dt", fact.name())
                    .leaf("dd", fact.value())
                    .close()
                    .line();
        }
        page.close().open("nav", "aria-label", "Sections");
        for (int i = 0; i < sections.size(); i++) {
            page.leaf("a", sections.get(i).title(), "href", "#s" + i).text(" ");
        }
        page.close().close().line();
    }

    private static String resource(String name) {
        try (InputStream in = Page.class.getResourceAsStream(name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
