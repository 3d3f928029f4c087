package dev.preceptor.report;

import dev.preceptor.html.HtmlWriter;
import java.awt.geom.Path2D;
import java.awt.geom.PathIterator;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Joins the loose segments of a {@link Contour} and writes them as the data of an SVG path, in tenths of a pixel. Stateless. */
final class Outline {
    /** In tenths of a pixel. */
    private static final double TOLERANCE = 2.5;

    private Outline() {}

    /** A point in tenths of a pixel. */
    private record Point(long x, long y) {}

    private record Segment(Point from, Point to) {}

    /** The data of the path; empty if the contour is. */
    static String of(Path2D contour) {
        Map<Point, Deque<Segment>> at = new LinkedHashMap<>();
        List<Segment> segments = segments(contour);
        for (Segment segment : segments) {
            at.computeIfAbsent(segment.from(), p -> new ArrayDeque<>()).add(segment);
            at.computeIfAbsent(segment.to(), p -> new ArrayDeque<>()).add(segment);
        }
        StringBuilder path = new StringBuilder();
        for (Segment first : segments) {
            if (!at.get(first.from()).remove(first)) {
                continue;
            }
            at.get(first.to()).remove(first);
            List<Point> line = new ArrayList<>(List.of(first.from(), first.to()));
            Point end = first.to();
            Segment next = at.get(end).poll();
            while (next != null) {
                end = next.from().equals(end) ? next.to() : next.from();
                at.get(end).remove(next);
                line.add(end);
                next = at.get(end).poll();
            }
            draw(path, simplified(line));
        }
        return path.toString();
    }

    /** Leaves out points within a quarter of a pixel of the line between the points that remain. */
    private static List<Point> simplified(List<Point> line) {
        List<Point> remaining = new ArrayList<>();
        int from = 0;
        remaining.add(line.get(0));
        for (int to = 2; to < line.size(); to++) {
            for (int between = from + 1; between < to; between++) {
                if (distance(line.get(between), line.get(from), line.get(to)) > TOLERANCE) {
                    from = to - 1;
                    remaining.add(line.get(from));
                    break;
                }
            }
        }
        remaining.add(line.get(line.size() - 1));
        return remaining;
    }

    private static double distance(Point p, Point a, Point b) {
        double length = Math.hypot(b.x() - a.x(), b.y() - a.y());
        return length == 0
                ? Math.hypot(p.x() - a.x(), p.y() - a.y())
                : Math.abs((double) (b.x() - a.x()) * (a.y() - p.y()) - (double) (a.x() - p.x()) * (b.y() - a.y()))
                        / length;
    }

    /** With relative steps, which make the page smaller. */
    private static void draw(StringBuilder path, List<Point> line) {
        path.append('M').append(text(line.get(0))).append('l');
        boolean isClosed = line.get(0).equals(line.get(line.size() - 1));
        int last = isClosed ? line.size() - 2 : line.size() - 1;
        for (int i = 1; i <= last; i++) {
            Point step = new Point(
                    line.get(i).x() - line.get(i - 1).x(),
                    line.get(i).y() - line.get(i - 1).y());
            path.append(i == 1 ? "" : " ").append(text(step));
        }
        path.append(isClosed ? "Z" : "");
    }

    private static List<Segment> segments(Path2D contour) {
        List<Segment> segments = new ArrayList<>();
        double[] at = new double[6];
        Point from = null;
        for (PathIterator i = contour.getPathIterator(null); !i.isDone(); i.next()) {
            boolean isLine = i.currentSegment(at) == PathIterator.SEG_LINETO;
            Point to = new Point(Math.round(at[0] * 10), Math.round(at[1] * 10));
            if (isLine && !to.equals(from)) {
                segments.add(new Segment(from, to));
            }
            from = to;
        }
        return segments;
    }

    private static String text(Point point) {
        return HtmlWriter.coordinate(point.x() / 10.0) + " " + HtmlWriter.coordinate(point.y() / 10.0);
    }
}
