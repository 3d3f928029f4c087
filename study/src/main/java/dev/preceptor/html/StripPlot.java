package dev.preceptor.html;

import dev.preceptor.table.NumberStyle;
import dev.preceptor.volume.Quantile;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The distribution of a quantity over subjects: a dot for each, on an axis from 0, stacked where they are close; below the dots
 * the median and the quartiles. The subject with the greatest value is named.
 *
 * @param title what is shown
 * @param style class in the style sheet that gives the dots their colour
 * @param unit of the values
 * @param values by subject, 0 or more
 */
public record StripPlot(String title, String style, String unit, Map<String, Double> values) implements Block {
    private static final int WIDTH = 360;
    private static final int DOTS = 78;
    private static final int HEIGHT = 116;
    private static final int TOP = 14;
    private static final int SIDE = 10;
    private static final double RADIUS = 3.4;
    private static final int MOST_NAMED = 5;

    public StripPlot {
        values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }

    @Override
    public void render(HtmlWriter page) {
        double[] sorted = values.values().stream().mapToDouble(v -> v).sorted().toArray();
        double most = sorted.length == 0 ? 0 : sorted[sorted.length - 1];
        Axis axis = Axis.around(0, most > 0 ? most : 1, 4);
        page.open("figure", "class", "plot strips").open("figcaption");
        page.leaf("span", title, "class", "swatch " + style).close();
        page.open(
                "svg",
                "viewBox",
                "0 0 " + WIDTH + " " + HEIGHT,
                "role",
                "img",
                "aria-label",
                title + ": " + summary(sorted));
        for (double tick : axis.ticks()) {
            String x = HtmlWriter.coordinate(x(axis, tick));
            page.empty("line", "class", "grid", "x1", x, "x2", x, "y1", TOP, "y2", HEIGHT - 18);
            page.leaf("text", axis.label(tick), "class", "tick middle", "x", x, "y", HEIGHT - 4);
        }
        dots(page, axis);
        if (sorted.length > 0) {
            quartiles(page, axis, sorted);
        }
        page.close();
        page.leaf("p", summary(sorted) + zeros(), "class", "note").close().line();
    }

    private void dots(HtmlWriter page, Axis axis) {
        List<Map.Entry<String, Double>> ascending = new ArrayList<>(values.entrySet());
        ascending.sort(Map.Entry.comparingByValue(Comparator.naturalOrder()));
        double floor = DOTS - RADIUS;
        int levels = (int) ((floor - TOP) / (2 * RADIUS));
        double[] ends = new double[levels];
        Arrays.fill(ends, -Double.MAX_VALUE);
        for (Map.Entry<String, Double> entry : ascending) {
            double x = x(axis, entry.getValue());
            int level = 0;
            for (int i = levels - 1; i >= 0; i--) {
                level = ends[i] <= ends[level] || ends[i] + 2 * RADIUS <= x ? i : level;
            }
            ends[level] = x;
            page.open(
                    "circle",
                    "class",
                    "dot " + style,
                    "cx",
                    HtmlWriter.coordinate(x),
                    "cy",
                    HtmlWriter.coordinate(floor - 2 * RADIUS * level),
                    "r",
                    RADIUS);
            page.leaf("title", entry.getKey() + ": " + number(entry.getValue()) + " " + unit)
                    .close();
        }
        name(page, axis, ascending);
    }

    /** Above the dot farthest to the right. */
    private static void name(HtmlWriter page, Axis axis, List<Map.Entry<String, Double>> ascending) {
        if (ascending.isEmpty() || ascending.get(ascending.size() - 1).getValue() == 0) {
            return;
        }
        Map.Entry<String, Double> last = ascending.get(ascending.size() - 1);
        page.leaf(
                "text",
                last.getKey(),
                "class",
                "tick end",
                "x",
                HtmlWriter.coordinate(Math.min(WIDTH - 2, x(axis, last.getValue()) + RADIUS)),
                "y",
                TOP - 4);
    }

    private static void quartiles(HtmlWriter page, Axis axis, double[] sorted) {
        double y = DOTS + 8;
        page.open("g", "class", "quartiles");
        page.empty(
                "line",
                "x1",
                HtmlWriter.coordinate(x(axis, Quantile.of(sorted, 0.25))),
                "x2",
                HtmlWriter.coordinate(x(axis, Quantile.of(sorted, 0.75))),
                "y1",
                y,
                "y2",
                y);
        page.empty("circle", "cx", HtmlWriter.coordinate(x(axis, Quantile.of(sorted, 0.5))), "cy", y, "r", 4);
        page.close();
    }

    private String summary(double[] sorted) {
        if (sorted.length == 0) {
            return "no subject";
        }
        return "median " + number(Quantile.of(sorted, 0.5)) + " " + unit + ", from " + number(sorted[0]) + " to "
                + number(sorted[sorted.length - 1]) + ", over " + sorted.length
                + (sorted.length == 1 ? " subject" : " subjects");
    }

    private String zeros() {
        List<String> none = values.entrySet().stream()
                .filter(entry -> entry.getValue() == 0)
                .map(Map.Entry::getKey)
                .toList();
        if (none.isEmpty()) {
            return "";
        }
        int left = none.size() - MOST_NAMED;
        return "; empty in " + none.size() + ": "
                + String.join(", ", none.subList(0, Math.min(MOST_NAMED, none.size())))
                + (left > 0 ? " and " + left + " more" : "");
    }

    private static String number(double value) {
        return NumberStyle.TYPESET.number(value, value >= 10 ? 1 : 2);
    }

    private static double x(Axis axis, double value) {
        return SIDE + axis.share(value) * (WIDTH - 2 * SIDE);
    }
}
