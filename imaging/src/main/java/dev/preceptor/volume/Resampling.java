package dev.preceptor.volume;

import java.util.ArrayList;
import java.util.List;

/**
 * Evaluates images at the voxel centres of another grid. Up to half a voxel outside the outermost centres, the border
 * value is used; farther outside, images are 0 and label maps background. On grids whose centres coincide with those of
 * the image, values are unchanged. No smoothing is applied before downsampling.
 *
 * <p>Slices are computed in parallel; the result does not depend on the number of threads. Stateless, thread-safe.
 */
public final class Resampling {
    /** Weights within this of each other are equal: the lower label, or the voxel farther along the axis, is chosen. */
    private static final double TIE = 1e-6;

    private Resampling() {}

    /** Trilinear interpolation. */
    public static Volume linear(Volume volume, Grid target) {
        return new Volume(target, linear(volume.voxels(), volume.grid(), target));
    }

    /**
     * Trilinear interpolation of an array of voxels on the grid {@code from}, for example one channel of probabilities.
     *
     * @throws IllegalArgumentException if the array does not have the size of {@code from}
     */
    public static float[] linear(float[] voxels, Grid from, Grid target) {
        if (voxels.length != from.size().voxels()) {
            throw new IllegalArgumentException(voxels.length + " values for " + from.size() + " voxels");
        }
        float[] out = new float[target.size().voxels()];
        new Sampler(from, target).forEachRow((row, at) -> {
            for (int i = 0; i < row.length; i++) {
                out[at + i] = row.inside[i] ? (float) linear(voxels, row, i) : 0;
            }
        });
        return out;
    }

    /** Trilinear interpolation of each channel. */
    public static List<float[]> linear(List<float[]> channels, Grid from, Grid target) {
        List<float[]> out = new ArrayList<>();
        channels.forEach(channel -> out.add(linear(channel, from, target)));
        return List.copyOf(out);
    }

    private static double linear(float[] voxels, Sampler.RowSamples row, int i) {
        double wx = row.weight[0][i];
        int x0 = row.low[0][i];
        int x1 = row.high[0][i];
        int y0 = row.low[1][i];
        int y1 = row.high[1][i];
        int z0 = row.low[2][i];
        int z1 = row.high[2][i];
        double near = lerp(
                lerp(voxels[x0 + y0 + z0], voxels[x1 + y0 + z0], wx),
                lerp(voxels[x0 + y1 + z0], voxels[x1 + y1 + z0], wx),
                row.weight[1][i]);
        double far = lerp(
                lerp(voxels[x0 + y0 + z1], voxels[x1 + y0 + z1], wx),
                lerp(voxels[x0 + y1 + z1], voxels[x1 + y1 + z1], wx),
                row.weight[1][i]);
        return lerp(near, far, row.weight[2][i]);
    }

    private static double lerp(double a, double b, double weight) {
        return a + weight * (b - a);
    }

    /** Nearest-neighbour interpolation. */
    public static Volume nearest(Volume volume, Grid target) {
        float[] voxels = volume.voxels();
        float[] out = new float[target.size().voxels()];
        new Sampler(volume.grid(), target).forEachRow((row, at) -> {
            for (int i = 0; i < row.length; i++) {
                out[at + i] = row.inside[i] ? voxels[nearest(row, i)] : 0;
            }
        });
        return new Volume(target, out);
    }

    /** Nearest-neighbour interpolation of labels. */
    public static LabelMap nearest(LabelMap labels, Grid target) {
        byte[] voxels = labels.voxels();
        byte[] out = new byte[target.size().voxels()];
        new Sampler(labels.grid(), target).forEachRow((row, at) -> {
            for (int i = 0; i < row.length; i++) {
                out[at + i] = row.inside[i] ? voxels[nearest(row, i)] : 0;
            }
        });
        return new LabelMap(target, out, labels.schema());
    }

    private static int nearest(Sampler.RowSamples row, int i) {
        int index = 0;
        for (int a = 0; a < 3; a++) {
            index += row.weight[a][i] >= 0.5 - TIE ? row.high[a][i] : row.low[a][i];
        }
        return index;
    }

    /**
     * Trilinear interpolation of the indicator image of each label (including background), followed by the argmax; ties
     * go to the lowest label. Smoother than {@link #nearest(LabelMap, Grid)}. Source: nnU-Net's resampling of
     * segmentations.
     */
    public static LabelMap perLabelLinear(LabelMap labels, Grid target) {
        byte[] voxels = labels.voxels();
        byte[] out = new byte[target.size().voxels()];
        new Sampler(labels.grid(), target).forEachRow((row, at) -> {
            double[] weights = new double[128];
            for (int i = 0; i < row.length; i++) {
                out[at + i] = row.inside[i] ? argmax(voxels, row, i, weights) : 0;
            }
        });
        return new LabelMap(target, out, labels.schema());
    }

    /** The label with the largest sum of weights; {@code weights} is zero before and after. */
    private static byte argmax(byte[] voxels, Sampler.RowSamples row, int i, double[] weights) {
        byte first = voxels[row.low[0][i] + row.low[1][i] + row.low[2][i]];
        boolean same = true;
        for (int corner = 1; corner < 8 && same; corner++) {
            same = voxels[corner(row, i, corner)] == first;
        }
        if (same) {
            return first;
        }
        for (int corner = 0; corner < 8; corner++) {
            weights[voxels[corner(row, i, corner)]] += cornerWeight(row, i, corner);
        }
        byte best = 0;
        double largest = 0;
        for (int corner = 0; corner < 8; corner++) {
            byte label = voxels[corner(row, i, corner)];
            if (weights[label] > largest + TIE || (weights[label] > largest - TIE && label < best)) {
                largest = weights[label];
                best = label;
            }
        }
        for (int corner = 0; corner < 8; corner++) {
            weights[voxels[corner(row, i, corner)]] = 0;
        }
        return best;
    }

    private static int corner(Sampler.RowSamples row, int i, int corner) {
        int index = 0;
        for (int a = 0; a < 3; a++) {
            index += (corner >> a & 1) == 0 ? row.low[a][i] : row.high[a][i];
        }
        return index;
    }

    private static double cornerWeight(Sampler.RowSamples row, int i, int corner) {
        double cornerWeight = 1;
        for (int a = 0; a < 3; a++) {
            cornerWeight *= (corner >> a & 1) == 0 ? 1 - row.weight[a][i] : row.weight[a][i];
        }
        return cornerWeight;
    }
}
