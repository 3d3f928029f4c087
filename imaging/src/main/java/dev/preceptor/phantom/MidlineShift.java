package dev.preceptor.phantom;

/**
 * The displacement of the structures near the midline away from a lesion. It is largest in the midplane at the height of
 * the lesion and fades over a few centimetres.
 *
 * @param millimetres along x, positive towards the patient's right (larger x); 0 for none
 * @param y of the largest displacement
 * @param z of the largest displacement
 */
record MidlineShift(double millimetres, double y, double z) {
    static final MidlineShift NONE = new MidlineShift(0, 0, 0);

    private static final double MIDLINE = -118.5;
    private static final double WIDTH_X = 26;
    private static final double WIDTH_Y = 42;
    private static final double WIDTH_Z = 30;

    /** The most that leaves the order of the points along x as it is: WIDTH_X divided by the steepest slope, with a margin. */
    private static final double MOST = 14;

    /** The shift away from a lesion, limited to 14 mm. */
    static MidlineShift awayFrom(Lesion lesion, double millimetres) {
        double fromMidline = lesion.centre()[0] - MIDLINE;
        double limited = Math.min(MOST, millimetres);
        return new MidlineShift(fromMidline > 0 ? -limited : limited, lesion.centre()[1], lesion.centre()[2]);
    }

    /** Moves a point of displaced tissue back to its position before the shift. */
    void undo(double[] point) {
        if (millimetres == 0) {
            return;
        }
        double dx = (point[0] - MIDLINE) / WIDTH_X;
        double dy = (point[1] - y) / WIDTH_Y;
        double dz = (point[2] - z) / WIDTH_Z;
        double squared = dx * dx + dy * dy + dz * dz;
        if (squared < 12) {
            point[0] -= millimetres * StrictMath.exp(-0.5 * squared);
        }
    }
}
