package dev.preceptor.data;

import dev.preceptor.volume.Size;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.List;
import java.util.Optional;

/**
 * One preprocessed subject on the model grid, in memory or mapped from a file. Its buffers are read by absolute index only,
 * so that several threads can share it.
 *
 * @param subject the ID of the subject
 * @param size extent in voxels
 * @param images one float32 buffer per sequence, in the order of the training's sequences, empty where the subject lacks the
 *     sequence; z-fastest like patches, so that cropping copies whole rows
 * @param classes empty for a subject without labels; z-fastest: 0 background, the numbers of the classes in the label space
 *     from 1, {@link #IGNORED}
 * @param foreground the x-fastest indices of the voxels that are neither background nor ignored, ascending;
 *     without labels there are none
 */
public record Sample(
        String subject,
        Size size,
        List<Optional<FloatBuffer>> images,
        Optional<ByteBuffer> classes,
        IntBuffer foreground) {
    /** The class of voxels that the annotators left open; losses and scores leave them out. */
    public static final byte IGNORED = 127;

    /** Edge of the square blocks in which axes are exchanged, so that their rows stay in the processor's cache. */
    private static final int BLOCK = 32;

    public Sample {
        images = List.copyOf(images);
    }

    /** A labelled sample with every sequence from x-fastest arrays; its foreground is computed. */
    public static Sample of(String subject, Size size, List<float[]> images, byte[] classes) {
        return of(subject, size, images.stream().map(Optional::of).toList(), Optional.of(classes));
    }

    /** A sample of x-fastest arrays, without the sequences and labels that the subject lacks; its foreground is computed. */
    public static Sample of(String subject, Size size, List<Optional<float[]>> images, Optional<byte[]> classes) {
        return new Sample(
                subject,
                size,
                images.stream()
                        .map(image -> image.map(voxels -> zFastest(voxels, size)))
                        .toList(),
                classes.map(voxels -> zFastest(voxels, size)),
                IntBuffer.wrap(classes.map(Sample::foreground).orElse(new int[0])));
    }

    private static int[] foreground(byte[] classes) {
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
        return foreground;
    }

    private static boolean isForeground(byte label) {
        return label != 0 && label != IGNORED;
    }

    private static FloatBuffer zFastest(float[] image, Size size) {
        float[] transposed = new float[image.length];
        transpose(size, (from, to) -> transposed[to] = image[from]);
        return FloatBuffer.wrap(transposed);
    }

    private static ByteBuffer zFastest(byte[] classes, Size size) {
        byte[] transposed = new byte[classes.length];
        transpose(size, (from, to) -> transposed[to] = classes[from]);
        return ByteBuffer.wrap(transposed);
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

    /** The same images without labels. */
    public Sample withoutLabels() {
        return new Sample(subject, size, images, Optional.empty(), IntBuffer.allocate(0));
    }

    /**
     * The same images with other classes.
     *
     * @param other z-fastest, one byte a voxel
     */
    public Sample withClasses(ByteBuffer other) {
        if (other.capacity() != size.voxels()) {
            throw new IllegalArgumentException(other.capacity() + " classes for " + size);
        }
        byte[] zFastest = new byte[other.capacity()];
        other.get(0, zFastest);
        byte[] xFastest = new byte[zFastest.length];
        transpose(size, (to, from) -> xFastest[to] = zFastest[from]);
        return new Sample(subject, size, images, Optional.of(other), IntBuffer.wrap(foreground(xFastest)));
    }

    /** Which sequences the subject has. */
    public boolean[] measured() {
        boolean[] measured = new boolean[images.size()];
        for (int c = 0; c < measured.length; c++) {
            measured[c] = images.get(c).isPresent();
        }
        return measured;
    }

    /** The size of its buffers in bytes. */
    public long bytes() {
        long present = images.stream().filter(Optional::isPresent).count();
        return (4 * present + (classes.isPresent() ? 1 : 0)) * size.voxels() + 4L * foreground.capacity();
    }
}
