package dev.preceptor.html;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class StepCurvesTest {
    private static String html(StepCurves.Line... lines) {
        HtmlWriter page = new HtmlWriter();
        new StepCurves(List.of(new StepCurves.Panel("a & b", List.of(lines)))).render(page);
        return page.finish();
    }

    @Test
    void aLineHasABandAndEndsAtItsLastStep() {
        String html = html(new StepCurves.Line(
                "gain",
                ColorRole.STUDENT,
                List.of(new StepCurves.Point(50, 0.5, 0.4, 0.6), new StepCurves.Point(100, 0.75, 0.5, 1))));
        assertTrue(html.contains("d=\"M129 69L216 38.5\""), html);
        assertTrue(html.contains("points=\"129,56.8 216,8 216,69 129,81.2\""), html);
        assertTrue(html.contains("<title>gain: 0.750 [0.500, 1.000] after 100 steps</title>"), html);
        assertTrue(html.contains(">100 steps<") && html.contains("a &amp; b"), html);
    }

    @Test
    void aSingleEpochIsADot() {
        String html =
                html(new StepCurves.Line("one", ColorRole.STUDENT, List.of(new StepCurves.Point(4, 0.5, 0.5, 0.5))));
        assertEquals(1, html.split("<circle", -1).length - 1);
    }

    @Test
    void aLineWithoutPointsIsLeftOut() {
        assertFalse(
                html(new StepCurves.Line("none", ColorRole.BASELINE, List.of())).contains("class=\"curve"));
    }
}
