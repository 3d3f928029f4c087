package dev.preceptor.report;

import java.util.Locale;

/**
 * The three anatomical planes in radiological orientation: the patient's right, or anterior, is on the left of the picture;
 * superior, or anterior, is up.
 */
enum View {
    AXIAL(new double[] {-1, 0, 0}, new double[] {0, -1, 0}, 2, "R", "L"),
    CORONAL(new double[] {-1, 0, 0}, new double[] {0, 0, -1}, 1, "R", "L"),
    SAGITTAL(new double[] {0, -1, 0}, new double[] {0, 0, -1}, 0, "A", "P");

    private final double[] right;
    private final double[] down;
    private final int normal;
    private final String leftMark;
    private final String rightMark;

    View(double[] right, double[] down, int normal, String leftMark, String rightMark) {
        this.right = right;
        this.down = down;
        this.normal = normal;
        this.leftMark = leftMark;
        this.rightMark = rightMark;
    }

    /** The world axis (0 right, 1 anterior, 2 superior) that is constant on a slice. */
    int normal() {
        return normal;
    }

    /** The world axis that runs along the rows of the picture. */
    int across() {
        return right[0] != 0 ? 0 : 1;
    }

    /** The world axis that runs along the columns of the picture. */
    int along() {
        return down[1] != 0 ? 1 : 2;
    }

    /** The side of the patient at the left edge. */
    String leftMark() {
        return leftMark;
    }

    /** The side of the patient at the right edge. */
    String rightMark() {
        return rightMark;
    }

    @Override
    public String toString() {
        return name().charAt(0) + name().substring(1).toLowerCase(Locale.ROOT);
    }
}
