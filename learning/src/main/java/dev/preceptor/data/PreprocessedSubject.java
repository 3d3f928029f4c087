package dev.preceptor.data;

import dev.preceptor.base.MismatchException;
import dev.preceptor.data.Preprocessing.Normalisation;
import dev.preceptor.volume.Box;
import dev.preceptor.volume.Cropping;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.Intensities;
import dev.preceptor.volume.LabelClass;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Orientation;
import dev.preceptor.volume.Reorientation;
import dev.preceptor.volume.Size;
import dev.preceptor.volume.Volume;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * The volumes of a subject on the model grid, and the inverse transform from there to the grid of the volumes. Arrays are
 * x-fastest; callers must not change them.
 *
 * <p>Three grids: that of the volumes; the oriented one, which has the same voxels in the model's orientation; the
 * model grid after resampling, cropping and subsampling. See {@code docs/decisions/003}.
 */
public final class PreprocessedSubject {
    private final Preprocessing preprocessing;
    private final Reorientation reorientation;
    private final Grid resampled;
    private final Box box;
    private final int[][] sampled;
    private final Grid grid;
    private final List<float[]> images;

    PreprocessedSubject(Preprocessing preprocessing, List<Volume> volumes) {
        this.preprocessing = preprocessing;
        this.reorientation = Reorientation.of(volumes.get(0).grid(), new Orientation(preprocessing.orientation()));
        double edge = preprocessing.spacing();
        requireAddressable(reorientation.to(), edge);
        this.resampled = edge == 0 || hasSpacing(reorientation.to(), edge)
                ? reorientation.to()
                : reorientation.to().withSpacing(edge, edge, edge);
        List<float[]> uncropped = new ArrayList<>();
        for (Volume volume : volumes) {
            uncropped.add(resampleImage(reorientation.apply(volume).voxels()));
        }
        this.box = box(uncropped);
        this.sampled = new int[][] {sampled(0), sampled(1), sampled(2)};
        this.grid = resampled
                .crop(box)
                .subsampled(
                        new Size(sampled[0].length, sampled[1].length, sampled[2].length), step(0), step(1), step(2));
        this.images = uncropped.stream()
                .map(voxels -> preprocessing.normalisation() == Normalisation.RAW
                        ? sample(voxels)
                        : Intensities.zScoreNonZero(sample(voxels), Intensities.nonZero(voxels)))
                .toList();
    }

    private static void requireAddressable(Grid grid, double edge) {
        double voxels = grid.size().voxels() * grid.voxelVolume() / (edge * edge * edge);
        if (edge > 0 && voxels > Integer.MAX_VALUE - 8) {
            throw new MismatchException(String.format(
                    Locale.ROOT,
                    "an image of %s would have %.2g voxels at the model's spacing of %s mm; more than 2^31-1 are not"
                            + " supported: crop the image to the head",
                    grid,
                    voxels,
                    edge));
        }
    }

    /** The voxels of the crop that are on the model grid, along an axis, counted from the start of the crop. */
    private int[] sampled(int axis) {
        int extent = box.size().along(axis);
        int count = preprocessing.resize().isEmpty()
                ? (extent + preprocessing.stride() - 1) / preprocessing.stride()
                : preprocessing.resize().get(axis);
        int[] sampled = new int[count];
        for (int i = 0; i < count; i++) {
            sampled[i] =
                    preprocessing.resize().isEmpty() ? i * preprocessing.stride() : (int) ((long) i * extent / count);
        }
        return sampled;
    }

    /** How many voxels of the crop one step on the model grid is, along an axis. */
    private double step(int axis) {
        return preprocessing.resize().isEmpty()
                ? preprocessing.stride()
                : (double) box.size().along(axis) / preprocessing.resize().get(axis);
    }

    private static boolean hasSpacing(Grid grid, double edge) {
        return Arrays.stream(grid.spacing()).allMatch(s -> Math.abs(s - edge) <= Grid.TOLERANCE * edge);
    }

    /** The model grid. */
    public Grid grid() {
        return grid;
    }

    /** The grid of the volumes. */
    public Grid originalGrid() {
        return reorientation.from();
    }

    /** One array per volume, in the order of the volumes, on {@link #grid()}. */
    public List<float[]> images() {
        return images;
    }

    /** Whether volumes were interpolated, so that the inverse transform is not exact. */
    public boolean isResampled() {
        return resampled != reorientation.to();
    }

    /**
     * Labels on {@link #grid()} as classes of a network: 0 background, the number of the class in the label space
     * ({@link LabelSpace#numberOf}), {@link Sample#IGNORED}. With resampling a voxel takes the class that has the largest
     * weight in its neighbourhood; subsampling and resizing take the class of the nearest voxel.
     *
     * @throws dev.preceptor.base.MismatchException if the labels do not lie on the grid of the volumes
     */
    public byte[] classes(LabelMap labels) {
        labels.grid().requireMatches(reorientation.from(), "the label map", "its subject");
        byte[] classes = new byte[128];
        LabelSpace space = labels.schema();
        space.values()
                .forEach((value, labelClass) -> classes[value] =
                        labelClass.equals(LabelClass.IGNORE) ? Sample.IGNORED : (byte) space.numberOf(labelClass));
        byte[] oriented = reorientation.apply(labels).voxels();
        float[] values = new float[oriented.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = classes[oriented[i]];
        }
        float[] onModelGrid = sample(resampleClasses(values));
        byte[] result = new byte[onModelGrid.length];
        for (int i = 0; i < result.length; i++) {
            result[i] = (byte) onModelGrid[i];
        }
        return result;
    }

    /** Receives a part of the inverse transform. */
    @FunctionalInterface
    public interface SliceConsumer {
        /**
         * Called for one slice after the other.
         *
         * @param voxels indices on the grid of the volumes; valid during the call
         * @param values of each channel at these voxels; valid during the call
         */
        void accept(int[] voxels, List<float[]> values);
    }

    /**
     * The inverse transform: channels on {@link #grid()} as channels on the grid of the volumes, slice by slice, so that no array
     * needs a value for each voxel of the volumes. Without resampling and subsampling voxels are copied, otherwise interpolated
     * trilinearly between voxel centres. Voxels outside the crop, whose value is 0, are left out.
     *
     * @param channels x-fastest arrays on {@link #grid()}, such as probabilities
     * @param consumer receives each voxel inside the crop once
     */
    public void invert(List<float[]> channels, SliceConsumer consumer) {
        InverseAxisMap[] axes = {inverse(0), inverse(1), inverse(2)};
        boolean exact = axes[0].isExact() && axes[1].isExact() && axes[2].isExact();
        int[] xs = axes[0].inside();
        int[] ys = axes[1].inside();
        int[] lower = axes[0].lower();
        boolean copies = exact && axes[0].isConsecutive();
        int[] voxels = new int[xs.length * ys.length];
        List<float[]> values =
                channels.stream().map(channel -> new float[voxels.length]).toList();
        for (int z : axes[2].inside()) {
            int next = 0;
            for (int y : ys) {
                reorientation.sourceIndices(xs, y, z, voxels, next);
                for (int c = 0; c < values.size(); c++) {
                    float[] channel = channels.get(c);
                    float[] slice = values.get(c);
                    if (copies) {
                        int first = grid.size().index(lower[xs[0]], axes[1].lower()[y], axes[2].lower()[z]);
                        System.arraycopy(channel, first, slice, next, xs.length);
                    } else {
                        for (int i = 0; i < xs.length; i++) {
                            slice[next + i] = exact
                                    ? channel[grid.size().index(lower[xs[i]], axes[1].lower()[y], axes[2].lower()[z])]
                                    : interpolate(channel, axes, xs[i], y, z);
                        }
                    }
                }
                next += xs.length;
            }
            consumer.accept(voxels, values);
        }
    }

    /**
     * One channel of the inverse transform as an x-fastest array on the grid of the volumes, 0 outside the crop.
     *
     * @param channel x-fastest on {@link #grid()}
     */
    public float[] invert(float[] channel) {
        float[] result = new float[reorientation.from().size().voxels()];
        invert(List.of(channel), (voxels, values) -> {
            float[] slice = values.get(0);
            for (int i = 0; i < voxels.length; i++) {
                result[voxels[i]] = slice[i];
            }
        });
        return result;
    }

    private InverseAxisMap inverse(int axis) {
        int[] start = {box.x0(), box.y0(), box.z0()};
        return InverseAxisMap.of(
                reorientation.to().size().along(axis),
                ratio(axis),
                resampled.size().along(axis),
                start[axis],
                start[axis] + box.size().along(axis),
                sampled[axis]);
    }

    private double ratio(int axis) {
        return isResampled() ? preprocessing.spacing() / reorientation.to().spacing()[axis] : 1;
    }

    private float interpolate(float[] channel, InverseAxisMap[] axes, int x, int y, int z) {
        int at = grid.size().index(axes[0].lower()[x], axes[1].lower()[y], axes[2].lower()[z]);
        float fx = axes[0].fraction()[x];
        float fy = axes[1].fraction()[y];
        float fz = axes[2].fraction()[z];
        int dx = fx == 0 ? 0 : 1;
        int dy = fy == 0 ? 0 : grid.size().x();
        int dz = fz == 0 ? 0 : grid.size().x() * grid.size().y();
        float near =
                lerp(lerp(channel[at], channel[at + dx], fx), lerp(channel[at + dy], channel[at + dy + dx], fx), fy);
        int above = at + dz;
        float far = lerp(
                lerp(channel[above], channel[above + dx], fx),
                lerp(channel[above + dy], channel[above + dy + dx], fx),
                fy);
        return lerp(near, far, fz);
    }

    private static float lerp(float a, float b, float weight) {
        return a + weight * (b - a);
    }

    /**
     * Resamples without darkening the rim of the brain: the mean is taken over non-zero voxels only, and a voxel is
     * background, exactly 0, where these have less than half of the weight.
     */
    private float[] resampleImage(float[] voxels) {
        if (!isResampled()) {
            return voxels;
        }
        float[] nonZero = new float[voxels.length];
        for (int i = 0; i < nonZero.length; i++) {
            nonZero[i] = voxels[i] == 0 ? 0 : 1;
        }
        float[] values = resample(voxels);
        float[] weights = resample(nonZero);
        for (int i = 0; i < values.length; i++) {
            values[i] = weights[i] < 0.5f ? 0 : values[i] / weights[i];
        }
        return values;
    }

    private float[] resampleClasses(float[] classes) {
        if (!isResampled()) {
            return classes;
        }
        float[] result = new float[resampled.size().voxels()];
        float[] best = new float[result.length];
        boolean[] occurs = new boolean[128];
        for (float label : classes) {
            occurs[(int) label] = true;
        }
        for (int label = 0; label < occurs.length; label++) {
            if (!occurs[label]) {
                continue;
            }
            float[] indicator = new float[classes.length];
            for (int i = 0; i < indicator.length; i++) {
                indicator[i] = classes[i] == label ? 1 : 0;
            }
            float[] weights = resample(indicator);
            for (int i = 0; i < result.length; i++) {
                if (weights[i] > best[i]) {
                    best[i] = weights[i];
                    result[i] = label;
                }
            }
        }
        return result;
    }

    private float[] resample(float[] voxels) {
        AxisResampling[] axes = new AxisResampling[3];
        for (int axis = 0; axis < 3; axis++) {
            axes[axis] = AxisResampling.of(
                    reorientation.to().size().along(axis), resampled.size().along(axis), ratio(axis));
        }
        return AxisResampling.apply(voxels, reorientation.to().size(), axes[0], axes[1], axes[2]);
    }

    private Box box(List<float[]> uncropped) {
        Size size = resampled.size();
        return switch (preprocessing.crop()) {
            case NONE -> Box.of(size);
            case CENTRE -> Box.centred(size, size(preprocessing.size()));
            case BOX ->
                Box.at(
                        preprocessing.from().get(0),
                        preprocessing.from().get(1),
                        preprocessing.from().get(2),
                        size(preprocessing.size()));
            case BRAIN ->
                Cropping.brainBox(uncropped.stream()
                        .map(voxels -> new Volume(resampled, voxels))
                        .toList());
        };
    }

    private static Size size(List<Integer> extents) {
        return new Size(extents.get(0), extents.get(1), extents.get(2));
    }

    /** The voxels of the model grid; 0 where the crop reaches outside the volume. */
    private float[] sample(float[] voxels) {
        Size from = resampled.size();
        Size to = grid.size();
        float[] result = new float[to.voxels()];
        for (int k = 0; k < to.z(); k++) {
            int z = box.z0() + sampled[2][k];
            for (int j = 0; j < to.y(); j++) {
                int y = box.y0() + sampled[1][j];
                if (z < 0 || z >= from.z() || y < 0 || y >= from.y()) {
                    continue;
                }
                for (int i = 0; i < to.x(); i++) {
                    int x = box.x0() + sampled[0][i];
                    if (x >= 0 && x < from.x()) {
                        result[to.index(i, j, k)] = voxels[from.index(x, y, z)];
                    }
                }
            }
        }
        return result;
    }
}
