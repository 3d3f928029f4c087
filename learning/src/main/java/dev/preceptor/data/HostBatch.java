package dev.preceptor.data;

import dev.preceptor.augment.Augmenter;
import dev.preceptor.base.RandomSource;
import dev.preceptor.data.PatchDescription.ChannelState;
import dev.preceptor.volume.Box;
import dev.preceptor.volume.Size;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A batch of patches in Java arrays, so that worker threads can make it without touching libtorch; {@link Batch} is its
 * copy in tensors.
 *
 * @param patches for each patch where it comes from, which channels are measured, and whether it has labels
 * @param size extent of a patch in voxels
 * @param images [B, C, X, Y, Z], last axis fastest; 0 in channels that are not measured
 * @param classes [B, X, Y, Z], last axis fastest, as in {@link Sample}; {@link Sample#IGNORED} in patches without labels
 */
public record HostBatch(List<PatchDescription> patches, Size size, float[] images, byte[] classes) {
    public HostBatch {
        patches = List.copyOf(patches);
    }

    /**
     * One patch of a sample.
     *
     * @param sample the subject
     * @param key where the patch lies and how it is mirrored
     * @param labelled whether the classes of the sample are labels of the subject, not predictions
     */
    public record Crop(Sample sample, PatchKey key, boolean labelled) {
        /** A patch whose classes, if there are any, are labels. */
        public Crop(Sample sample, PatchKey key) {
            this(sample, key, sample.classes().isPresent());
        }

        /**
         * A patch that does not come again.
         *
         * @param box where the patch lies, in voxels of the sample; it may reach outside
         * @param flipX whether the patch is mirrored along x; likewise y and z
         */
        public Crop(Sample sample, Box box, boolean flipX, boolean flipY, boolean flipZ) {
            this(sample, new PatchKey(0, sample.subject(), box, flipX, flipY, flipZ, false, false));
        }
    }

    /** Crops patches of equal size; voxels outside a sample are 0. */
    public static HostBatch of(List<Crop> crops) {
        Voxels voxels = Voxels.of(crops, Optional.empty());
        List<PatchDescription> patches = new ArrayList<>();
        for (int b = 0; b < crops.size(); b++) {
            Crop crop = crops.get(b);
            Augmenter.Target target = voxels.target(b);
            copy(crop, target);
            fillMissing(crop.sample, target);
            patches.add(
                    describe(crop, crop.key, new boolean[crop.sample.images().size()]));
        }
        return new HostBatch(patches, voxels.size, voxels.images, voxels.classes);
    }

    /**
     * Crops patches of equal size and augments them; voxels outside a sample are 0.
     *
     * @param random for each patch the source of the random numbers of its augmentation
     * @param spare a batch no longer in use, whose arrays are reused if they have the right length
     */
    public static HostBatch of(
            List<Crop> crops, Augmenter augmenter, List<RandomSource> random, Optional<HostBatch> spare) {
        Voxels voxels = Voxels.of(crops, spare);
        List<PatchDescription> patches = new ArrayList<>();
        for (int b = 0; b < crops.size(); b++) {
            Crop crop = crops.get(b);
            PatchKey key = crop.key;
            Sample sample = crop.sample;
            Augmenter.Target target = voxels.target(b);
            boolean[] mirrored = {key.flipX(), key.flipY(), key.flipZ()};
            boolean isWarped = augmenter.warp(
                    sample.images(), sample.classes(), sample.size(), key.box(), mirrored, target, random.get(b));
            if (!isWarped) {
                copy(crop, target);
            }
            fillMissing(sample, target);
            Augmenter.AppliedTransforms applied =
                    augmenter.transformIntensities(target, sample.measured(), random.get(b));
            patches.add(describe(crop, isWarped || applied.isAltered() ? key.asAltered() : key, applied.dropped()));
        }
        return new HostBatch(patches, voxels.size, voxels.images, voxels.classes);
    }

    private static PatchDescription describe(Crop crop, PatchKey key, boolean[] dropped) {
        List<ChannelState> channels = new ArrayList<>();
        for (int c = 0; c < dropped.length; c++) {
            channels.add(
                    crop.sample.images().get(c).isEmpty()
                            ? ChannelState.ABSENT
                            : dropped[c] ? ChannelState.DROPPED : ChannelState.MEASURED);
        }
        return new PatchDescription(key.subject(), Optional.of(key), channels, crop.labelled);
    }

    /** The subject of each patch. */
    public List<String> subjects() {
        return patches.stream().map(PatchDescription::subject).toList();
    }

    /** The arrays of a batch that is being made. */
    private record Voxels(Size size, int channels, float[] images, byte[] classes) {
        static Voxels of(List<Crop> crops, Optional<HostBatch> spare) {
            Size size = crops.get(0).key.box().size();
            int channels = crops.get(0).sample.images().size();
            int images = Math.multiplyExact(Math.multiplyExact(crops.size(), channels), size.voxels());
            int classes = crops.size() * size.voxels();
            return spare.filter(old -> old.images.length == images && old.classes.length == classes)
                    .map(old -> new Voxels(size, channels, old.images, old.classes))
                    .orElseGet(() -> new Voxels(size, channels, new float[images], new byte[classes]));
        }

        Augmenter.Target target(int b) {
            return new Augmenter.Target(size, images, channels * size.voxels() * b, classes, size.voxels() * b);
        }
    }

    /** Fills the channels of absent sequences with 0, and the classes of a sample without labels with IGNORED. */
    private static void fillMissing(Sample sample, Augmenter.Target target) {
        int voxels = target.size().voxels();
        for (int c = 0; c < sample.images().size(); c++) {
            if (sample.images().get(c).isEmpty()) {
                int start = target.imageStart() + c * voxels;
                Arrays.fill(target.images(), start, start + voxels, 0);
            }
        }
        if (sample.classes().isEmpty()) {
            Arrays.fill(target.classes(), target.classStart(), target.classStart() + voxels, Sample.IGNORED);
        }
    }

    /** Copies the patch, one image after the other: memory is read and written in its order. */
    private static void copy(Crop crop, Augmenter.Target target) {
        Sample sample = crop.sample;
        Size from = sample.size();
        PatchKey key = crop.key;
        Box box = key.box();
        int voxels = box.size().voxels();
        if (!box.union(Box.of(from)).equals(Box.of(from))) {
            int images = sample.images().size() * voxels;
            Arrays.fill(target.images(), target.imageStart(), target.imageStart() + images, 0);
            Arrays.fill(target.classes(), target.classStart(), target.classStart() + voxels, (byte) 0);
        }
        float[] line = new float[box.size().z()];
        for (int c = 0; c < sample.images().size(); c++) {
            int start = target.imageStart() + c * voxels;
            sample.images()
                    .get(c)
                    .ifPresent(image -> forEachRow(from, key, (source, row, length) -> {
                        if (key.flipZ()) {
                            image.get(source, line, 0, length);
                            reverse(line, target.images(), start + row, length);
                        } else {
                            image.get(source, target.images(), start + row, length);
                        }
                    }));
        }
        byte[] labels = new byte[box.size().z()];
        sample.classes()
                .ifPresent(classes -> forEachRow(from, key, (source, row, length) -> {
                    if (key.flipZ()) {
                        classes.get(source, labels, 0, length);
                        reverse(labels, target.classes(), target.classStart() + row, length);
                    } else {
                        classes.get(source, target.classes(), target.classStart() + row, length);
                    }
                }));
    }

    private interface RowCopy {
        /**
         * @param source index of the first voxel of the row in the image
         * @param row index of the first voxel in the patch
         * @param length number of voxels that lie in both
         */
        void copy(int source, int row, int length);
    }

    private static void forEachRow(Size from, PatchKey key, RowCopy rows) {
        Box box = key.box();
        Size to = box.size();
        int begin = Math.max(0, -box.z0());
        int length = Math.min(to.z(), from.z() - box.z0()) - begin;
        if (length <= 0) {
            return;
        }
        int shift = key.flipZ() ? to.z() - begin - length : begin;
        for (int x = 0; x < to.x(); x++) {
            int sx = box.x0() + (key.flipX() ? to.x() - 1 - x : x);
            if (sx < 0 || sx >= from.x()) {
                continue;
            }
            for (int y = 0; y < to.y(); y++) {
                int sy = box.y0() + (key.flipY() ? to.y() - 1 - y : y);
                if (sy >= 0 && sy < from.y()) {
                    rows.copy(
                            (sx * from.y() + sy) * from.z() + box.z0() + begin,
                            (x * to.y() + y) * to.z() + shift,
                            length);
                }
            }
        }
    }

    private static void reverse(float[] row, float[] to, int start, int length) {
        for (int i = 0; i < length; i++) {
            to[start + i] = row[length - 1 - i];
        }
    }

    private static void reverse(byte[] row, byte[] to, int start, int length) {
        for (int i = 0; i < length; i++) {
            to[start + i] = row[length - 1 - i];
        }
    }
}
