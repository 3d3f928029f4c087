package dev.preceptor.benchmarks;

import dev.preceptor.base.RandomSource;
import dev.preceptor.base.RandomStreams;
import dev.preceptor.volume.Intensities;
import dev.preceptor.volume.Size;
import dev.preceptor.volume.Volume;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Scans of growing badness, made from good ones on their own intensities, by other means than the artefacts of a training: Rician noise,
 * the sensitivity of a surface coil, ghosts of a periodic motion in k-space, thick slices, and another contrast. The background of 0 stays, as a
 * skull-stripping after the scan leaves it.
 */
final class DegradedScans {
    private static final double CYCLES = 6;

    /**
     * One kind at one strength.
     *
     * @param name for people, with the strength
     * @param kind without the strength
     * @param change of the image; the number tells subjects apart
     */
    record Way(String name, String kind, Change change) {}

    interface Change {
        Volume of(Volume image, long subject);
    }

    private DegradedScans() {}

    /** All kinds, each from weak to strong. */
    static List<Way> ways() {
        List<Way> ways = new ArrayList<>();
        for (double share : new double[] {0.2, 0.5, 1}) {
            add(ways, "Rician noise", share + " standard deviations", (image, s) -> noisy(image, share, s));
        }
        for (double ratio : new double[] {2, 4, 8}) {
            add(ways, "bias field", ratio + " times brighter", (image, s) -> biased(image, Math.log(ratio), s));
        }
        for (double mm : new double[] {3, 6, 12}) {
            add(ways, "motion", "by " + mm + " mm", (image, s) -> moved(image, mm));
        }
        for (int slices : new int[] {2, 3, 4}) {
            add(ways, "thick slices", slices + " times", (image, s) -> thick(image, slices));
        }
        for (double power : new double[] {1.5, 2, 3}) {
            add(ways, "contrast", "power " + power, (image, s) -> contrasted(image, power));
        }
        return ways;
    }

    private static void add(List<Way> ways, String kind, String strength, Change change) {
        ways.add(new Way(String.format(Locale.ROOT, "%s, %s", kind, strength), kind, change));
    }

    private static RandomSource random(String purpose, long subject) {
        return new RandomSource(new RandomStreams(1).stream(purpose, subject));
    }

    private interface Value {
        double of(int voxel);
    }

    /** New values of the voxels that are not 0; what falls to 0 becomes the smallest number, so that it is no background. */
    private static Volume map(Volume image, Value value) {
        float[] voxels = new float[image.voxels().length];
        for (int i = 0; i < voxels.length; i++) {
            if (image.voxels()[i] != 0) {
                float changed = (float) value.of(i);
                voxels[i] = changed == 0 ? Float.MIN_NORMAL : changed;
            }
        }
        return new Volume(image.grid(), voxels);
    }

    /** The magnitude of a complex signal with Gaussian noise in both parts (Gudbjartsson and Patz, MRM 34, 1995). */
    private static Volume noisy(Volume image, double share, long subject) {
        double deviation = share * Intensities.nonZero(image.voxels()).deviation();
        RandomSource random = random("noise", subject);
        return map(
                image, i -> Math.hypot(image.voxels()[i] + deviation * random.normal(), deviation * random.normal()));
    }

    /** Intensities that fall exponentially with the distance from a point on the surface, by a factor from end to end of the image. */
    private static Volume biased(Volume image, double logRatio, long subject) {
        Size size = image.size();
        RandomSource random = random("coil", subject);
        double[] coil = {random.normal(), random.normal(), random.normal()};
        double length = Math.hypot(coil[0], Math.hypot(coil[1], coil[2]));
        return map(image, i -> {
            double x = 2.0 * (i % size.x()) / size.x() - 1 - coil[0] / length;
            double y = 2.0 * (i / size.x() % size.y()) / size.y() - 1 - coil[1] / length;
            double z = 2.0 * (i / size.x() / size.y()) / size.z() - 1 - coil[2] / length;
            return image.voxels()[i] * Math.exp(-logRatio * Math.hypot(x, Math.hypot(y, z)) / 2);
        });
    }

    private static Volume contrasted(Volume image, double power) {
        double largest = 0;
        for (float value : image.voxels()) {
            largest = Math.max(largest, value);
        }
        double most = largest;
        return map(image, i -> most * Math.pow(Math.max(0, image.voxels()[i]) / most, power));
    }

    /** Slices along z that are means of several, interpolated back to the grid. */
    private static Volume thick(Volume image, int slices) {
        Size size = image.size();
        int plane = size.x() * size.y();
        int count = (size.z() + slices - 1) / slices;
        float[][] means = new float[count][plane];
        for (int i = 0; i < image.voxels().length; i++) {
            int slice = i / plane / slices;
            means[slice][i % plane] += image.voxels()[i] / Math.min(slices, size.z() - slice * slices);
        }
        return map(image, i -> {
            double at = Math.max(0, Math.min(count - 1, (i / plane + 0.5) / slices - 0.5));
            int lower = (int) at;
            int upper = Math.min(count - 1, lower + 1);
            return means[lower][i % plane] + (at - lower) * (means[upper][i % plane] - means[lower][i % plane]);
        });
    }

    /**
     * The magnitude of an image whose lines of k-space along y are acquired while the head moves along y and back, a sine of some cycles
     * over the scan: a shift by d multiplies line k by exp(-2 pi i k d / n).
     */
    private static Volume moved(Volume image, double mm) {
        Size size = image.size();
        int n = size.y();
        double amplitude = mm / image.grid().spacing()[1];
        double[][] kernel = kernel(n, amplitude);
        float[] ghosts = new float[image.voxels().length];
        for (int z = 0; z < size.z(); z++) {
            for (int x = 0; x < size.x(); x++) {
                for (int y = 0; y < n; y++) {
                    double real = 0;
                    double imaginary = 0;
                    for (int from = 0; from < n; from++) {
                        float value = image.voxels()[size.index(x, from, z)];
                        if (value != 0) {
                            int shift = Math.floorMod(y - from, n);
                            real += value * kernel[0][shift];
                            imaginary += value * kernel[1][shift];
                        }
                    }
                    ghosts[size.index(x, y, z)] = (float) Math.hypot(real, imaginary);
                }
            }
        }
        return map(image, i -> ghosts[i]);
    }

    /** Real and imaginary part of the point spread function along y. */
    private static double[][] kernel(int n, double amplitude) {
        double[][] kernel = new double[2][n];
        for (int line = 0; line < n; line++) {
            double frequency = line - n / 2;
            double shift = amplitude * Math.sin(2 * Math.PI * CYCLES * line / n);
            for (int d = 0; d < n; d++) {
                double phase = 2 * Math.PI * frequency * (d - shift) / n;
                kernel[0][d] += Math.cos(phase) / n;
                kernel[1][d] += Math.sin(phase) / n;
            }
        }
        return kernel;
    }
}
