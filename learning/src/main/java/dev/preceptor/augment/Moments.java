package dev.preceptor.augment;

import dev.preceptor.volume.Size;
import java.util.Arrays;

/**
 * Mean, spread and range of the voxels of a patch.
 *
 * @param deviation standard deviation, dividing by the count
 */
record Moments(double mean, double deviation, float least, float greatest) {
    /** Adds up row upon row, so that the inner loop has no sum to wait for; each plane in single precision. */
    static Moments of(Channel channel) {
        Size size = channel.size();
        float[] values = channel.values();
        // About the first voxel, so that a large mean takes nothing from the precision of a small spread.
        float origin = values[channel.start()];
        float[] sums = new float[size.z()];
        float[] squares = new float[size.z()];
        float[] least = new float[size.z()];
        float[] greatest = new float[size.z()];
        Arrays.fill(least, origin);
        Arrays.fill(greatest, origin);
        double sum = 0;
        double square = 0;
        for (int x = 0; x < size.x(); x++) {
            Arrays.fill(sums, 0);
            Arrays.fill(squares, 0);
            for (int y = 0; y < size.y(); y++) {
                int row = channel.row(x, y);
                for (int z = 0; z < sums.length; z++) {
                    float value = values[row + z];
                    float centred = value - origin;
                    sums[z] += centred;
                    squares[z] += centred * centred;
                    least[z] = Math.min(least[z], value);
                    greatest[z] = Math.max(greatest[z], value);
                }
            }
            for (int z = 0; z < sums.length; z++) {
                sum += sums[z];
                square += squares[z];
            }
        }
        float low = origin;
        float high = origin;
        for (int z = 0; z < least.length; z++) {
            low = Math.min(low, least[z]);
            high = Math.max(high, greatest[z]);
        }
        double mean = sum / size.voxels();
        return new Moments(origin + mean, Math.sqrt(Math.max(square / size.voxels() - mean * mean, 0)), low, high);
    }
}
