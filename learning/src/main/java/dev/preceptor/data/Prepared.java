package dev.preceptor.data;

import dev.preceptor.base.PreceptorException;
import dev.preceptor.volume.Box;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.Size;
import dev.preceptor.volume.Tissue;
import dev.preceptor.volume.Volume;
import java.util.ArrayList;
import java.util.List;

/**
 * The volumes of a subject as a network sees them, and the way back to the grid on which they came. Arrays are x-fastest
 * and to be treated as constant.
 */
public final class Prepared {
    private final Preprocessing preprocessing;
    private final Grid input;
    private final VoxelOrder order;
    private final Grid resampled;
    private final Box box;
    private final Grid grid;
    private final List<float[]> images;

    Prepared(Preprocessing preprocessing, List<Volume> volumes) {
        this.preprocessing = preprocessing;
        this.input = volumes.get(0).grid();
        this.order = VoxelOrder.of(input, preprocessing.orientation());
        double edge = preprocessing.spacing();
        this.resampled = edge == 0 ? order.grid() : order.grid().withSpacing(edge, edge, edge);
        List<float[]> whole = new ArrayList<>();
        for (Volume volume : volumes) {
            whole.add(resampleImage(order.apply(volume.voxels())));
        }
        this.box = box(whole);
        this.grid = resampled.crop(box).strided(preprocessing.stride());
        this.images = whole.stream()
                .map(voxels -> {
                    normalise(voxels);
                    return pick(voxels);
                })
                .toList();
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
        return resampled != order.grid();
    }

    /**
     * Labels on {@link #grid()} as classes of a network: 0 background (and RC), 1 NCR, 2 ED, 3 ET. Where images are
     * resampled a voxel takes the class with the largest share; strides pick.
     *
     * @throws dev.preceptor.base.MismatchException if the labels do not lie on the grid of the volumes
     */
    public byte[] classes(LabelMap labels) {
        labels.grid().requireMatches(input, "the label map", "its subject");
        float[] classes = new float[128];
        labels.schema().tissues().forEach((value, tissue) -> classes[value] = classOf(tissue));
        float[] values = new float[labels.voxels().length];
        for (int i = 0; i < values.length; i++) {
            values[i] = classes[labels.voxels()[i]];
        }
        float[] picked = pick(resampleClasses(order.apply(values)));
        byte[] result = new byte[picked.length];
        for (int i = 0; i < result.length; i++) {
            result[i] = (byte) picked[i];
        }
        return result;
    }

    private static int classOf(Tissue tissue) {
        return switch (tissue) {
            case NCR -> 1;
            case ED -> 2;
            case ET -> 3;
            case RC -> 0;
        };
    }

    /**
     * Takes channels on {@link #grid()} back to the grid of the volumes: voxel by voxel where nothing was resampled or
     * strided, else trilinear between voxel centres; 0 outside the crop.
     */
    public List<float[]> restore(List<float[]> channels) {
        AxisReturn[] axes = {back(0), back(1), back(2)};
        boolean exact = axes[0].isExact() && axes[1].isExact() && axes[2].isExact();
        return channels.stream().map(channel -> restore(channel, axes, exact)).toList();
    }

    private AxisReturn back(int axis) {
        int[] start = {box.x0(), box.y0(), box.z0()};
        return AxisReturn.of(
                order.grid().size().along(axis),
                ratio(axis),
                resampled.size().along(axis),
                start[axis],
                start[axis] + box.size().along(axis),
                preprocessing.stride());
    }

    private double ratio(int axis) {
        return isResampled() ? preprocessing.spacing() / order.grid().spacing()[axis] : 1;
    }

    private float[] restore(float[] channel, AxisReturn[] axes, boolean exact) {
        float[] result = new float[input.size().voxels()];
        Size size = order.grid().size();
        for (int z = 0; z < size.z(); z++) {
            for (int y = 0; y < size.y(); y++) {
                if (axes[2].lower()[z] < 0 || axes[1].lower()[y] < 0) {
                    continue;
                }
                for (int x = 0; x < size.x(); x++) {
                    int lower = axes[0].lower()[x];
                    if (lower >= 0) {
                        result[order.place(x, y, z)] = exact
                                ? channel[grid.size().index(lower, axes[1].lower()[y], axes[2].lower()[z])]
                                : between(channel, axes, x, y, z);
                    }
                }
            }
        }
        return result;
    }

    private float between(float[] channel, AxisReturn[] axes, int x, int y, int z) {
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
        for (int label = 0; label <= 3; label++) {
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
                    order.grid().size().along(axis), resampled.size().along(axis), ratio(axis));
        }
        return AxisResampling.apply(voxels, order.grid().size(), axes[0], axes[1], axes[2]);
    }

    private Box box(List<float[]> whole) {
        Size size = resampled.size();
        return switch (preprocessing.crop()) {
            case NONE -> Box.of(size);
            case CENTRE ->
                Box.centred(
                        size,
                        new Size(
                                preprocessing.size().get(0),
                                preprocessing.size().get(1),
                                preprocessing.size().get(2)));
            case BRAIN -> brain(whole, size);
        };
    }

    private static Box brain(List<float[]> whole, Size size) {
        int[] low = {Integer.MAX_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE};
        int[] high = {-1, -1, -1};
        for (float[] voxels : whole) {
            for (int i = 0; i < voxels.length; i++) {
                if (voxels[i] != 0) {
                    int[] at = {i % size.x(), i / size.x() % size.y(), i / size.x() / size.y()};
                    for (int axis = 0; axis < 3; axis++) {
                        low[axis] = Math.min(low[axis], at[axis]);
                        high[axis] = Math.max(high[axis], at[axis]);
                    }
                }
            }
        }
        if (high[0] < 0) {
            throw new PreceptorException("every voxel is 0, so there is no brain to crop to; check the image");
        }
        return new Box(low[0], low[1], low[2], high[0] + 1, high[1] + 1, high[2] + 1);
    }

    private void normalise(float[] voxels) {
        if (preprocessing.normalisation() == Preprocessing.Normalisation.RAW) {
            return;
        }
        long count = 0;
        double sum = 0;
        for (float value : voxels) {
            if (value != 0) {
                count++;
                sum += value;
            }
        }
        double mean = sum / count;
        double squares = 0;
        for (float value : voxels) {
            if (value != 0) {
                squares += (value - mean) * (value - mean);
            }
        }
        double deviation = Math.max(Math.sqrt(squares / count), 1e-8);
        for (int i = 0; i < voxels.length; i++) {
            if (voxels[i] != 0) {
                voxels[i] = (float) ((voxels[i] - mean) / deviation);
            }
        }
    }

    /** The voxels of the crop that the stride keeps, 0 where the crop reaches over the border. */
    private float[] pick(float[] voxels) {
        Size from = resampled.size();
        Size to = grid.size();
        int stride = preprocessing.stride();
        float[] result = new float[to.voxels()];
        for (int k = 0; k < to.z(); k++) {
            int z = box.z0() + k * stride;
            for (int j = 0; j < to.y(); j++) {
                int y = box.y0() + j * stride;
                if (z < 0 || z >= from.z() || y < 0 || y >= from.y()) {
                    continue;
                }
                for (int i = 0; i < to.x(); i++) {
                    int x = box.x0() + i * stride;
                    if (x >= 0 && x < from.x()) {
                        result[to.index(i, j, k)] = voxels[from.index(x, y, z)];
                    }
                }
            }
        }
        return result;
    }
}
