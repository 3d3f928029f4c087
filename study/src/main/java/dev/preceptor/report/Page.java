package dev.preceptor.report;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.model.BuildInfo;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * A report: one file that needs nothing else, neither the network nor a server. The same content gives the same bytes.
 *
 * @param kind what it reports on: a run, an evaluation, a study
 * @param title its name
 * @param facts what was done, on what, with which code
 * @param warnings what must be read first
 * @param sections from above to below
 */
public record Page(String kind, String title, List<Fact> facts, List<String> warnings, List<Section> sections) {
    public Page {
        facts = List.copyOf(facts);
        warnings = List.copyOf(warnings);
        sections = List.copyOf(sections);
    }

    /** A line of the head. */
    public record Fact(String name, String value) {}

    /**
     * A part of the page.
     *
     * @param title its heading
     * @param blocks what stands in it
     */
    public record Section(String title, List<Block> blocks) {
        public Section {
            blocks = List.copyOf(blocks);
        }
    }

    /** Writes {@code report/index.html} below a folder, whole or not at all, and says where. */
    public Path write(Path folder) {
        Path file = folder.resolve("report").resolve("index.html");
        AtomicFiles.writeString(file, html());
        return file;
    }

    /** The whole page. */
    public String html() {
        return html("", resource("report.js"));
    }

    /** The page of something that still changes: its parts are exchanged by a script, or without one it loads itself anew. */
    String live() {
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
        page.verbatim("<style>\n" + resource("report.css") + "</style>\n")
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
        page.open("footer")
                .leaf(
                        "p",
                        "Preceptor " + BuildInfo.VERSION + ", commit " + BuildInfo.COMMIT
                                + ". A research tool, not a medical device.");
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
