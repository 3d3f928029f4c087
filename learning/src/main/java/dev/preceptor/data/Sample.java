package dev.preceptor.data;

import dev.preceptor.volume.Size;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.List;

/**
 * One preprocessed subject on the model grid, in memory or mapped from a file. Its buffers are read by absolute index only,
 * so that several threads can share it.
 *
 * @param subject the ID of the subject
 * @param size extent in voxels
 * @param images one float32 buffer per sequence, in the order of the training's sequences; z-fastest like patches, so that
 *     cropping copies whole rows
 * @param classes z-fastest: 0 background, the numbers of the classes in the label space from 1, {@link #IGNORED}
 * @param foreground the x-fastest indices of the voxels that are neither background nor ignored, ascending
 */
public record Sample(String subject, Size size, List<FloatBuffer> images, ByteBuffer classes, IntBuffer foreground) {
    /** The class of voxels that the annotators left open; losses and scores leave them out. */
    public static final byte IGNORED = 127;

    /** Edge of the square blocks in which axes are exchanged, so that their rows stay in the processor's cache. */
    private static final int BLOCK = 32;

    public Sample {
        images = List.copyOf(images);
    }

    /** A sample of x-fastest arrays; its foreground is computed. */
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
        byte[] transposed = new byte[classes.length];
        transpose(size, (from, to) -> transposed[to] = classes[from]);
        return new Sample(
                subject,
                size,
                images.stream().map(image -> zFastest(image, size)).toList(),
                ByteBuffer.wrap(transposed),
                IntBuffer.wrap(foreground));
    }

    private static boolean isForeground(byte label) {
        return label != 0 && label != IGNORED;
    }

    private static FloatBuffer zFastest(float[] image, Size size) {
        float[] transposed = new float[image.length];
        transpose(size, (from, to) -> transposed[to] = image[from]);
        return FloatBuffer.wrap(transposed);
    }

    private interface VoxelCopy {
        void copy(int xFastest, int zFastest);
    }

    private static void transpose(Size size, VoxelCopy copy) {
        for (int y = 0; y < size.y(); y++) {
            for (int z0 = 0; z0 < size.z(); z0 += BLOCK) {
                for (int x0 = 0; x0 < size.x(); x0 += BLOCK) {
                    for (int x = x0; x < Math.min(x0 + BLOCK, size.x()); x++) {
                        for (int z = z0; z < Math.min(z0 + BLOCK, size.z()); z++) {
                            copy.copy(size.index(x, y, z), (x * size.y() + y) * size.z() + z);
                        }
                    }
                }
            }
        }
    }

    /** The size of its buffers in bytes. */
    public long bytes() {
        return (4L * images.size() + 1) * size.voxels() + 4L * foreground.capacity();
    }
}
