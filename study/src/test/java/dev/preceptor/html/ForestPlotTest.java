package dev.preceptor.html;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.StringReader;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.xml.sax.InputSource;

class ForestPlotTest {
    private static final String EVIL = "<script>alert('x')</script>&\"";
    private static final double NONE = Double.NaN;

    private static String html(ForestPlot.Row... rows) {
        HtmlWriter page = new HtmlWriter();
        new ForestPlot("WT, difference in Dice", 3, "worse", "better", List.of(rows)).render(page);
        return page.finish();
    }

    private static ForestPlot.Row row(double estimate, double low, double high, Double... marks) {
        return new ForestPlot.Row("gain \u2212 base", "more steps", estimate, low, high, List.of(marks));
    }

    private static int count(String html, String part) {
        return html.split(Pattern.quote(part), -1).length - 1;
    }

    private static double coordinate(String html, String element, String attribute) {
        Matcher found = Pattern.compile("<" + element + "[^>]*? " + attribute + "=\"([-0-9.]+)\"")
                .matcher(html);
        assertTrue(found.find(), html);
        return Double.parseDouble(found.group(1));
    }

    @Test
    void hasARowForEachComparisonWithItsNumbersAsText() {
        String html = html(row(0.034, 0.012, 0.056, 0.03, 0.038), row(-0.01, -0.03, 0.01, -0.02, NONE));
        assertEquals(2, count(html, "<circle"));
        assertEquals(2, count(html, "class=\"interval\""));
        assertEquals(3, count(html, "class=\"repetition\""), "a mark for each seed with scores");
        assertEquals(1, count(html, "class=\"zero\""));
        assertTrue(html.contains(">+0.034 [+0.012, +0.056]<"), html);
        assertTrue(html.contains(">\u22120.010 [\u22120.030, +0.010]<"), html);
        assertEquals(1, count(html, "class=\"estimate clear\""), "only one interval leaves out 0");
        assertEquals(1, count(html, "class=\"estimate\""));
    }

    @Test
    void isDescribedForScreenReaders() throws Exception {
        String html = html(row(0.034, 0.012, 0.056, 0.03, 0.038));
        assertTrue(html.contains(
                "role=\"img\" aria-label=\"WT, difference in Dice\"><title>WT, difference in Dice</title>"));
        assertTrue(
                html.contains(
                        "<desc>gain \u2212 base (more steps): +0.034 [+0.012, +0.056]; by seed +0.030, +0.038.</desc>"),
                html);
        DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new InputSource(new StringReader(html)));
    }

    @Test
    void escapesNames() {
        String html = html(new ForestPlot.Row(EVIL, EVIL, 1, 0, 2, List.of()));
        assertFalse(html.contains("<script>"), html);
        assertTrue(html.contains("&lt;script&gt;"), html);
    }

    @Test
    void longNamesAreShortenedInTheDrawingOnly() {
        String name = "x".repeat(100);
        String html = html(new ForestPlot.Row(name, "", 1, 0, 2, List.of()));
        assertTrue(html.contains(">" + "x".repeat(41) + "\u2026<"), html);
        assertTrue(html.contains("<desc>" + name), html);
    }

    @Test
    void theZeroLineAndTheSeedsLieInsideTheAxis() {
        String html = html(row(5, 4, 6, 9.0));
        assertTrue(coordinate(html, "line class=\"zero\"", "x1") >= 262);
        assertTrue(coordinate(html, "line class=\"repetition\"", "x1") <= 584);
        assertTrue(coordinate(html, "circle", "cx") < coordinate(html, "line class=\"repetition\"", "x1"));
    }

    @Test
    void aDifferenceWithoutIntervalOrValueIsStillARow() {
        assertTrue(html(row(0.5, NONE, NONE)).contains(">+0.500<"));
        String empty = html(row(NONE, NONE, NONE));
        assertEquals(0, count(empty, "<circle"));
        assertEquals(1, count(empty, "class=\"estimate\""));
    }
}
