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

/**
 * Draws the batches of a phase. What step s of epoch e holds depends on the seed, the phase, e and s alone, so training can
 * go on from any step. Thread-safe if {@code samples} is.
 *
 * @param subjects how many samples there are, at least 1
 * @param samples the samples by number
 * @param sampling patch, batch, flips
 * @param augmenter what else is changed
 * @param random the streams of the run
 * @param phase number of the phase
 * @param share the part of each batch that is drawn; a sample is the same whoever draws it
 */
public record PatchSampler(
        int subjects,
        Samples samples,
        Sampling sampling,
        Augmenter augmenter,
        RandomStreams random,
        int phase,
        Shard share) {

    /** Draws whole batches. */
    public PatchSampler(
            int subjects, Samples samples, Sampling sampling, Augmenter augmenter, RandomStreams random, int phase) {
        this(subjects, samples, sampling, augmenter, random, phase, Shard.WHOLE);
    }

    /** How many steps an epoch has: as the recipe says, or one pass over the subjects. */
    public int stepsPerEpoch() {
        return sampling.stepsPerEpoch() > 0
                ? sampling.stepsPerEpoch()
                : (subjects + sampling.batch() - 1) / sampling.batch();
    }

    /** The share of the batch of a step, epoch and step counted from 0. */
    public HostBatch draw(int epoch, int step) {
        return draw(epoch, step, Optional.empty());
    }

    /**
     * The batch of a step, both counted from 0.
     *
     * @param spare a batch that is no longer needed, whose memory is taken over if it fits
     */
    public HostBatch draw(int epoch, int step, Optional<HostBatch> spare) {
        return samples.reading(() -> drawn(epoch, step, spare));
    }

    private HostBatch drawn(int epoch, int step, Optional<HostBatch> spare) {
        List<HostBatch.Crop> cuts = new ArrayList<>();
        List<RandomSource> changes = new ArrayList<>();
        for (int b = share.begin(sampling.batch()); b < share.end(sampling.batch()); b++) {
            SplittableRandom draw = random.stream("patch", phase, epoch, step, b);
            Sample sample = samples.sample(subjectAt(epoch, step * sampling.batch() + b));
            Box box = place(sample, draw);
            cuts.add(new HostBatch.Crop(sample, box, flip(draw), flip(draw), flip(draw)));
            changes.add(new RandomSource(random.stream("augment", phase, epoch, step, b)));
        }
        return HostBatch.of(cuts, augmenter, changes, spare);
    }

    /** Each pass over the subjects is a permutation of its own. */
    private int subjectAt(int epoch, int position) {
        int[] order = new int[subjects];
        SplittableRandom draw = random.stream("order", phase, epoch, position / subjects);
        for (int i = 0; i < subjects; i++) {
            int j = draw.nextInt(i + 1);
            order[i] = order[j];
            order[j] = i;
        }
        return order[position % subjects];
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

    private static int start(SplittableRandom draw, int extent, int wanted, int centre) {
        int room = extent - wanted;
        int anywhere = draw.nextInt(Math.max(room, 0) + 1);
        if (room <= 0) {
            // As a prediction pads: the smaller half in front.
            return -(-room / 2);
        }
        return centre < 0 ? anywhere : Math.min(Math.max(centre - wanted / 2, 0), room);
    }

    private boolean flip(SplittableRandom draw) {
        return draw.nextDouble() < sampling.flip();
    }
}
