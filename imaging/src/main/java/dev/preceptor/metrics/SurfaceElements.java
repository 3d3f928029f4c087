package dev.preceptor.metrics;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * The area of the marching-cubes surface inside one cell of the dual grid, a cell whose eight corners are voxel centres,
 * for each of the 256 ways in which its corners can lie inside or outside a mask.
 *
 * <p>Derived here from the surface itself (Lorensen and Cline, SIGGRAPH 1987): edges are cut in the middle; where a
 * face has two opposite corners inside, each is cut off by itself; more than four corners inside give the surface of
 * the complement; a polygon is split into triangles in the way that has the largest area in the unit cube, that is,
 * along its flat parts. The areas agree with those that the surface distances of DeepMind use, which are tabulated
 * from the same surface.
 */
final class SurfaceElements {
    /** The surface of each code, in the unit cube. */
    private static final List<List<Triangle>> SURFACES =
            IntStream.range(0, 256).mapToObj(SurfaceElements::surface).toList();

    private final double[] areas = new double[256];

    /**
     * @param spacingMm the voxel's edges
     */
    SurfaceElements(double[] spacingMm) {
        Arrays.setAll(areas, code -> area(SURFACES.get(code), spacingMm));
    }

    private static List<Triangle> surface(int code) {
        int fewer = Integer.bitCount(code) <= 4 ? code : 255 - code;
        return polygons(fewer).stream()
                .flatMap(polygon -> flattest(polygon).stream())
                .toList();
    }

    /** The area in square millimetres; bit {@code x + 2y + 4z} of the code says whether that corner is inside. */
    double area(int code) {
        return areas[code];
    }

    /** A corner or the middle of an edge, in halves of the unit cube's edge. */
    private record Point(int x, int y, int z) {
        private static Point between(Point a, Point b) {
            return new Point((a.x + b.x) / 2, (a.y + b.y) / 2, (a.z + b.z) / 2);
        }

        private boolean isInside(int code) {
            return (code >> (x / 2 + y + 2 * z) & 1) != 0;
        }
    }

    private record Triangle(Point a, Point b, Point c) {
        private double area(double[] edges) {
            double ux = (b.x - a.x) * edges[0] / 2;
            double uy = (b.y - a.y) * edges[1] / 2;
            double uz = (b.z - a.z) * edges[2] / 2;
            double vx = (c.x - a.x) * edges[0] / 2;
            double vy = (c.y - a.y) * edges[1] / 2;
            double vz = (c.z - a.z) * edges[2] / 2;
            double nx = uy * vz - uz * vy;
            double ny = uz * vx - ux * vz;
            double nz = ux * vy - uy * vx;
            return Math.sqrt(nx * nx + ny * ny + nz * nz) / 2;
        }
    }

    private static double area(List<Triangle> triangles, double[] edges) {
        return triangles.stream().mapToDouble(t -> t.area(edges)).sum();
    }

    /** The closed loops in which the surface of a code cuts the cell's faces. */
    private static List<List<Point>> polygons(int code) {
        Map<Point, List<Point>> neighbours = new HashMap<>();
        for (List<Point> face : faces()) {
            for (int i = 0; i < 4; i++) {
                if (face.get(i).isInside(code) && !face.get((i + 3) % 4).isInside(code)) {
                    int end = i;
                    while (face.get((end + 1) % 4).isInside(code)) {
                        end++;
                    }
                    Point from = Point.between(face.get((i + 3) % 4), face.get(i));
                    Point to = Point.between(face.get(end % 4), face.get((end + 1) % 4));
                    neighbours.computeIfAbsent(from, p -> new ArrayList<>()).add(to);
                    neighbours.computeIfAbsent(to, p -> new ArrayList<>()).add(from);
                }
            }
        }
        List<List<Point>> polygons = new ArrayList<>();
        Set<Point> seen = new HashSet<>();
        for (Point start : neighbours.keySet()) {
            List<Point> loop = new ArrayList<>();
            Point current = start;
            while (current != null && seen.add(current)) {
                loop.add(current);
                current = neighbours.get(current).stream()
                        .filter(p -> !seen.contains(p))
                        .findFirst()
                        .orElse(null);
            }
            if (!loop.isEmpty()) {
                polygons.add(loop);
            }
        }
        return polygons;
    }

    /** The corners of each face in cyclic order. */
    private static List<List<Point>> faces() {
        List<List<Point>> faces = new ArrayList<>();
        for (int side = 0; side <= 2; side += 2) {
            faces.add(List.of(
                    new Point(side, 0, 0), new Point(side, 2, 0), new Point(side, 2, 2), new Point(side, 0, 2)));
            faces.add(List.of(
                    new Point(0, side, 0), new Point(2, side, 0), new Point(2, side, 2), new Point(0, side, 2)));
            faces.add(List.of(
                    new Point(0, 0, side), new Point(2, 0, side), new Point(2, 2, side), new Point(0, 2, side)));
        }
        return faces;
    }

    /** Of all ways to split a polygon into triangles, the one of largest area in the unit cube. */
    private static List<Triangle> flattest(List<Point> polygon) {
        double[] unit = {1, 1, 1};
        List<Triangle> best = List.of();
        double largest = -1;
        int last = polygon.size() - 1;
        for (int k = 1; k < last; k++) {
            List<Triangle> split = new ArrayList<>();
            split.add(new Triangle(polygon.get(0), polygon.get(k), polygon.get(last)));
            split.addAll(flattest(polygon.subList(0, k + 1)));
            split.addAll(flattest(polygon.subList(k, last + 1)));
            double area = area(split, unit);
            if (area > largest + 1e-12) {
                largest = area;
                best = split;
            }
        }
        return best;
    }
}
