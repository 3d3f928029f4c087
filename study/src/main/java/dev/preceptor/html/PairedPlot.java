package dev.preceptor.html;

import dev.preceptor.table.NumberStyle;
import dev.preceptor.volume.Quantile;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The distribution of a score over subjects, group beside group: a dot for each subject, a line that joins the dots of one
 * subject, and the median with the quartiles beside the dots.
 *
 * @param title which score of which region
 * @param isShare whether the score lies between 0 and 1
 * @param decimals of the values that are written
 * @param groups from left to right
 */
public record PairedPlot(String title, boolean isShare, int decimals, List<Group> groups) implements Block {
    private static final int HEIGHT = 250;
    private static final int LEFT = 44;
    private static final int RIGHT = 12;
    private static final int TOP = 10;
    private static final int MAX_NAME_LENGTH = 13;

    public PairedPlot {
        groups = List.copyOf(groups);
    }

    /**
     * The scores of one method or region.
     *
     * @param name below the dots
     * @param role colour of the dots
     * @param values by subject; NaN is left out
     */
    public record Group(String name, ColorRole role, Map<String, Double> values) {
        public Group {
            values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
        }

        private double[] sorted() {
            return values.values().stream()
                    .mapToDouble(v -> v)
                    .filter(Double::isFinite)
                    .sorted()
                    .toArray();
        }
    }

    /** Whether the panel takes the whole width of the page. */
    boolean isWide() {
        return groups.size() > 5;
    }

    private boolean isTilted() {
        return isWide() || groups.stream().anyMatch(group -> group.name().length() > MAX_NAME_LENGTH);
    }

    private int bottom() {
        int longest =
                groups.stream().mapToInt(group -> group.name().length()).max().orElse(0);
        return isTilted() ? 18 + Math.min(120, (int) (longest * 3.6)) : 26;
    }

    private int width() {
        return LEFT + RIGHT + Math.max(3, groups.size()) * (isWide() ? 62 : 84);
    }

    @Override
    public void render(HtmlWriter page) {
        double[] all = groups.stream()
                .flatMapToDouble(group -> Arrays.stream(group.sorted()))
                .toArray();
        double least = Arrays.stream(all).min().orElse(Double.NaN);
        double most = Arrays.stream(all).max().orElse(Double.NaN);
        Axis axis = isShare ? Axis.UNIT : Axis.around(Math.min(0, least), most, 4);
        int height = HEIGHT + bottom();
        page.open("figure", "class", isWide() ? "plot wide" : "plot").leaf("figcaption", title);
        page.open("svg", "viewBox", "0 0 " + width() + " " + height, "role", "img", "aria-label", title);
        for (double tick : axis.ticks()) {
            axis.gridLine(page, tick, y(axis, tick), LEFT, width() - RIGHT, 7);
        }
        pairs(page, axis);
        for (int i = 0; i < groups.size(); i++) {
            group(page, axis, i);
        }
        page.close().close().line();
    }

    private void pairs(HtmlWriter page, Axis axis) {
        Map<String, StringBuilder> paths = new LinkedHashMap<>();
        for (Group group : groups) {
            group.values().keySet().forEach(id -> paths.putIfAbsent(id, new StringBuilder()));
        }
        paths.forEach((id, path) -> {
            boolean pen = false;
            StringBuilder label = new StringBuilder(id);
            for (int i = 0; i < groups.size(); i++) {
                double value = groups.get(i).values().getOrDefault(id, Double.NaN);
                if (!Double.isFinite(value)) {
                    pen = false;
                    continue;
                }
                path.append(pen ? 'L' : 'M')
                        .append(HtmlWriter.coordinate(x(i)))
                        .append(' ')
                        .append(HtmlWriter.coordinate(y(axis, value)));
                label.append('\n')
                        .append(groups.get(i).name())
                        .append(' ')
                        .append(NumberStyle.TYPESET.number(value, decimals));
                pen = true;
            }
            page.open("g", "class", "pair").leaf("title", label.toString());
            page.empty("path", "d", path);
            for (int i = 0; i < groups.size(); i++) {
                double value = groups.get(i).values().getOrDefault(id, Double.NaN);
                if (Double.isFinite(value)) {
                    page.empty(
                            "circle",
                            "class",
                            groups.get(i).role().style(),
                            "cx",
                            HtmlWriter.coordinate(x(i)),
                            "cy",
                            HtmlWriter.coordinate(y(axis, value)),
                            "r",
                            "3.2");
                }
            }
            page.close().line();
        });
    }

    private void group(HtmlWriter page, Axis axis, int i) {
        Group group = groups.get(i);
        double[] sorted = group.sorted();
        double x = x(i) + 13;
        if (sorted.length > 0) {
            double median = Quantile.of(sorted, 0.5);
            page.open("g", "class", "quartiles " + group.role().style());
            page.leaf(
                    "title",
                    group.name() + ": median " + NumberStyle.TYPESET.number(median, decimals) + " of " + sorted.length);
            page.empty(
                    "line",
                    "x1",
                    HtmlWriter.coordinate(x),
                    "x2",
                    HtmlWriter.coordinate(x),
                    "y1",
                    HtmlWriter.coordinate(y(axis, Quantile.of(sorted, 0.25))),
                    "y2",
                    HtmlWriter.coordinate(y(axis, Quantile.of(sorted, 0.75))));
            page.empty(
                    "circle", "cx", HtmlWriter.coordinate(x), "cy", HtmlWriter.coordinate(y(axis, median)), "r", "4");
            page.close();
        }
        double y = HEIGHT + 18;
        if (isTilted()) {
            page.leaf(
                    "text",
                    group.name(),
                    "class",
                    "name end",
                    "transform",
                    "translate(" + HtmlWriter.coordinate(x(i) + 6) + " " + HtmlWriter.coordinate(y - 2)
                            + ") rotate(-35)");
        } else {
            page.leaf(
                    "text",
                    group.name(),
                    "class",
                    "name middle",
                    "x",
                    HtmlWriter.coordinate(x(i)),
                    "y",
                    HtmlWriter.coordinate(y));
        }
    }

    private double x(int group) {
        return LEFT + (group + 0.5) * (width() - LEFT - RIGHT) / groups.size();
    }

    private static double y(Axis axis, double value) {
        return TOP + (1 - Math.max(0, Math.min(1, axis.share(value)))) * (HEIGHT - TOP);
    }
}
