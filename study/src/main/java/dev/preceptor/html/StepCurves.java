package dev.preceptor.html;

import dev.preceptor.table.NumberStyle;
import java.util.List;

/**
 * Small panels side by side of a share over training steps, with a band around each line; all panels have the same axes.
 *
 * @param panels from left to right
 */
public record StepCurves(List<Panel> panels) implements Block {
    private static final int WIDTH = 232;
    private static final int HEIGHT = 150;
    private static final int LEFT = 36;
    private static final int RIGHT = 10;
    private static final int TOP = 8;
    private static final int BOTTOM = 20;

    public StepCurves {
        panels = List.copyOf(panels);
    }

    /**
     * Some lines, the last one on top.
     *
     * @param title of the panel
     */
    public record Panel(String title, List<Line> lines) {
        public Panel {
            lines = List.copyOf(lines);
        }
    }

    /**
     * A share over steps.
     *
     * @param label its name, shown under the mouse pointer
     * @param role its colour
     * @param points in the order of steps
     */
    public record Line(String label, ColorRole role, List<Point> points) {
        public Line {
            points = List.copyOf(points);
        }
    }

    /**
     * A value between 0 and 1 with its band.
     *
     * @param steps since the beginning
     * @param low lower end of the band
     * @param high upper end of the band
     */
    public record Point(double steps, double value, double low, double high) {}

    @Override
    public void render(HtmlWriter page) {
        double last = panels.stream()
                .flatMap(panel -> panel.lines().stream())
                .flatMap(line -> line.points().stream())
                .mapToDouble(Point::steps)
                .max()
                .orElse(1);
        page.open("div", "class", "panels").line();
        panels.forEach(panel -> panel(page, panel, last));
        page.close().line();
    }

    private static void panel(HtmlWriter page, Panel panel, double last) {
        page.open("figure", "class", "panel").leaf("figcaption", panel.title());
        page.open("svg", "viewBox", "0 0 " + WIDTH + " " + HEIGHT, "role", "img", "aria-label", panel.title());
        for (double tick : Axis.UNIT.ticks()) {
            Axis.UNIT.gridLine(page, tick, height(tick), LEFT, WIDTH - RIGHT, 6);
        }
        page.leaf("text", "0", "class", "tick middle", "x", x(0, last), "y", HEIGHT - 6);
        page.leaf(
                "text",
                NumberStyle.TYPESET.number(last, 0) + " steps",
                "class",
                "tick end",
                "x",
                WIDTH - RIGHT,
                "y",
                HEIGHT - 6);
        panel.lines().forEach(line -> line(page, line, last));
        page.close().close().line();
    }

    private static void line(HtmlWriter page, Line line, double last) {
        if (line.points().isEmpty()) {
            return;
        }
        StringBuilder path = new StringBuilder();
        StringBuilder upper = new StringBuilder();
        StringBuilder lower = new StringBuilder();
        for (Point point : line.points()) {
            String x = x(point.steps(), last);
            path.append(path.isEmpty() ? 'M' : 'L').append(x).append(' ').append(y(point.value()));
            upper.append(x).append(',').append(y(point.high())).append(' ');
            lower.insert(0, x + "," + y(point.low()) + " ");
        }
        page.open("g", "class", "curve " + line.role().style()).leaf("title", label(line));
        page.empty(
                "polygon",
                "class",
                "band",
                "points",
                upper.append(lower).toString().strip());
        page.empty("path", "d", path);
        if (line.points().size() == 1) {
            Point only = line.points().get(0);
            page.empty("circle", "cx", x(only.steps(), last), "cy", y(only.value()), "r", "2");
        }
        page.close();
    }

    private static String label(Line line) {
        Point end = line.points().get(line.points().size() - 1);
        return line.label() + ": " + NumberStyle.TYPESET.number(end.value(), 3) + " ["
                + NumberStyle.TYPESET.number(end.low(), 3) + ", " + NumberStyle.TYPESET.number(end.high(), 3)
                + "] after " + NumberStyle.TYPESET.number(end.steps(), 0) + " steps";
    }

    private static String x(double steps, double last) {
        return HtmlWriter.coordinate(LEFT + 6 + steps / last * (WIDTH - LEFT - RIGHT - 12));
    }

    private static String y(double value) {
        return HtmlWriter.coordinate(height(value));
    }

    private static double height(double value) {
        return TOP + (1 - Math.max(0, Math.min(1, value))) * (HEIGHT - TOP - BOTTOM);
    }
}
