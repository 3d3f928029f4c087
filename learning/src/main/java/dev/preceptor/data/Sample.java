package dev.preceptor.data;

import dev.preceptor.volume.Size;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.List;

/**
 * One subject on the grid of the model, in memory or mapped from a file. Its buffers are read by index alone, so that threads
 * can share it.
 *
 * @param subject its ID
 * @param size extent in voxels
 * @param images one buffer a sequence, in the order of the cohort's use; z-fastest, as patches are, so that cutting one out
 *     copies rows
 * @param classes z-fastest: 0 background, 1 NCR, 2 ED, 3 ET, 4 ignored ({@link #IGNORED})
 * @param foreground the voxels that are neither background nor ignored, ascending by their x-fastest numbers, which these are
 */
public record Sample(String subject, Size size, List<FloatBuffer> images, ByteBuffer classes, IntBuffer foreground) {
    /** The class of voxels that the annotators left open; they count in no loss and no score. */
    public static final byte IGNORED = 4;

    /** Edge of the squares in which axes are exchanged: their rows stay in the cache. */
    private static final int TILE = 32;

    public Sample {
        images = List.copyOf(images);
    }

    /** A sample of x-fastest arrays, with its foreground looked up. */
    public static Sample of(String subject, Size size, List<float[]> images, byte[] classes) {
        int count = 0;
        for (byte label : classes) {
            count += isForeground(label) ? 1 : 0;
        }
        int[] foreground = new int[count];
        int next = 0;
        for (int i = 0; i < classes.length; i++) {
            if (isForeground(classes[i])) {
                foreground[next++] = i;
            }
        }
        byte[] turned = new byte[classes.length];
        exchange(size, (from, to) -> turned[to] = classes[from]);
        return new Sample(
                subject,
                size,
                images.stream().map(image -> zFastest(image, size)).toList(),
                ByteBuffer.wrap(turned),
                IntBuffer.wrap(foreground));
    }

    private static boolean isForeground(byte label) {
        return label != 0 && label != IGNORED;
    }

    private static FloatBuffer zFastest(float[] image, Size size) {
        float[] turned = new float[image.length];
        exchange(size, (from, to) -> turned[to] = image[from]);
        return FloatBuffer.wrap(turned);
    }

    private interface Move {
        void move(int from, int to);
    }

    private static void exchange(Size size, Move move) {
        for (int y = 0; y < size.y(); y++) {
            for (int z0 = 0; z0 < size.z(); z0 += TILE) {
                for (int x0 = 0; x0 < size.x(); x0 += TILE) {
                    for (int x = x0; x < Math.min(x0 + TILE, size.x()); x++) {
                        for (int z = z0; z < Math.min(z0 + TILE, size.z()); z++) {
                            move.move(size.index(x, y, z), (x * size.y() + y) * size.z() + z);
                        }
                    }
                }
            }
        }
    }

    /** Bytes that its buffers hold. */
    public long bytes() {
        return (4L * images.size() + 1) * size.voxels() + 4L * foreground.capacity();
    }
}
