package dev.preceptor.volume;

import java.util.ArrayList;
import java.util.List;

/**
 * Evaluates images at the voxel centres of another grid. Within half a voxel beyond the outermost centres the border value
 * continues; farther out images are 0 and label maps background. On the grid that the image already has, and on any
 * grid whose centres coincide with its own, the values come back unchanged. Nothing is smoothed before.
 *
 * <p>Slabs are computed in parallel; the result does not depend on how many threads there are.
 */
public final class Resampling {
    /** Where sides are equal within this, the lower label, or the voxel farther along the axis, is taken. */
    private static final double TIE = 1e-6;

    private Resampling() {}

    /** Trilinear. */
    public static Volume linear(Volume volume, Grid target) {
        return new Volume(target, linear(volume.voxels(), volume.grid(), target));
    }

    /** Trilinear, for bare voxels of the grid {@code from}, for instance one channel of probabilities. */
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

    /** Trilinear, channel by channel. */
    public static List<float[]> linear(List<float[]> channels, Grid from, Grid target) {
        List<float[]> out = new ArrayList<>();
        channels.forEach(channel -> out.add(linear(channel, from, target)));
        return List.copyOf(out);
    }

    private static double linear(float[] voxels, Sampler.Row row, int i) {
        double wx = row.weight[0][i];
        int x0 = row.low[0][i];
        int x1 = row.high[0][i];
        int y0 = row.low[1][i];
        int y1 = row.high[1][i];
        int z0 = row.low[2][i];
        int z1 = row.high[2][i];
        double near = mix(
                mix(voxels[x0 + y0 + z0], voxels[x1 + y0 + z0], wx),
                mix(voxels[x0 + y1 + z0], voxels[x1 + y1 + z0], wx),
                row.weight[1][i]);
        double far = mix(
                mix(voxels[x0 + y0 + z1], voxels[x1 + y0 + z1], wx),
                mix(voxels[x0 + y1 + z1], voxels[x1 + y1 + z1], wx),
                row.weight[1][i]);
        return mix(near, far, row.weight[2][i]);
    }

    private static double mix(double a, double b, double share) {
        return a + share * (b - a);
    }

    /** The value of the nearest voxel. */
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

    /** The label of the nearest voxel. */
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

    private static int nearest(Sampler.Row row, int i) {
        int index = 0;
        for (int a = 0; a < 3; a++) {
            index += row.weight[a][i] >= 0.5 - TIE ? row.high[a][i] : row.low[a][i];
        }
        return index;
    }

    /**
     * Each label (background too) resampled by itself as a trilinear image of zeros and ones, and the greatest taken; at a tie
     * the lowest. Smoother than {@link #nearest(LabelMap, Grid)}, as in nnU-Net.
     */
    public static LabelMap perLabelLinear(LabelMap labels, Grid target) {
        byte[] voxels = labels.voxels();
        byte[] out = new byte[target.size().voxels()];
        new Sampler(labels.grid(), target).forEachRow((row, at) -> {
            double[] shares = new double[128];
            for (int i = 0; i < row.length; i++) {
                out[at + i] = row.inside[i] ? heaviest(voxels, row, i, shares) : 0;
            }
        });
        return new LabelMap(target, out, labels.schema());
    }

    /** {@code shares} is all zeros before and after. */
    private static byte heaviest(byte[] voxels, Sampler.Row row, int i, double[] shares) {
        byte first = voxels[row.low[0][i] + row.low[1][i] + row.low[2][i]];
        boolean same = true;
        for (int corner = 1; corner < 8 && same; corner++) {
            same = voxels[corner(row, i, corner)] == first;
        }
        if (same) {
            return first;
        }
        for (int corner = 0; corner < 8; corner++) {
            shares[voxels[corner(row, i, corner)]] += share(row, i, corner);
        }
        byte best = 0;
        double most = 0;
        for (int corner = 0; corner < 8; corner++) {
            byte label = voxels[corner(row, i, corner)];
            if (shares[label] > most + TIE || (shares[label] > most - TIE && label < best)) {
                most = shares[label];
                best = label;
            }
        }
        for (int corner = 0; corner < 8; corner++) {
            shares[voxels[corner(row, i, corner)]] = 0;
        }
        return best;
    }

    private static int corner(Sampler.Row row, int i, int corner) {
        int index = 0;
        for (int a = 0; a < 3; a++) {
            index += (corner >> a & 1) == 0 ? row.low[a][i] : row.high[a][i];
        }
        return index;
    }

    private static double share(Sampler.Row row, int i, int corner) {
        double share = 1;
        for (int a = 0; a < 3; a++) {
            share *= (corner >> a & 1) == 0 ? 1 - row.weight[a][i] : row.weight[a][i];
        }
        return share;
    }
}
