package dev.preceptor.html;

import java.util.List;

/**
 * Small panels side by side, one for each quantity of a training: losses by term, Dice, learning rate.
 *
 * @param panels from left to right
 */
public record Curves(List<Panel> panels) implements Block {
    private static final int WIDTH = 232;
    private static final int HEIGHT = 140;
    private static final int LEFT = 42;
    private static final int RIGHT = 10;
    private static final int TOP = 8;
    private static final int BOTTOM = 20;

    public Curves {
        panels = List.copyOf(panels);
    }

    /**
     * One quantity.
     *
     * @param title its name
     * @param isShare whether it lies between 0 and 1; its axis then does too
     * @param lines its values over epochs
     */
    public record Panel(String title, boolean isShare, List<Line> lines) {
        public Panel {
            lines = List.copyOf(lines);
        }
    }

    /**
     * A quantity over epochs.
     *
     * @param label its name, shown under the mouse pointer
     * @param role its colour
     * @param points in the order of epochs
     */
    public record Line(String label, ColorRole role, List<Point> points) {
        public Line {
            points = List.copyOf(points);
        }
    }

    /** A value of an epoch, which counts from 1; NaN interrupts the line. */
    public record Point(int epoch, double value) {}

    @Override
    public void render(HtmlWriter page) {
        page.open("div", "class", "panels").line();
        panels.forEach(panel -> panel(page, panel));
        page.close().line();
    }

    private static void panel(HtmlWriter page, Panel panel) {
        List<Point> points = panel.lines().stream()
                .flatMap(line -> line.points().stream())
                .filter(point -> Double.isFinite(point.value()))
                .toList();
        double least = points.stream().mapToDouble(Point::value).min().orElse(Double.NaN);
        double most = points.stream().mapToDouble(Point::value).max().orElse(Double.NaN);
        int last = points.stream().mapToInt(Point::epoch).max().orElse(1);
        Axis axis = panel.isShare() ? Axis.UNIT : Axis.around(least, most, 3);
        page.open("figure", "class", "panel").leaf("figcaption", panel.title());
        page.open("svg", "viewBox", "0 0 " + WIDTH + " " + HEIGHT, "role", "img", "aria-label", panel.title());
        for (double tick : axis.ticks()) {
            axis.gridLine(page, tick, y(axis, tick), LEFT, WIDTH - RIGHT, 6);
        }
        page.leaf("text", "1", "class", "tick middle", "x", HtmlWriter.coordinate(x(1, last)), "y", HEIGHT - 6);
        if (last > 1) {
            page.leaf("text", "epoch " + last, "class", "tick end", "x", WIDTH - RIGHT, "y", HEIGHT - 6);
        }
        panel.lines().forEach(line -> line(page, axis, line, last));
        page.close().close().line();
    }

    private static void line(HtmlWriter page, Axis axis, Line line, int last) {
        StringBuilder path = new StringBuilder();
        boolean pen = false;
        for (Point point : line.points()) {
            if (!Double.isFinite(point.value())) {
                pen = false;
                continue;
            }
            path.append(pen ? 'L' : 'M')
                    .append(HtmlWriter.coordinate(x(point.epoch(), last)))
                    .append(' ');
            path.append(HtmlWriter.coordinate(y(axis, point.value())));
            pen = true;
        }
        page.open("g", "class", "curve " + line.role().style()).leaf("title", line.label());
        page.empty("path", "d", path);
        if (line.points().size() <= 12) {
            for (Point point : line.points()) {
                if (Double.isFinite(point.value())) {
                    page.empty(
                            "circle",
                            "cx",
                            HtmlWriter.coordinate(x(point.epoch(), last)),
                            "cy",
                            HtmlWriter.coordinate(y(axis, point.value())),
                            "r",
                            "2");
                }
            }
        }
        page.close();
    }

    private static double x(int epoch, int last) {
        double share = last == 1 ? 0.5 : (epoch - 1.0) / (last - 1);
        return LEFT + 6 + share * (WIDTH - LEFT - RIGHT - 12);
    }

    private static double y(Axis axis, double value) {
        return TOP + (1 - Math.max(0, Math.min(1, axis.share(value)))) * (HEIGHT - TOP - BOTTOM);
    }
}
