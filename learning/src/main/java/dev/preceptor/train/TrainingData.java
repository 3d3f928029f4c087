package dev.preceptor.train;

import dev.preceptor.augment.Augmenter;
import dev.preceptor.base.RandomStreams;
import dev.preceptor.cohort.Subject;
import dev.preceptor.data.Batch;
import dev.preceptor.data.HostBatch;
import dev.preceptor.data.PatchSampler;
import dev.preceptor.data.Prefetch;
import dev.preceptor.data.Sample;
import dev.preceptor.data.Samples;
import dev.preceptor.data.Sampling;
import dev.preceptor.distill.Phase;
import dev.preceptor.distill.Role;
import dev.preceptor.infer.SlidingWindow;
import dev.preceptor.parallel.Communicator;
import dev.preceptor.parallel.Shard;
import dev.preceptor.plan.StepMemory;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.store.SampleStore;
import dev.preceptor.tensor.Torch;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Device;

/**
 * The subjects of a training, and the batches that are drawn from them.
 *
 * @param recipe sampling, augmentation and the sequences of a batch
 * @param training subjects that the weights are trained on
 * @param unlabelled subjects without label maps whose images are trained on; may be empty
 * @param validation subjects that the schedule and the selection depend on; may be empty
 * @param store the preprocessed subjects
 * @param threads number of batches that are prepared at the same time
 * @param device where the networks compute
 * @param predicted the unlabelled subjects with predicted classes; empty where no network labels them
 */
record TrainingData(
        Recipe recipe,
        List<Subject> training,
        List<Subject> unlabelled,
        List<Subject> validation,
        SampleStore store,
        int threads,
        Device device,
        Optional<Samples> predicted) {
    /** libtorch has fast convolutions for batches of more than one sample only. */
    private static final int TILES = 4;

    /** Batches that wait take at most one part in this many of the heap, beside images and copies of weights. */
    private static final int HEAP_SHARE = 8;

    /** Data without predicted labels. */
    TrainingData(
            Recipe recipe,
            List<Subject> training,
            List<Subject> unlabelled,
            List<Subject> validation,
            SampleStore store,
            int threads,
            Device device) {
        this(recipe, training, unlabelled, validation, store, threads, device, Optional.empty());
    }

    /** The same subjects with classes that networks predicted for those without labels. */
    TrainingData withPredictedLabels(Samples labels) {
        return new TrainingData(recipe, training, unlabelled, validation, store, threads, device, Optional.of(labels));
    }

    /** Whether a phase draws patches of the unlabelled subjects. */
    boolean mixes(Phase phase) {
        return phase.usesUnlabelled() && recipe.sampling().unlabelled().draws() && !unlabelled.isEmpty();
    }

    /** The unlabelled subjects; label maps that some of them have are not used. */
    Samples images() {
        Samples stored = store.samples(unlabelled);
        return new Samples() {
            @Override
            public Sample sample(int i) {
                return stored.sample(i).withoutLabels();
            }

            @Override
            public <R> R reading(Supplier<R> work) {
                return stored.reading(work);
            }
        };
    }

    /**
     * Preprocesses the subjects of this process that are not in the cache yet, on all cores: the networks do not compute meanwhile.
     * Other processes preprocess theirs. A training too short to draw each subject preprocesses those that it draws, then.
     *
     * @param notices receives a line if there are any
     * @return false if a stop was requested
     */
    boolean prepare(Communicator communicator, BooleanSupplier stopRequested, Consumer<String> notices) {
        List<Subject> all = Stream.of(training, unlabelled, validation)
                .flatMap(List::stream)
                .distinct()
                .toList();
        Shard shard = communicator.shard();
        List<Subject> missing =
                drawsAll() ? store.missing(all.subList(shard.begin(all.size()), shard.end(all.size()))) : List.of();
        int cores = Math.min(Runtime.getRuntime().availableProcessors(), Torch.threads() + threads);
        if (missing.size() > 1) {
            notices.accept("preprocessing " + missing.size() + " subjects on " + Math.min(cores, missing.size())
                    + (cores == 1 ? " thread" : " threads"));
        }
        boolean isStopped = !store.prepare(missing, cores, stopRequested);
        return !communicator.anyRank(isStopped);
    }

    private boolean drawsAll() {
        Sampling sampling = recipe.sampling();
        long batches = (long) recipe.optimization().epochsOf(true) * sampling.batchesPerEpoch(training.size());
        return batches * sampling.batch() >= training.size();
    }

    /** The validation subjects. */
    Samples validationSamples() {
        return store.samples(validation);
    }

    /** Predicts whole subjects with some networks in tiles of the size of a patch, with the overlap of a prediction. */
    WholeSubject wholeSubject(List<Role> networks) {
        return new WholeSubject(
                networks,
                recipe.sequences(),
                SlidingWindow.ofBatches(recipe.sampling().patchSize(), recipe.overlap(), TILES),
                device);
    }

    /**
     * Draws the patches of a phase, of which each process draws its part.
     *
     * @param number of the phase, from 0
     */
    PatchSampler sampler(int number, Phase phase, Communicator communicator) {
        Sampling sampling = recipe.sampling();
        List<Subject> own = training.stream()
                .filter(subject -> phase.trainsOn(subject.id()))
                .toList();
        PatchSampler labelled = new PatchSampler(
                own.size(),
                store.samples(own),
                sampling,
                new Augmenter(recipe.augmentation(), droppable(phase.leading())),
                new RandomStreams(recipe.seed()),
                number,
                communicator.shard(),
                Optional.empty());
        int batches = stepsPerEpoch(labelled) * recipe.optimization().accumulate();
        return mixes(phase)
                ? labelled.with(new PatchSampler.UnlabelledSubjects(
                        unlabelled.size(), predicted.orElseGet(this::images), batches))
                : labelled;
    }

    /** The recipe's number of steps, or as many as the batches of one pass over the subjects fill. */
    int stepsPerEpoch(PatchSampler sampler) {
        return stepsPerEpoch(recipe, sampler.subjects());
    }

    /** The steps of an epoch of a training on this number of labelled subjects. */
    static int stepsPerEpoch(Recipe recipe, int subjects) {
        int batches = recipe.sampling().batchesPerEpoch(subjects);
        int accumulate = recipe.optimization().accumulate();
        return recipe.sampling().stepsPerEpoch() > 0 ? batches : (batches + accumulate - 1) / accumulate;
    }

    /** Channels that augmentation may drop, as indices into the recipe's sequences: those of a teacher that is trained alone. */
    private List<Integer> droppable(Role leading) {
        return leading.name().startsWith(Role.TEACHER) && leading.inputs().size() > 1
                ? leading.inputs().stream().map(recipe.sequences()::indexOf).toList()
                : List.of();
    }

    /**
     * Prepares the batches of an epoch in the background, in their order.
     *
     * @param epoch number of the epoch, from 0
     * @param begin the first batch
     * @param end one past the last batch
     */
    Prefetch prefetch(PatchSampler sampler, int epoch, int begin, int end) {
        return new Prefetch(
                (batch, spare) -> sampler.draw(epoch, batch, spare), begin, end, threads, inMemory(sampler.shard()));
    }

    /** The number of batches in the heap at a time: those that a plan counts, or more while all are a small share of it. */
    private int inMemory(Shard shard) {
        Sampling sampling = recipe.sampling();
        long patches = Math.max(sampling.batch() / shard.size(), 1);
        long bytes = patches
                * sampling.patchSize().voxels()
                * ((long) Float.BYTES * recipe.sequences().size() + 1);
        long fitting = Runtime.getRuntime().maxMemory() / HEAP_SHARE / bytes;
        return (int) Math.max(Math.min(fitting, Integer.MAX_VALUE), StepMemory.Heap.BATCHES);
    }

    /** The batch on the device, owned by the innermost scope. */
    Batch toDevice(HostBatch batch) {
        return Batch.of(batch, recipe.sequences(), device);
    }

    /** @param phase number of the phase, from 0 */
    Validator validator(int phase, Communicator communicator) {
        return new Validator(
                phase,
                validation.size(),
                validationSamples(),
                recipe.sampling().patchSize(),
                recipe.sequences(),
                device,
                communicator);
    }

    /** Reports what the threads that prepare batches have noticed since the last call. */
    void reportNotices(Consumer<String> notices) {
        store.tell(notices);
    }
}
