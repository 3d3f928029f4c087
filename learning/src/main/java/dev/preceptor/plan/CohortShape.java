package dev.preceptor.plan;

import dev.preceptor.cohort.Fingerprint;
import dev.preceptor.cohort.SubjectStatistics;
import dev.preceptor.data.Preprocessing;
import dev.preceptor.volume.Orientation;
import dev.preceptor.volume.Quantile;
import dev.preceptor.volume.Size;
import java.util.Arrays;
import java.util.List;

/**
 * Extents and spacing of a cohort on the grid of the model, computed from the fingerprint without reading images. The brain
 * crop is the bounding box over all sequences of a subject, including those that the recipe does not use.
 *
 * @param median median extent along each axis, in voxels
 * @param spacing median spacing along each axis, in mm
 * @param voxels number of voxels of all subjects together
 * @param largest number of voxels of the largest subject before preprocessing
 */
public record CohortShape(double[] median, double[] spacing, long voxels, long largest) {
    /** The shape of a cohort after preprocessing. */
    public static CohortShape of(Fingerprint fingerprint, Preprocessing preprocessing) {
        List<Extent> extents = fingerprint.subjects().stream()
                .map(subject -> Extent.of(subject, preprocessing))
                .toList();
        double[] median = new double[3];
        double[] spacing = new double[3];
        for (int axis = 0; axis < 3; axis++) {
            int a = axis;
            median[a] =
                    median(extents.stream().mapToDouble(e -> e.size.along(a)).toArray());
            spacing[a] = median(extents.stream().mapToDouble(e -> e.spacing[a]).toArray());
        }
        return new CohortShape(
                median,
                spacing,
                extents.stream().mapToLong(e -> e.size.voxels()).sum(),
                fingerprint.subjects().stream()
                        .mapToLong(s -> s.size().voxels())
                        .max()
                        .orElse(0));
    }

    private static double median(double[] values) {
        Arrays.sort(values);
        return Quantile.of(values, 0.5);
    }

    /** Extents in voxels and spacing in mm of one subject. */
    private record Extent(Size size, double[] spacing) {
        static Extent of(SubjectStatistics subject, Preprocessing preprocessing) {
            Orientation target = new Orientation(preprocessing.orientation());
            int[] size = new int[3];
            double[] spacing = new double[3];
            for (int axis = 0; axis < 3; axis++) {
                int from = source(subject.orientation(), target.worldAxis(axis));
                double edge = subject.spacingMm()[from];
                double resolution = preprocessing.spacing() == 0 ? edge : preprocessing.spacing();
                int full = resampled(subject.size().along(from), edge, resolution);
                int cropped = switch (preprocessing.crop()) {
                    case NONE -> full;
                    case BRAIN -> Math.min(full, resampled(subject.brain().along(from), edge, resolution));
                    case CENTRE, BOX -> preprocessing.size().get(axis);
                };
                size[axis] = preprocessing.resize().isEmpty()
                        ? (cropped + preprocessing.stride() - 1) / preprocessing.stride()
                        : preprocessing.resize().get(axis);
                spacing[axis] = resolution
                        * (preprocessing.resize().isEmpty() ? preprocessing.stride() : (double) cropped / size[axis]);
            }
            return new Extent(new Size(size[0], size[1], size[2]), spacing);
        }

        /** The axis of the file that runs along a world axis. */
        private static int source(Orientation orientation, int worldAxis) {
            for (int axis = 0; axis < 3; axis++) {
                if (orientation.worldAxis(axis) == worldAxis) {
                    return axis;
                }
            }
            throw new IllegalStateException(orientation + " has no axis along " + worldAxis);
        }

        private static int resampled(int extent, double from, double to) {
            return Math.max(1, (int) Math.round(extent * from / to));
        }
    }
}
