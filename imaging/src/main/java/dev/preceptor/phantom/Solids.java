package dev.preceptor.phantom;

/**
 * Signed distance functions of solids, in millimetres, negative inside. They are accurate near the surface and have the
 * correct sign everywhere.
 */
final class Solids {
    private Solids() {}

    /** An ellipsoid at the origin with the given radii. */
    static double ellipsoid(double x, double y, double z, double rx, double ry, double rz) {
        double ux = x / rx;
        double uy = y / ry;
        double uz = z / rz;
        double k = Math.sqrt(ux * ux + uy * uy + uz * uz);
        double vx = ux / rx;
        double vy = uy / ry;
        double vz = uz / rz;
        double slope = Math.sqrt(vx * vx + vy * vy + vz * vz);
        return slope < 1e-12 ? -Math.min(rx, Math.min(ry, rz)) : k * (k - 1) / slope;
    }

    /** An ellipsoid with fuller corners: 35 % of the way to the superellipsoid of exponent four. */
    static double bluntEllipsoid(double x, double y, double z, double rx, double ry, double rz) {
        double ux = x * x / (rx * rx);
        double uy = y * y / (ry * ry);
        double uz = z * z / (rz * rz);
        double round = Math.sqrt(ux + uy + uz);
        double blunt = 0.65 * round + 0.35 * Math.sqrt(Math.sqrt(ux * ux + uy * uy + uz * uz));
        double shrink = round < 1e-9 ? 1 : blunt / round;
        return ellipsoid(x * shrink, y * shrink, z * shrink, rx, ry, rz);
    }

    /**
     * A chain of capsules. Each row of {@code points} is x, y, z and a radius, which is multiplied by {@code scale}.
     */
    static double chain(double[][] points, double x, double y, double z, double scale) {
        double nearest = Double.MAX_VALUE;
        for (int i = 1; i < points.length; i++) {
            double[] a = points[i - 1];
            double[] b = points[i];
            double bx = b[0] - a[0];
            double by = b[1] - a[1];
            double bz = b[2] - a[2];
            double px = x - a[0];
            double py = y - a[1];
            double pz = z - a[2];
            double t = clamp((px * bx + py * by + pz * bz) / (bx * bx + by * by + bz * bz));
            double dx = px - t * bx;
            double dy = py - t * by;
            double dz = pz - t * bz;
            double radius = scale * (a[3] + t * (b[3] - a[3]));
            nearest = Math.min(nearest, Math.sqrt(dx * dx + dy * dy + dz * dz) - radius);
        }
        return nearest;
    }

    /** The union of two solids with a smooth transition of {@code width} millimetres. */
    static double smoothUnion(double a, double b, double width) {
        double h = Math.max(width - Math.abs(a - b), 0) / width;
        return Math.min(a, b) - h * h * width / 4;
    }

    /** The distance to a sheet that ends where {@code excess} becomes positive. */
    static double distanceToSheet(double toSheet, double excess) {
        return excess <= 0 ? toSheet : Math.sqrt(toSheet * toSheet + excess * excess);
    }

    /** The fraction of a cube of edge {@code edge} on the positive side of a plane at distance {@code distance}. */
    static double coverage(double distance, double edge) {
        return clamp(0.5 + distance / edge);
    }

    /** The value limited to [0, 1]. */
    static double clamp(double value) {
        return value < 0 ? 0 : value > 1 ? 1 : value;
    }
}
