package dev.preceptor.html;

import dev.preceptor.table.NumberStyle;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;

/**
 * Differences with their intervals, a row for each comparison: a point for the mean, a line for the interval, small marks for
 * repetitions, and the numbers as text. The point is filled where the interval lies on one side of 0.
 *
 * @param title which difference
 * @param decimals of the numbers that are written
 * @param below what a negative difference means, at the left end of the axis
 * @param above what a positive difference means, at the right end of the axis
 * @param rows from top to bottom
 */
public record ForestPlot(String title, int decimals, String below, String above, List<Row> rows) implements Block {
    private static final int WIDTH = 760;
    private static final int LEFT = 262;
    private static final int RIGHT = 176;
    private static final int TOP = 8;
    private static final int ROW = 38;
    private static final int AXIS = 42;
    /** The longest name that fits beside the plot, in characters. */
    private static final int LONGEST = 42;

    private static final NumberStyle STYLE = NumberStyle.TYPESET;

    public ForestPlot {
        rows = List.copyOf(rows);
    }

    /**
     * A comparison.
     *
     * @param name of the comparison
     * @param detail a remark below the name; empty for none
     * @param estimate mean difference; NaN if there is none
     * @param low lower end of its interval; NaN if there is none
     * @param high upper end; NaN likewise
     * @param marks the difference in each repetition, such as a seed; NaN is left out
     */
    public record Row(String name, String detail, double estimate, double low, double high, List<Double> marks) {
        public Row {
            marks = List.copyOf(marks);
        }

        private boolean hasInterval() {
            return Double.isFinite(low) && Double.isFinite(high);
        }

        private boolean excludesZero() {
            return hasInterval() && (low > 0 || high < 0);
        }

        private DoubleStream values() {
            return DoubleStream.concat(
                            DoubleStream.of(estimate, low, high), marks.stream().mapToDouble(v -> v))
                    .filter(Double::isFinite);
        }
    }

    @Override
    public void render(HtmlWriter page) {
        double least = Math.min(0, all().min().orElse(0));
        double most = Math.max(0, all().max().orElse(0));
        Axis axis = Axis.around(least, most, 4);
        int bottom = TOP + rows.size() * ROW;
        page.open("figure", "class", "plot wide forest").leaf("figcaption", title);
        page.open("svg", "viewBox", "0 0 " + WIDTH + " " + (bottom + AXIS), "role", "img", "aria-label", title);
        page.leaf("title", title).leaf("desc", description());
        for (double tick : axis.ticks()) {
            String x = x(axis, tick);
            line(page, Math.abs(tick) < axis.step() / 1e6 ? "zero" : "grid", x, x, TOP, bottom);
            page.leaf("text", axis.label(tick), "class", "tick middle", "x", x, "y", bottom + 15);
        }
        page.leaf("text", below, "class", "tick", "x", LEFT, "y", bottom + 32);
        page.leaf("text", above, "class", "tick end", "x", WIDTH - RIGHT, "y", bottom + 32);
        for (int i = 0; i < rows.size(); i++) {
            row(page, axis, rows.get(i), TOP + i * ROW + ROW / 2.0);
        }
        page.close().close().line();
    }

    private DoubleStream all() {
        return rows.stream().flatMapToDouble(Row::values);
    }

    private String description() {
        return rows.stream().map(this::sentence).collect(Collectors.joining(" "));
    }

    private String sentence(Row row) {
        List<String> marks = row.marks().stream().map(this::signed).toList();
        return row.name() + (row.detail().isEmpty() ? "" : " (" + row.detail() + ")") + ": " + numbers(row)
                + (marks.isEmpty() ? "" : "; by seed " + String.join(", ", marks)) + ".";
    }

    /** The difference and its interval. */
    private String numbers(Row row) {
        return row.hasInterval()
                ? signed(row.estimate()) + " [" + signed(row.low()) + ", " + signed(row.high()) + "]"
                : signed(row.estimate());
    }

    private String signed(double value) {
        return (value > 0 ? "+" : "") + STYLE.number(value, decimals);
    }

    private void row(HtmlWriter page, Axis axis, Row row, double y) {
        page.open("g", "class", row.excludesZero() ? "estimate clear" : "estimate")
                .leaf("title", sentence(row));
        boolean hasDetail = !row.detail().isEmpty();
        label(page, row.name(), "name", hasDetail ? y - 2 : y + 4);
        if (hasDetail) {
            label(page, row.detail(), "tick", y + 12);
        }
        if (row.hasInterval()) {
            String at = HtmlWriter.coordinate(y);
            page.empty(
                    "line",
                    "class",
                    "interval",
                    "x1",
                    x(axis, row.low()),
                    "x2",
                    x(axis, row.high()),
                    "y1",
                    at,
                    "y2",
                    at);
        }
        for (double mark : row.marks()) {
            if (Double.isFinite(mark)) {
                line(page, "repetition", x(axis, mark), x(axis, mark), y + 7, y + 13);
            }
        }
        if (Double.isFinite(row.estimate())) {
            page.empty("circle", "cx", x(axis, row.estimate()), "cy", HtmlWriter.coordinate(y), "r", "4.5");
        }
        page.leaf("text", numbers(row), "class", "name", "x", WIDTH - RIGHT + 14, "y", HtmlWriter.coordinate(y + 4));
        page.close().line();
    }

    private static void label(HtmlWriter page, String text, String style, double y) {
        String shown = text.length() > LONGEST ? text.substring(0, LONGEST - 1) + "\u2026" : text;
        page.leaf("text", shown, "class", style, "x", 0, "y", HtmlWriter.coordinate(y));
    }

    private static void line(HtmlWriter page, String style, String x1, String x2, double y1, double y2) {
        page.empty(
                "line",
                "class",
                style,
                "x1",
                x1,
                "x2",
                x2,
                "y1",
                HtmlWriter.coordinate(y1),
                "y2",
                HtmlWriter.coordinate(y2));
    }

    private static String x(Axis axis, double value) {
        return HtmlWriter.coordinate(LEFT + axis.share(value) * (WIDTH - LEFT - RIGHT));
    }
}
