package dev.preceptor.phantom;

import java.util.List;

/**
 * How the lesions of a patient displace the tissue around them.
 *
 * @param lesions that push
 * @param shift of the midline
 * @param isHeldBySkull whether displacements fade towards the skull, so that a lesion near the surface does not bulge
 */
record MassEffect(List<Lesion> lesions, MidlineShift shift, boolean isHeldBySkull) {
    /** No lesion. */
    static final MassEffect NONE = new MassEffect(List.of(), MidlineShift.NONE, false);

    /** An ellipsoid close to the inner surface of the skull: its centre and its radii in millimetres. */
    private static final double[] SKULL = {-118.5, 114, 78};

    private static final double[] RADII = {66, 84, 66};

    /** The relative distance from the skull over which displacements fade. */
    private static final double FADE = 0.4;

    MassEffect {
        lesions = List.copyOf(lesions);
    }

    /** Moves a point of displaced tissue back to its position before the mass effect. */
    void undo(double[] point) {
        for (Lesion lesion : lesions) {
            lesion.undoMassEffect(point, isHeldBySkull ? freedom(point) : 1);
        }
        shift.undo(point);
    }

    /** How freely tissue moves: 0 at the skull, 1 deep inside. */
    private static double freedom(double[] point) {
        double squared = 0;
        for (int axis = 0; axis < 3; axis++) {
            double offset = (point[axis] - SKULL[axis]) / RADII[axis];
            squared += offset * offset;
        }
        return Solids.clamp((1 - Math.sqrt(squared)) / FADE);
    }
}
