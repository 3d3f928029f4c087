package dev.preceptor.data;

import dev.preceptor.augment.Augmenter;
import dev.preceptor.base.RandomSource;
import dev.preceptor.volume.Box;
import dev.preceptor.volume.Size;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Boxes cut out of samples, stacked to a batch, in plain Java so that another thread can make them.
 *
 * @param subjects whose boxes these are, for messages
 * @param size of each box
 * @param images [B, C, X, Y, Z], last axis fastest
 * @param classes [B, X, Y, Z], last axis fastest
 */
public record HostBatch(List<String> subjects, Size size, float[] images, byte[] classes) {
    /** Where a box lies in a sample and which axes are mirrored. */
    public record Crop(Sample sample, Box box, boolean flipX, boolean flipY, boolean flipZ) {}

    /** Cuts out boxes of equal size; what lies outside a sample is 0. */
    public static HostBatch of(List<Crop> cuts) {
        HostBatch hostBatch = like(cuts, Optional.empty());
        for (int b = 0; b < cuts.size(); b++) {
            copy(cuts.get(b), hostBatch.target(b));
        }
        return hostBatch;
    }

    /**
     * Cuts out boxes of equal size and changes them; what lies outside a sample is 0.
     *
     * @param draws for each box what decides about the changes
     * @param spare a patch that is no longer needed, whose arrays are taken over if they fit
     */
    public static HostBatch of(
            List<Crop> cuts, Augmenter augmenter, List<RandomSource> draws, Optional<HostBatch> spare) {
        HostBatch hostBatch = like(cuts, spare);
        for (int b = 0; b < cuts.size(); b++) {
            Crop crop = cuts.get(b);
            Sample sample = crop.sample;
            Augmenter.Target target = hostBatch.target(b);
            boolean[] mirrored = {crop.flipX, crop.flipY, crop.flipZ};
            if (!augmenter.warp(
                    sample.images(), sample.classes(), sample.size(), crop.box, mirrored, target, draws.get(b))) {
                copy(crop, target);
            }
            augmenter.distort(target, sample.images().size(), draws.get(b));
        }
        return hostBatch;
    }

    private static HostBatch like(List<Crop> cuts, Optional<HostBatch> spare) {
        List<String> subjects = cuts.stream().map(c -> c.sample().subject()).toList();
        Size size = cuts.get(0).box().size();
        int channels = cuts.get(0).sample().images().size();
        int images = Math.multiplyExact(Math.multiplyExact(cuts.size(), channels), size.voxels());
        int classes = cuts.size() * size.voxels();
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
            float kept = values[i];
            values[i] = values[j];
            values[j] = kept;
        }
    }

    private static void reverse(byte[] values, int start, int length) {
        for (int i = start, j = start + length - 1; i < j; i++, j--) {
            byte kept = values[i];
            values[i] = values[j];
            values[j] = kept;
        }
    }
}
