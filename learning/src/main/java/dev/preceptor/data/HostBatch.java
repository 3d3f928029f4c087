package dev.preceptor.data;

import dev.preceptor.augment.Augmenter;
import dev.preceptor.base.RandomSource;
import dev.preceptor.volume.Box;
import dev.preceptor.volume.Size;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A batch of patches in Java arrays, so that worker threads can make it without touching libtorch; {@link Batch} is its
 * copy in tensors.
 *
 * @param subjects the subject of each patch, for messages
 * @param size extent of a patch in voxels
 * @param images [B, C, X, Y, Z], last axis fastest
 * @param classes [B, X, Y, Z], last axis fastest, as in {@link Sample}
 */
public record HostBatch(List<String> subjects, Size size, float[] images, byte[] classes) {
    /**
     * One patch of a sample.
     *
     * @param sample the subject
     * @param box where the patch lies, in voxels of the sample; it may reach outside
     * @param flipX whether the patch is mirrored along x; likewise y and z
     */
    public record Crop(Sample sample, Box box, boolean flipX, boolean flipY, boolean flipZ) {}

    /** Crops patches of equal size; voxels outside a sample are 0. */
    public static HostBatch of(List<Crop> crops) {
        HostBatch hostBatch = allocate(crops, Optional.empty());
        for (int b = 0; b < crops.size(); b++) {
            copy(crops.get(b), hostBatch.target(b));
        }
        return hostBatch;
    }

    /**
     * Crops patches of equal size and augments them; voxels outside a sample are 0.
     *
     * @param random for each patch the source of the random numbers of its augmentation
     * @param spare a batch no longer in use, whose arrays are reused if they have the right length
     */
    public static HostBatch of(
            List<Crop> crops, Augmenter augmenter, List<RandomSource> random, Optional<HostBatch> spare) {
        HostBatch hostBatch = allocate(crops, spare);
        for (int b = 0; b < crops.size(); b++) {
            Crop crop = crops.get(b);
            Sample sample = crop.sample;
            Augmenter.Target target = hostBatch.target(b);
            boolean[] mirrored = {crop.flipX, crop.flipY, crop.flipZ};
            if (!augmenter.warp(
                    sample.images(), sample.classes(), sample.size(), crop.box, mirrored, target, random.get(b))) {
                copy(crop, target);
            }
            augmenter.distort(target, sample.images().size(), random.get(b));
        }
        return hostBatch;
    }

    private static HostBatch allocate(List<Crop> crops, Optional<HostBatch> spare) {
        List<String> subjects = crops.stream().map(c -> c.sample().subject()).toList();
        Size size = crops.get(0).box().size();
        int channels = crops.get(0).sample().images().size();
        int images = Math.multiplyExact(Math.multiplyExact(crops.size(), channels), size.voxels());
        int classes = crops.size() * size.voxels();
        return spare.filter(old -> old.images.length == images && old.classes.length == classes)
                .map(old -> new HostBatch(subjects, size, old.images, old.classes))
                .orElseGet(() -> new HostBatch(subjects, size, new float[images], new byte[classes]));
    }

    private Augmenter.Target target(int b) {
        return new Augmenter.Target(size, images, images.length / subjects.size() * b, classes, size.voxels() * b);
    }

    private static void copy(Crop crop, Augmenter.Target target) {
        Sample sample = crop.sample;
        Size from = sample.size();
        Box box = crop.box;
        Size to = box.size();
        if (!box.union(Box.of(from)).equals(Box.of(from))) {
            int voxels = to.voxels();
            Arrays.fill(
                    target.images(),
                    target.imageStart(),
                    target.imageStart() + sample.images().size() * voxels,
                    0);
            Arrays.fill(target.classes(), target.classStart(), target.classStart() + voxels, (byte) 0);
        }
        int begin = Math.max(0, -box.z0());
        int length = Math.min(to.z(), from.z() - box.z0()) - begin;
        if (length <= 0) {
            return;
        }
        int shift = crop.flipZ ? to.z() - begin - length : begin;
        for (int x = 0; x < to.x(); x++) {
            int sx = box.x0() + (crop.flipX ? to.x() - 1 - x : x);
            if (sx < 0 || sx >= from.x()) {
                continue;
            }
            for (int y = 0; y < to.y(); y++) {
                int sy = box.y0() + (crop.flipY ? to.y() - 1 - y : y);
                if (sy < 0 || sy >= from.y()) {
                    continue;
                }
                int source = (sx * from.y() + sy) * from.z() + box.z0() + begin;
                int row = (x * to.y() + y) * to.z() + shift;
                sample.classes().get(source, target.classes(), target.classStart() + row, length);
                if (crop.flipZ) {
                    reverse(target.classes(), target.classStart() + row, length);
                }
                for (int c = 0; c < sample.images().size(); c++) {
                    int at = target.imageStart() + c * to.voxels() + row;
                    sample.images().get(c).get(source, target.images(), at, length);
                    if (crop.flipZ) {
                        reverse(target.images(), at, length);
                    }
                }
            }
        }
    }

    private static void reverse(float[] values, int start, int length) {
        for (int i = start, j = start + length - 1; i < j; i++, j--) {
            float first = values[i];
            values[i] = values[j];
            values[j] = first;
        }
    }

    private static void reverse(byte[] values, int start, int length) {
        for (int i = start, j = start + length - 1; i < j; i++, j--) {
            byte first = values[i];
            values[i] = values[j];
            values[j] = first;
        }
    }
}
