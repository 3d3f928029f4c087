package dev.preceptor.dicom;

import dev.preceptor.volume.Affine;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.Size;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Slices of one volume in ascending order along the normal of their plane, and the grid that their positions make.
 *
 * <p>The third column of the affine is (last - first) / (n - 1), so that gantry tilt and rounding are kept, not the stated spacing.
 *
 * @param frames at least one, no two at one position
 * @param grid columns, rows and slices; RAS+
 * @param note how far positions are from even spacing, where that is more than 1 % of the gap
 * @param problem why these slices are no volume, in one line
 */
record SliceStack(List<DicomFrame> frames, Grid grid, Optional<String> note, Optional<String> problem) {
    private static final double NOTED_UNEVENNESS = 0.01;
    private static final double MAX_UNEVENNESS = 0.1;

    /** A step of this many usual ones means that slices are missing. */
    private static final double MISSING = 1.5;

    SliceStack {
        frames = List.copyOf(frames);
    }

    /**
     * Orders the slices of one volume.
     *
     * @param unordered slices that fit each other, at different positions
     * @throws DicomFrame.NotAVolumeException if a single slice has no thickness, or there are too many voxels
     */
    static SliceStack of(List<DicomFrame> unordered) throws DicomFrame.NotAVolumeException {
        double[] normal = unordered.get(0).normal();
        List<DicomFrame> frames = unordered.stream()
                .sorted(Comparator.comparingDouble(frame -> frame.along(normal)))
                .toList();
        DicomFrame first = frames.get(0);
        double[] step = step(frames, normal);
        double[] o = first.orientation();
        double[][] m = new double[3][4];
        for (int axis = 0; axis < 3; axis++) {
            // LPS to RAS: the first two world axes change their sign.
            double sign = axis < 2 ? -1 : 1;
            m[axis][0] = sign * o[axis] * first.columnSpacing();
            m[axis][1] = sign * o[axis + 3] * first.rowSpacing();
            m[axis][2] = sign * step[axis];
            m[axis][3] = sign * first.position()[axis];
        }
        Affine affine = Affine.of(m);
        long voxels = (long) first.rows() * first.columns() * frames.size();
        if (!affine.isInvertible() || voxels > Integer.MAX_VALUE - 16) {
            throw new DicomFrame.NotAVolumeException("has " + frames.size() + " slices of " + first.columns() + "x"
                    + first.rows() + " pixels, whose positions are no volume");
        }
        Grid grid = new Grid(new Size(first.columns(), first.rows(), frames.size()), affine);
        Optional<String> problem = missing(frames, normal);
        double deviation = deviation(frames, step);
        if (problem.isEmpty() && deviation > MAX_UNEVENNESS) {
            problem = Optional.of("its slices are unevenly spaced (" + percent(deviation)
                    + " of their distance); resample the series on even slices, or give another one");
        }
        Optional<String> note = deviation > NOTED_UNEVENNESS
                ? Optional.of("slices are unevenly spaced, by up to " + percent(deviation) + " of their distance")
                : Optional.empty();
        return new SliceStack(frames, grid, note, problem);
    }

    private static double[] step(List<DicomFrame> frames, double[] normal) throws DicomFrame.NotAVolumeException {
        DicomFrame first = frames.get(0);
        double[] step = new double[3];
        if (frames.size() == 1) {
            double gap = first.statedGap()
                    .orElseThrow(
                            () -> new DicomFrame.NotAVolumeException("is a single slice without a stated thickness"));
            for (int axis = 0; axis < 3; axis++) {
                step[axis] = gap * normal[axis];
            }
            return step;
        }
        DicomFrame last = frames.get(frames.size() - 1);
        for (int axis = 0; axis < 3; axis++) {
            step[axis] = (last.position()[axis] - first.position()[axis]) / (frames.size() - 1);
        }
        return step;
    }

    private static Optional<String> missing(List<DicomFrame> frames, double[] normal) {
        if (frames.size() < 3) {
            return Optional.empty();
        }
        double[] steps = new double[frames.size() - 1];
        for (int i = 0; i < steps.length; i++) {
            steps[i] = frames.get(i + 1).along(normal) - frames.get(i).along(normal);
        }
        double[] sorted = steps.clone();
        Arrays.sort(sorted);
        double usual = sorted[sorted.length / 2];
        int gaps = 0;
        double largest = 0;
        for (double step : steps) {
            if (step > MISSING * usual) {
                gaps++;
                largest = Math.max(largest, step);
            }
        }
        return gaps == 0
                ? Optional.empty()
                : Optional.of(String.format(
                        Locale.ROOT,
                        "slices are missing: at %d of %d places the next slice is up to %.4g mm away instead of %.4g mm;"
                                + " fetch the whole series",
                        gaps,
                        steps.length,
                        largest,
                        usual));
    }

    /** The largest distance of a slice from its place on even spacing, as a part of the gap. */
    private static double deviation(List<DicomFrame> frames, double[] step) {
        double gap = Math.sqrt(step[0] * step[0] + step[1] * step[1] + step[2] * step[2]);
        double worst = 0;
        double[] first = frames.get(0).position();
        for (int i = 0; i < frames.size(); i++) {
            double sum = 0;
            for (int axis = 0; axis < 3; axis++) {
                double off = frames.get(i).position()[axis] - first[axis] - i * step[axis];
                sum += off * off;
            }
            worst = Math.max(worst, Math.sqrt(sum));
        }
        return worst / gap;
    }

    private static String percent(double part) {
        return String.format(Locale.ROOT, "%.1f %%", 100 * part);
    }
}
