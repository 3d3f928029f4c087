package dev.preceptor.augment;

import dev.preceptor.base.RandomSource;
import dev.preceptor.volume.Size;

/**
 * A spike in k-space (herringbone artefact), which adds a plane wave: {@code v + amplitude cos(2 pi (kx x / X + ky y / Y + kz
 * z / Z) + phase)}.
 *
 * @param strength amplitude divided by the standard deviation of the sequence
 * @param k position of the spike, in cycles per patch along each axis
 * @param phase in radians
 */
record Spike(double strength, int[] k, double phase) implements IntensityTransform {
    static Spike draw(TransformSettings settings, Size size, RandomSource random) {
        double strength = settings.draw(random);
        int[] k = new int[3];
        for (int axis = 0; axis < 3; axis++) {
            k[axis] = random.below(size.along(axis)) - size.along(axis) / 2;
        }
        return new Spike(strength, k, random.uniform(0, 2 * Math.PI));
    }

    @Override
    public void apply(DeferredChannel channel) {
        Size size = channel.size();
        double amplitude = strength * channel.moments().deviation();
        float[] cos = new float[size.z()];
        float[] sin = new float[size.z()];
        for (int z = 0; z < size.z(); z++) {
            cos[z] = (float) Math.cos(2 * Math.PI * k[2] * z / size.z());
            sin[z] = (float) Math.sin(2 * Math.PI * k[2] * z / size.z());
        }
        channel.then((block, length, row) -> {
            for (int i = 0; i < length / size.z(); i++) {
                double alongX = (double) k[0] * ((row + i) / size.y()) / size.x();
                double alongY = (double) k[1] * ((row + i) % size.y()) / size.y();
                double angle = phase + 2 * Math.PI * (alongX + alongY);
                float c = (float) (amplitude * Math.cos(angle));
                float s = (float) (amplitude * Math.sin(angle));
                add(block, i * size.z(), c, cos, -s, sin);
            }
        });
    }

    private static void add(float[] values, int row, float c, float[] cos, float s, float[] sin) {
        for (int z = 0; z < cos.length; z++) {
            values[row + z] += c * cos[z] + s * sin[z];
        }
    }
}
