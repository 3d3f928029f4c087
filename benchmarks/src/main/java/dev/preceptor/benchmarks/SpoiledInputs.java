package dev.preceptor.benchmarks;

import dev.preceptor.quality.Guard;
import dev.preceptor.volume.Affine;
import dev.preceptor.volume.Box;
import dev.preceptor.volume.Cropping;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.Orientation;
import dev.preceptor.volume.Resampling;
import dev.preceptor.volume.Size;
import dev.preceptor.volume.Volume;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;

/** Ways to spoil a good image, each with the guard that should notice. */
final class SpoiledInputs {
    /**
     * One way.
     *
     * @param guard that should fire; null for a change that no guard needs to notice
     * @param change of the image
     */
    record Way(Guard guard, UnaryOperator<Volume> change) {}

    private SpoiledInputs() {}

    /** All ways by name. */
    static Map<String, Way> ways() {
        Map<String, Way> ways = new LinkedHashMap<>();
        ways.put("flipped front to back", new Way(Guard.ORIENTATION, image -> turned(image, "RPS")));
        ways.put("flipped top to bottom", new Way(Guard.ORIENTATION, image -> turned(image, "RAI")));
        ways.put("turned half about x", new Way(Guard.ORIENTATION, image -> turned(image, "RPI")));
        ways.put("turned quarter about x", new Way(Guard.ORIENTATION, image -> turned(image, "RSP")));
        ways.put("turned quarter about z", new Way(Guard.ORIENTATION, image -> turned(image, "ALS")));
        ways.put("axes in cyclic order", new Way(Guard.ORIENTATION, image -> turned(image, "SRA")));
        ways.put("flipped left to right", new Way(Guard.ORIENTATION, image -> turned(image, "LAS")));
        ways.put("skull left on (synthetic)", new Way(Guard.NOT_SKULL_STRIPPED, SpoiledInputs::withSkull));
        ways.put("background of noise", new Way(Guard.NOT_SKULL_STRIPPED, SpoiledInputs::withNoise));
        ways.put("spacing stated 1.5 times", new Way(Guard.HEAD_SIZE, image -> scaled(image, 1.5, 1.5, 1.5)));
        ways.put("spacing stated half", new Way(Guard.HEAD_SIZE, image -> scaled(image, 0.5, 0.5, 0.5)));
        ways.put("slice spacing stated 1.4 times", new Way(Guard.HEAD_SIZE, image -> scaled(image, 1, 1, 1.4)));
        ways.put("empty", new Way(Guard.EMPTY, image -> map(image, value -> 0)));
        ways.put("a corner of the brain", new Way(Guard.EMPTY, image -> part(image, 0.3)));
        ways.put("upper third cut off", new Way(Guard.CUT_OFF, image -> cropped(image, 0.67)));
        ways.put("clipped at the 90th percentile", new Way(Guard.SATURATED, image -> clipped(image, 0.9)));
        ways.put("clipped at the 98th percentile", new Way(Guard.SATURATED, image -> clipped(image, 0.98)));
        ways.put("inverted", new Way(Guard.INTENSITY_RANGE, SpoiledInputs::inverted));
        ways.put("some voxels 100 times", new Way(Guard.INTENSITY_RANGE, SpoiledInputs::withSpikes));
        ways.put("intensities squared", new Way(Guard.INTENSITY_RANGE, image -> map(image, value -> value * value)));
        ways.put("resolution halved", new Way(Guard.LOW_RESOLUTION, image -> coarsened(image, 2)));
        ways.put("a third of the resolution", new Way(Guard.LOW_RESOLUTION, image -> coarsened(image, 3)));
        return ways;
    }

    private interface Change {
        float of(float value);
    }

    private static Volume map(Volume image, Change change) {
        float[] voxels = image.voxels().clone();
        for (int i = 0; i < voxels.length; i++) {
            voxels[i] = voxels[i] == 0 ? 0 : change.of(voxels[i]);
        }
        return new Volume(image.grid(), voxels);
    }

    /** The voxels in another orientation under an affine that says RAS. */
    static Volume turned(Volume image, String codes) {
        Volume turned = Orientation.reorient(image, new Orientation(codes));
        double[] spacing = turned.grid().spacing();
        return new Volume(new Grid(turned.size(), Affine.scaling(spacing[0], spacing[1], spacing[2])), turned.voxels());
    }

    private static Volume scaled(Volume image, double x, double y, double z) {
        return new Volume(new Grid(image.size(), image.grid().affine().times(Affine.scaling(x, y, z))), image.voxels());
    }

    /** A dark shell of bone and a bright one of scalp about an ellipsoid that holds the brain, dim noise elsewhere. */
    private static Volume withSkull(Volume image) {
        Size size = image.size();
        double[] low = {1e9, 1e9, 1e9};
        double[] high = {-1, -1, -1};
        float[] voxels = image.voxels();
        float largest = quantile(image, 0.95);
        for (int i = 0; i < voxels.length; i++) {
            if (voxels[i] != 0) {
                int[] p = {i % size.x(), i / size.x() % size.y(), i / size.x() / size.y()};
                for (int axis = 0; axis < 3; axis++) {
                    low[axis] = Math.min(low[axis], p[axis]);
                    high[axis] = Math.max(high[axis], p[axis]);
                }
            }
        }
        float[] result = voxels.clone();
        double[] spacing = image.grid().spacing();
        for (int i = 0; i < result.length; i++) {
            if (result[i] == 0) {
                int[] p = {i % size.x(), i / size.x() % size.y(), i / size.x() / size.y()};
                double inner = 0;
                double outer = 0;
                for (int axis = 0; axis < 3; axis++) {
                    double half = (high[axis] - low[axis]) / 2;
                    double offset = p[axis] - (high[axis] + low[axis]) / 2;
                    inner += Math.pow(offset / (half + 7 / spacing[axis]), 2);
                    outer += Math.pow(offset / (half + 14 / spacing[axis]), 2);
                }
                result[i] = inner < 1 ? 0.05f * largest : outer < 1 ? largest : 0;
            }
        }
        return new Volume(image.grid(), result);
    }

    private static Volume withNoise(Volume image) {
        float level = 0.02f * quantile(image, 0.95);
        float[] voxels = image.voxels().clone();
        long state = 1;
        for (int i = 0; i < voxels.length; i++) {
            state = state * 6364136223846793005L + 1442695040888963407L;
            voxels[i] = voxels[i] == 0 ? level * (1 + (state >>> 40) / (float) (1 << 24)) : voxels[i];
        }
        return new Volume(image.grid(), voxels);
    }

    /** Only the voxels in a part of the field of view along each axis. */
    private static Volume part(Volume image, double share) {
        Size size = image.size();
        float[] voxels = image.voxels().clone();
        for (int i = 0; i < voxels.length; i++) {
            boolean isKept = i % size.x() < (0.2 + share) * size.x()
                    && i / size.x() % size.y() < (0.2 + share) * size.y()
                    && i / size.x() / size.y() < (0.2 + share) * size.z();
            voxels[i] = isKept ? voxels[i] : 0;
        }
        return new Volume(image.grid(), voxels);
    }

    /** Interpolated to larger voxels and back, with the background at 0. */
    private static Volume coarsened(Volume image, double factor) {
        double[] spacing = image.grid().spacing();
        Grid grid = image.grid().withSpacing(factor * spacing[0], factor * spacing[1], factor * spacing[2]);
        Volume coarse = Resampling.linear(image, grid);
        float[] voxels = Resampling.linear(coarse, image.grid()).voxels().clone();
        for (int i = 0; i < voxels.length; i++) {
            voxels[i] = image.voxels()[i] == 0 ? 0 : voxels[i];
        }
        return new Volume(image.grid(), voxels);
    }

    private static Volume cropped(Volume image, double share) {
        Size size = image.size();
        int z = 0;
        for (int i = 0; i < image.voxels().length; i++) {
            z = image.voxels()[i] != 0 ? i / size.x() / size.y() : z;
        }
        return Cropping.crop(image, new Box(0, 0, 0, size.x(), size.y(), (int) (z * share)));
    }

    private static Volume clipped(Volume image, double quantile) {
        float limit = quantile(image, quantile);
        return map(image, value -> Math.min(value, limit));
    }

    private static Volume inverted(Volume image) {
        float largest = quantile(image, 1) + 1;
        return map(image, value -> largest - value);
    }

    private static Volume withSpikes(Volume image) {
        float[] voxels = image.voxels().clone();
        for (int i = 0; i < voxels.length; i += 211) {
            voxels[i] *= 100;
        }
        return new Volume(image.grid(), voxels);
    }

    private static float quantile(Volume image, double q) {
        float[] values = new float[image.voxels().length];
        int count = 0;
        for (float value : image.voxels()) {
            if (value != 0) {
                values[count++] = value;
            }
        }
        float[] sorted = Arrays.copyOf(values, count);
        Arrays.sort(sorted);
        return sorted[(int) Math.round(q * (count - 1))];
    }
}
