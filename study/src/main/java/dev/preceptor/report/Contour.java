package dev.preceptor.report;

import java.awt.geom.Path2D;

/**
 * The lines on which a sampled field equals a level, by marching squares with linear interpolation, the two-dimensional case
 * of marching cubes (Lorensen and Cline, SIGGRAPH 1987). Saddles are resolved by the mean of their corners. Stateless.
 */
final class Contour {
    private Contour() {}

    /**
     * Finds the lines.
     *
     * @param field values at the centres of pixels, row by row; outside, the field is 0
     * @return segments in pixel coordinates, not joined
     */
    static Path2D of(float[] field, int width, int height, float level) {
        Path2D path = new Path2D.Double();
        for (int row = -1; row < height; row++) {
            for (int column = -1; column < width; column++) {
                float a = at(field, width, height, column, row) - level;
                float b = at(field, width, height, column + 1, row) - level;
                float c = at(field, width, height, column + 1, row + 1) - level;
                float d = at(field, width, height, column, row + 1) - level;
                int inside = (a > 0 ? 1 : 0) | (b > 0 ? 2 : 0) | (c > 0 ? 4 : 0) | (d > 0 ? 8 : 0);
                if (inside != 0 && inside != 15) {
                    square(path, column + 0.5, row + 0.5, new float[] {a, b, c, d}, inside);
                }
            }
        }
        return path;
    }

    private static float at(float[] field, int width, int height, int column, int row) {
        boolean within = column >= 0 && row >= 0 && column < width && row < height;
        return within ? field[row * width + column] : 0;
    }

    /** Joins the crossings of the edges 0 top, 1 right, 2 bottom, 3 left of one square. */
    private static void square(Path2D path, double x, double y, float[] corners, int inside) {
        switch (inside) {
            case 1, 14 -> line(path, x, y, corners, 3, 0);
            case 2, 13 -> line(path, x, y, corners, 0, 1);
            case 3, 12 -> line(path, x, y, corners, 3, 1);
            case 4, 11 -> line(path, x, y, corners, 1, 2);
            case 6, 9 -> line(path, x, y, corners, 0, 2);
            case 7, 8 -> line(path, x, y, corners, 3, 2);
            default -> {
                boolean joined = corners[0] + corners[1] + corners[2] + corners[3] > 0;
                if (joined == (inside == 5)) {
                    line(path, x, y, corners, 0, 1);
                    line(path, x, y, corners, 2, 3);
                } else {
                    line(path, x, y, corners, 3, 0);
                    line(path, x, y, corners, 1, 2);
                }
            }
        }
    }

    private static void line(Path2D path, double x, double y, float[] corners, int from, int to) {
        double[] start = crossing(corners, from);
        double[] end = crossing(corners, to);
        path.moveTo(x + start[0], y + start[1]);
        path.lineTo(x + end[0], y + end[1]);
    }

    private static double[] crossing(float[] c, int edge) {
        return switch (edge) {
            case 0 -> new double[] {c[0] / (c[0] - c[1]), 0};
            case 1 -> new double[] {1, c[1] / (c[1] - c[2])};
            case 2 -> new double[] {c[3] / (c[3] - c[2]), 1};
            default -> new double[] {0, c[0] / (c[0] - c[3])};
        };
    }
}
