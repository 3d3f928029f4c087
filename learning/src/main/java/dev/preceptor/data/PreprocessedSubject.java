package dev.preceptor.data;

import dev.preceptor.base.MismatchException;
import dev.preceptor.data.Preprocessing.Normalisation;
import dev.preceptor.volume.Box;
import dev.preceptor.volume.Cropping;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.Intensities;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.Orientation;
import dev.preceptor.volume.Reorientation;
import dev.preceptor.volume.Size;
import dev.preceptor.volume.Tissue;
import dev.preceptor.volume.Volume;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * The volumes of a subject as a network sees them, and the way back to the grid on which they came. Arrays are x-fastest
 * and to be treated as constant.
 */
public final class PreprocessedSubject {
    private final Preprocessing preprocessing;
    private final Reorientation order;
    private final Grid resampled;
    private final Box box;
    private final int[][] kept;
    private final Grid grid;
    private final List<float[]> images;

    PreprocessedSubject(Preprocessing preprocessing, List<Volume> volumes) {
        this.preprocessing = preprocessing;
        this.order = Reorientation.of(volumes.get(0).grid(), new Orientation(preprocessing.orientation()));
        double edge = preprocessing.spacing();
        requireModest(order.to(), edge);
        this.resampled = edge == 0 || hasSpacing(order.to(), edge)
                ? order.to()
                : order.to().withSpacing(edge, edge, edge);
        List<float[]> whole = new ArrayList<>();
        for (Volume volume : volumes) {
            whole.add(resampleImage(order.apply(volume).voxels()));
        }
        this.box = box(whole);
        this.kept = new int[][] {kept(0), kept(1), kept(2)};
        this.grid = resampled
                .crop(box)
                .subsampled(new Size(kept[0].length, kept[1].length, kept[2].length), step(0), step(1), step(2));
        this.images = whole.stream()
                .map(voxels -> pick(
                        preprocessing.normalisation() == Normalisation.RAW
                                ? voxels
                                : Intensities.zScoreNonZero(voxels)))
                .toList();
    }

    private static void requireModest(Grid grid, double edge) {
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

    /** Which voxels of the crop lie on the model grid, along an axis. */
    private int[] kept(int axis) {
        int extent = box.size().along(axis);
        int count = preprocessing.resize().isEmpty()
                ? (extent + preprocessing.stride() - 1) / preprocessing.stride()
                : preprocessing.resize().get(axis);
        int[] kept = new int[count];
        for (int i = 0; i < count; i++) {
            kept[i] = preprocessing.resize().isEmpty() ? i * preprocessing.stride() : (int) ((long) i * extent / count);
        }
        return kept;
    }

    /** Voxels of the crop for one of the model grid. */
    private double step(int axis) {
        return preprocessing.resize().isEmpty()
                ? preprocessing.stride()
                : (double) box.size().along(axis) / preprocessing.resize().get(axis);
    }

    private static boolean hasSpacing(Grid grid, double edge) {
        return Arrays.stream(grid.spacing()).allMatch(s -> Math.abs(s - edge) <= Grid.TOLERANCE * edge);
    }

    /** Where the voxels of the prepared images lie. */
    public Grid grid() {
        return grid;
    }

    /** The images in the order of the volumes, on {@link #grid()}. */
    public List<float[]> images() {
        return images;
    }

    /** Whether grids are changed by interpolation, so that the way back is not exact. */
    public boolean isResampled() {
        return resampled != order.to();
    }

    /**
     * Labels on {@link #grid()} as classes of a network: 0 background (and RC), 1 NCR (and CC), 2 ED, 3 ET,
     * 4 ignored. Where images are
     * resampled a voxel takes the class with the largest share; strides and resizing pick.
     *
     * @throws dev.preceptor.base.MismatchException if the labels do not lie on the grid of the volumes
     */
    public byte[] classes(LabelMap labels) {
        labels.grid().requireMatches(order.from(), "the label map", "its subject");
        byte[] classes = new byte[128];
        labels.schema().tissues().forEach((value, tissue) -> classes[value] = classOf(tissue));
        byte[] oriented = order.apply(labels).voxels();
        float[] values = new float[oriented.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = classes[oriented[i]];
        }
        float[] picked = pick(resampleClasses(values));
        byte[] result = new byte[picked.length];
        for (int i = 0; i < result.length; i++) {
            result[i] = (byte) picked[i];
        }
        return result;
    }

    private static byte classOf(Tissue tissue) {
        return switch (tissue) {
            case NCR, CC -> 1;
            case ED -> 2;
            case ET -> 3;
            case RC -> 0;
            case IGNORE -> Sample.IGNORED;
        };
    }

    /**
     * Takes channels on {@link #grid()} back to the grid of the volumes: voxel by voxel where nothing was resampled or
     * thinned, else trilinear between voxel centres; 0 outside the crop.
     */
    public List<float[]> invert(List<float[]> channels) {
        InverseAxisMap[] axes = {back(0), back(1), back(2)};
        boolean exact = axes[0].isExact() && axes[1].isExact() && axes[2].isExact();
        return channels.stream().map(channel -> invert(channel, axes, exact)).toList();
    }

    private InverseAxisMap back(int axis) {
        int[] start = {box.x0(), box.y0(), box.z0()};
        return InverseAxisMap.of(
                order.to().size().along(axis),
                ratio(axis),
                resampled.size().along(axis),
                start[axis],
                start[axis] + box.size().along(axis),
                kept[axis]);
    }

    private double ratio(int axis) {
        return isResampled() ? preprocessing.spacing() / order.to().spacing()[axis] : 1;
    }

    private float[] invert(float[] channel, InverseAxisMap[] axes, boolean exact) {
        Size size = order.to().size();
        float[] result = new float[size.voxels()];
        for (int z = 0; z < size.z(); z++) {
            for (int y = 0; y < size.y(); y++) {
                if (axes[2].lower()[z] < 0 || axes[1].lower()[y] < 0) {
                    continue;
                }
                for (int x = 0; x < size.x(); x++) {
                    int lower = axes[0].lower()[x];
                    if (lower >= 0) {
                        result[size.index(x, y, z)] = exact
                                ? channel[grid.size().index(lower, axes[1].lower()[y], axes[2].lower()[z])]
                                : between(channel, axes, x, y, z);
                    }
                }
            }
        }
        return order.undo(new Volume(order.to(), result)).voxels();
    }

    private float between(float[] channel, InverseAxisMap[] axes, int x, int y, int z) {
        int at = grid.size().index(axes[0].lower()[x], axes[1].lower()[y], axes[2].lower()[z]);
        float fx = axes[0].rest()[x];
        float fy = axes[1].rest()[y];
        float fz = axes[2].rest()[z];
        int dx = fx == 0 ? 0 : 1;
        int dy = fy == 0 ? 0 : grid.size().x();
        int dz = fz == 0 ? 0 : grid.size().x() * grid.size().y();
        float near = mix(mix(channel[at], channel[at + dx], fx), mix(channel[at + dy], channel[at + dy + dx], fx), fy);
        int above = at + dz;
        float far = mix(
                mix(channel[above], channel[above + dx], fx),
                mix(channel[above + dy], channel[above + dy + dx], fx),
                fy);
        return mix(near, far, fz);
    }

    private static float mix(float a, float b, float share) {
        return a + share * (b - a);
    }

    /**
     * Background, which is exactly 0, must not leak into the brain's rim: the mean runs over the non-zero voxels alone, and
     * a voxel is background where these have less than half of the weight.
     */
    private float[] resampleImage(float[] voxels) {
        if (!isResampled()) {
            return voxels;
        }
        float[] inside = new float[voxels.length];
        for (int i = 0; i < inside.length; i++) {
            inside[i] = voxels[i] == 0 ? 0 : 1;
        }
        float[] values = resample(voxels);
        float[] shares = resample(inside);
        for (int i = 0; i < values.length; i++) {
            values[i] = shares[i] < 0.5f ? 0 : values[i] / shares[i];
        }
        return values;
    }

    private float[] resampleClasses(float[] classes) {
        if (!isResampled()) {
            return classes;
        }
        float[] result = new float[resampled.size().voxels()];
        float[] best = new float[result.length];
        float highest = 0;
        for (float label : classes) {
            highest = Math.max(highest, label);
        }
        for (int label = 0; label <= highest; label++) {
            float[] inside = new float[classes.length];
            for (int i = 0; i < inside.length; i++) {
                inside[i] = classes[i] == label ? 1 : 0;
            }
            float[] shares = resample(inside);
            for (int i = 0; i < result.length; i++) {
                if (shares[i] > best[i]) {
                    best[i] = shares[i];
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
                    order.to().size().along(axis), resampled.size().along(axis), ratio(axis));
        }
        return AxisResampling.apply(voxels, order.to().size(), axes[0], axes[1], axes[2]);
    }

    private Box box(List<float[]> whole) {
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
                Cropping.brainBox(whole.stream()
                        .map(voxels -> new Volume(resampled, voxels))
                        .toList());
        };
    }

    private static Size size(List<Integer> extents) {
        return new Size(extents.get(0), extents.get(1), extents.get(2));
    }

    /** The voxels of the crop that are kept, 0 where the crop reaches over the border. */
    private float[] pick(float[] voxels) {
        Size from = resampled.size();
        Size to = grid.size();
        float[] result = new float[to.voxels()];
        for (int k = 0; k < to.z(); k++) {
            int z = box.z0() + kept[2][k];
            for (int j = 0; j < to.y(); j++) {
                int y = box.y0() + kept[1][j];
                if (z < 0 || z >= from.z() || y < 0 || y >= from.y()) {
                    continue;
                }
                for (int i = 0; i < to.x(); i++) {
                    int x = box.x0() + kept[0][i];
                    if (x >= 0 && x < from.x()) {
                        result[to.index(i, j, k)] = voxels[from.index(x, y, z)];
                    }
                }
            }
        }
        return result;
    }
}
