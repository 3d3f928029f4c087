package dev.preceptor.phantom;

/**
 * The superior sagittal, the straight and the transverse sinuses, and the falx. They lie at the midline, at the tentorium and
 * below the surface.
 *
 * @param radius in millimetres
 */
record VenousSinuses(double radius) {
    private static final double MIDLINE = -118.5;
    private static final double TENTORIUM_Y = 48;
    private static final double TENTORIUM_Z = 48;

    /**
     * The fraction of a voxel inside a sinus.
     *
     * @param spacing the edge of a voxel in millimetres
     * @param surface the proximity of the outer surface, see {@link Brain}
     */
    double fraction(double[] point, double spacing, double surface) {
        double fromMidline = Math.abs(point[0] - MIDLINE);
        double sagittal = point[2] > 75 || point[1] < 60 ? surface * Solids.coverage(radius - fromMidline, spacing) : 0;
        double fromTentorium = Math.abs(point[2] - TENTORIUM_Z);
        double transverse = point[1] < 75 ? surface * Solids.coverage(0.9 * radius - fromTentorium, spacing) : 0;
        return Math.max(Math.max(sagittal, transverse), straight(point, spacing, fromMidline));
    }

    /** The straight sinus rises from the back of the tentorium towards the thalami. */
    private double straight(double[] point, double spacing, double fromMidline) {
        double along = point[1] - (TENTORIUM_Y - 20);
        double height = point[2] - (TENTORIUM_Z + 0.5 * along);
        if (along < 0 || along > 42) {
            return 0;
        }
        return Solids.coverage(0.55 * radius - Math.sqrt(fromMidline * fromMidline + height * height), spacing);
    }

    /** The fraction of falx: a sheet of about 3 mm between the hemispheres, above the corpus callosum. */
    static double falx(double[] point) {
        double fromMidline = Math.abs(point[0] - MIDLINE);
        return point[2] > 105 || point[1] < 55 && point[2] > 60 ? Solids.clamp(1.2 - 0.5 * fromMidline) : 0;
    }
}
