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
 * The area of the marching-cubes surface inside one cell of the dual grid, for each of the 256 ways in which the cell's
 * eight corners (voxel centres) can lie inside or outside a mask.
 *
 * <p>The areas are derived from the surface itself (Lorensen and Cline, SIGGRAPH 1987). Edges are cut in the middle. On a
 * face with two opposite corners inside, each corner is cut off separately. A code with more than four corners inside has
 * the surface of its complement. A polygon is split into the triangulation of largest area in the unit cube, which follows
 * its flat parts. The areas agree with the tables of DeepMind's surface distances.
 */
final class SurfaceElements {
    /** The triangles of each corner code, in the unit cube. */
    private static final List<List<Triangle>> SURFACES =
            IntStream.range(0, 256).mapToObj(SurfaceElements::surface).toList();

    private final double[] areas = new double[256];

    /** @param spacingMm the edges of a voxel in millimetres */
    SurfaceElements(double[] spacingMm) {
        Arrays.setAll(areas, code -> area(SURFACES.get(code), spacingMm));
    }

    private static List<Triangle> surface(int code) {
        int minority = Integer.bitCount(code) <= 4 ? code : 255 - code;
        return polygons(minority).stream()
                .flatMap(polygon -> largestTriangulation(polygon).stream())
                .toList();
    }

    /** The area of a corner code in square millimetres; bit {@code x + 2y + 4z} says whether that corner is inside. */
    double area(int code) {
        return areas[code];
    }

    /** A corner or the middle of an edge of the cell, in units of half an edge. */
    private record CellPoint(int x, int y, int z) {
        private static CellPoint between(CellPoint a, CellPoint b) {
            return new CellPoint((a.x + b.x) / 2, (a.y + b.y) / 2, (a.z + b.z) / 2);
        }

        private boolean isInside(int code) {
            return (code >> (x / 2 + y + 2 * z) & 1) != 0;
        }
    }

    private record Triangle(CellPoint a, CellPoint b, CellPoint c) {
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

    /** The closed polygons in which the surface of a code cuts the faces of the cell. */
    private static List<List<CellPoint>> polygons(int code) {
        Map<CellPoint, List<CellPoint>> neighbours = new HashMap<>();
        for (List<CellPoint> face : faces()) {
            for (int i = 0; i < 4; i++) {
                if (face.get(i).isInside(code) && !face.get((i + 3) % 4).isInside(code)) {
                    int end = i;
                    while (face.get((end + 1) % 4).isInside(code)) {
                        end++;
                    }
                    CellPoint from = CellPoint.between(face.get((i + 3) % 4), face.get(i));
                    CellPoint to = CellPoint.between(face.get(end % 4), face.get((end + 1) % 4));
                    neighbours.computeIfAbsent(from, p -> new ArrayList<>()).add(to);
                    neighbours.computeIfAbsent(to, p -> new ArrayList<>()).add(from);
                }
            }
        }
        List<List<CellPoint>> polygons = new ArrayList<>();
        Set<CellPoint> seen = new HashSet<>();
        for (CellPoint start : neighbours.keySet()) {
            List<CellPoint> loop = new ArrayList<>();
            CellPoint current = start;
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
    private static List<List<CellPoint>> faces() {
        List<List<CellPoint>> faces = new ArrayList<>();
        for (int side = 0; side <= 2; side += 2) {
            faces.add(List.of(
                    new CellPoint(side, 0, 0),
                    new CellPoint(side, 2, 0),
                    new CellPoint(side, 2, 2),
                    new CellPoint(side, 0, 2)));
            faces.add(List.of(
                    new CellPoint(0, side, 0),
                    new CellPoint(2, side, 0),
                    new CellPoint(2, side, 2),
                    new CellPoint(0, side, 2)));
            faces.add(List.of(
                    new CellPoint(0, 0, side),
                    new CellPoint(2, 0, side),
                    new CellPoint(2, 2, side),
                    new CellPoint(0, 2, side)));
        }
        return faces;
    }

    /** The triangulation of a polygon that has the largest area in the unit cube. */
    private static List<Triangle> largestTriangulation(List<CellPoint> polygon) {
        double[] unit = {1, 1, 1};
        List<Triangle> best = List.of();
        double largest = -1;
        int last = polygon.size() - 1;
        for (int k = 1; k < last; k++) {
            List<Triangle> split = new ArrayList<>();
            split.add(new Triangle(polygon.get(0), polygon.get(k), polygon.get(last)));
            split.addAll(largestTriangulation(polygon.subList(0, k + 1)));
            split.addAll(largestTriangulation(polygon.subList(k, last + 1)));
            double area = area(split, unit);
            if (area > largest + 1e-12) {
                largest = area;
                best = split;
            }
        }
        return best;
    }
}
