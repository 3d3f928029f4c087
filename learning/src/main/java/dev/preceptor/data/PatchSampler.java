package dev.preceptor.data;

import dev.preceptor.augment.Augmenter;
import dev.preceptor.base.RandomSource;
import dev.preceptor.base.RandomStreams;
import dev.preceptor.parallel.Shard;
import dev.preceptor.volume.Box;
import dev.preceptor.volume.Size;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Draws the batches of a phase. The batch of a step depends only on the seed, the phase, the epoch and the step, so that
 * training can resume at any step. Thread-safe if {@code samples} is.
 *
 * @param subjects number of samples, at least 1
 * @param samples the labelled samples by index
 * @param sampling size of patch and batch, share of patches on foreground, probability of flips
 * @param augmenter the augmentation after cropping and flipping
 * @param random the random streams of the run
 * @param phase number of the phase
 * @param shard the part of each batch that this process draws; a patch does not depend on the process that draws it
 * @param unlabelled the subjects without labels that {@link Sampling#unlabelled} mixes in; empty for none
 */
public record PatchSampler(
        int subjects,
        Samples samples,
        Sampling sampling,
        Augmenter augmenter,
        RandomStreams random,
        int phase,
        Shard shard,
        Optional<UnlabelledSubjects> unlabelled) {

    /**
     * Subjects whose patches have no labels. Each pass over them is a permutation of its own, and a pass continues in the next
     * epoch, so that each subject is drawn equally often.
     *
     * @param subjects number of samples, at least 1
     * @param samples the samples by index, without classes or with predicted ones
     * @param batchesPerEpoch number of batches of an epoch, labelled and unlabelled
     */
    public record UnlabelledSubjects(int subjects, Samples samples, int batchesPerEpoch) {}

    /** Draws whole batches. */
    public PatchSampler(
            int subjects, Samples samples, Sampling sampling, Augmenter augmenter, RandomStreams random, int phase) {
        this(subjects, samples, sampling, augmenter, random, phase, Shard.WHOLE, Optional.empty());
    }

    /** This sampler with patches of subjects without labels mixed in. */
    public PatchSampler with(UnlabelledSubjects others) {
        return new PatchSampler(subjects, samples, sampling, augmenter, random, phase, shard, Optional.of(others));
    }

    /** This process's part of the batch of a step; epoch and step count from 0. */
    public HostBatch draw(int epoch, int step) {
        return draw(epoch, step, Optional.empty());
    }

    /**
     * This process's part of the batch of a step; epoch and step count from 0.
     *
     * @param spare a batch no longer in use, whose arrays are reused if they have the right length
     */
    public HostBatch draw(int epoch, int step, Optional<HostBatch> spare) {
        return samples.reading(() -> unlabelled
                .map(others -> others.samples().reading(() -> read(epoch, step, spare)))
                .orElseGet(() -> read(epoch, step, spare)));
    }

    private HostBatch read(int epoch, int step, Optional<HostBatch> spare) {
        List<HostBatch.Crop> crops = new ArrayList<>();
        List<RandomSource> augmentation = new ArrayList<>();
        int mixed = unlabelled.isPresent() ? sampling.unlabelledIn(step) : 0;
        int labelled = sampling.batch() - mixed;
        int labelledBefore = step * sampling.batch() - (unlabelled.isPresent() ? sampling.unlabelledBefore(step) : 0);
        // Each process draws its share of both kinds, so that the losses of the processes weigh equally.
        IntStream own = IntStream.concat(
                IntStream.range(shard.begin(labelled), shard.end(labelled)),
                IntStream.range(labelled + shard.begin(mixed), labelled + shard.end(mixed)));
        for (int b : own.toArray()) {
            SplittableRandom draw = random.stream("patch", phase, epoch, step, b);
            Sample sample = b < labelled
                    ? samples.sample(subjectAt(epoch, labelledBefore + b))
                    : unlabelledAt(epoch, sampling.unlabelledBefore(step) + b - labelled);
            Box box = place(sample, draw);
            boolean isRepeated =
                    sampling.batch() == 1 && box.union(Box.of(sample.size())).equals(box);
            PatchKey key =
                    new PatchKey(phase, sample.subject(), box, flip(draw), flip(draw), flip(draw), false, isRepeated);
            crops.add(new HostBatch.Crop(sample, key, b < labelled));
            augmentation.add(new RandomSource(random.stream("augment", phase, epoch, step, b)));
        }
        return HostBatch.of(crops, augmenter, augmentation, spare);
    }

    /** Each pass over the subjects is a new permutation. */
    private int subjectAt(int epoch, int position) {
        int[] order = permutation(subjects, random.stream("order", phase, epoch, position / subjects));
        return order[position % subjects];
    }

    private static int[] permutation(int count, SplittableRandom draw) {
        int[] order = new int[count];
        for (int i = 0; i < count; i++) {
            int j = draw.nextInt(i + 1);
            order[i] = order[j];
            order[j] = i;
        }
        return order;
    }

    private Sample unlabelledAt(int epoch, int position) {
        UnlabelledSubjects others = unlabelled.orElseThrow();
        long ordinal = (long) epoch * sampling.unlabelledBefore(others.batchesPerEpoch()) + position;
        int pass = Math.toIntExact(ordinal / others.subjects());
        int[] order = permutation(others.subjects(), random.stream("unlabelled order", phase, pass));
        return others.samples().sample(order[(int) (ordinal % others.subjects())]);
    }

    private Box place(Sample sample, SplittableRandom draw) {
        Size size = sample.size();
        Size patch = sampling.patchSize();
        boolean onTumour =
                draw.nextDouble() < sampling.foreground() && sample.foreground().capacity() > 0;
        int centre = onTumour
                ? sample.foreground().get(draw.nextInt(sample.foreground().capacity()))
                : -1;
        return Box.at(
                start(draw, size.x(), patch.x(), onTumour ? centre % size.x() : -1),
                start(draw, size.y(), patch.y(), onTumour ? centre / size.x() % size.y() : -1),
                start(draw, size.z(), patch.z(), onTumour ? centre / size.x() / size.y() : -1),
                patch);
    }

    private static int start(SplittableRandom draw, int extent, int length, int centre) {
        int room = extent - length;
        int anywhere = draw.nextInt(Math.max(room, 0) + 1);
        if (room <= 0) {
            // Padded as SlidingWindow pads: the smaller half in front.
            return -(-room / 2);
        }
        return centre < 0 ? anywhere : Math.min(Math.max(centre - length / 2, 0), room);
    }

    private boolean flip(SplittableRandom draw) {
        return draw.nextDouble() < sampling.flip();
    }
}
