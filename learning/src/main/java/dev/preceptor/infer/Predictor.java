package dev.preceptor.infer;

import dev.preceptor.base.DaemonThreads;
import dev.preceptor.base.MismatchException;
import dev.preceptor.base.Parallel;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.base.Sha256;
import dev.preceptor.cohort.ImageSet;
import dev.preceptor.cohort.IntensityCheck;
import dev.preceptor.data.PreprocessedSubject;
import dev.preceptor.data.Preprocessing;
import dev.preceptor.model.LoadedModel;
import dev.preceptor.model.ModelDescription;
import dev.preceptor.model.ModelFile;
import dev.preceptor.model.OpenedModel;
import dev.preceptor.model.PostProcessing;
import dev.preceptor.model.VerifyingKey;
import dev.preceptor.network.Computation;
import dev.preceptor.network.Input;
import dev.preceptor.network.Requirement;
import dev.preceptor.network.Targets;
import dev.preceptor.quality.Guard;
import dev.preceptor.tensor.Torch;
import dev.preceptor.volume.HeadSize;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Sequence;
import dev.preceptor.volume.Volume;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.DoubleConsumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Segments subjects with one model, or with an ensemble whose logits are averaged. Needs native memory for the preprocessed images, for
 * three times the logits of all voxels, and for one forward pass over a batch of tiles.
 *
 * <p>Any number of threads may call {@link #predict} at once. They prepare images and convert results side by side;
 * {@link PredictionOptions#passes} bounds how many run a network, and hold native memory, at a time. A result does not depend on what other
 * threads do. {@link #close} waits for the calls that have begun.
 *
 * <pre>{@code
 * Path image = Path.of("patient_t1ce.nii.gz");
 * try (Predictor predictor = Predictor.read(List.of(Path.of("student.safetensors")), PredictionOptions.DEFAULTS)) {
 *     Prediction prediction = predictor.predict(Map.of(Sequence.T1CE, Nifti.readVolume(image)));
 *     Nifti.write(Path.of("patient_seg.nii.gz"), prediction.labels(), Nifti.readHeader(image));
 *     Nifti.write(Path.of("patient_wt.nii.gz"), prediction.probability(Region.WT), Nifti.readHeader(image));
 * }
 * }</pre>
 *
 * <p>{@link PredictionJob} does this for whole folders.
 */
public final class Predictor implements AutoCloseable {
    private final List<ModelFile> models;
    private final ModelDescription description;
    private final PredictionOptions options;
    private final PostProcessing postProcessing;
    private final ReliabilityAssessor reliability;
    private final FutureTask<LoadedNetworks> loading;
    /** Held for reading by each prediction, for writing to close. */
    private final ReadWriteLock use = new ReentrantReadWriteLock();

    private boolean isClosed;
    /** Computed when they are first asked for: the hashes of large models take time that one image does not need. */
    private List<String> modelHashes = List.of();

    private Predictor(List<ModelFile> models, PredictionOptions options, Callable<LoadedNetworks> load) {
        this.options = options;
        this.description = models.get(0).description();
        this.models = List.copyOf(models);
        models.forEach(model -> requireCompatible(model.description()));
        this.postProcessing = options.postProcess() ? postProcessingOfModels() : PostProcessing.NONE;
        this.reliability = new ReliabilityAssessor(
                models.stream().map(ModelFile::description).toList(), options.accepted());
        this.loading = new FutureTask<>(load);
    }

    private PostProcessing postProcessingOfModels() {
        return PostProcessing.gentlest(models.stream()
                .map(model -> model.description().postProcessing())
                .toList());
    }

    /**
     * Builds the networks of models on the device of the options.
     *
     * @param models at least one; several form an ensemble
     * @throws MismatchException if they differ in inputs, outputs, label schema or preprocessing
     */
    public static Predictor open(List<ModelFile> models, PredictionOptions options) {
        requireAny(models);
        Predictor predictor = new Predictor(
                models,
                options,
                () -> LoadedNetworks.of(models, model -> new LoadedModel(model, model.network()), options));
        predictor.loading.run();
        predictor.await();
        return predictor;
    }

    /**
     * Reads model files and builds their networks, each once.
     *
     * @param files at least one; several form an ensemble
     * @throws dev.preceptor.base.InvalidFileException if a file is not a valid model
     * @throws MismatchException if the models differ in inputs, outputs, label schema or preprocessing
     */
    public static Predictor read(List<Path> files, PredictionOptions options) {
        return read(files, List.of(), options);
    }

    /**
     * Reads model files that are signed, and builds their networks.
     *
     * @param trusted the keys of which one must have signed each file; if there are none, no signature is needed
     * @throws dev.preceptor.base.InvalidFileException if a file is not signed by one of them, or not a valid model
     * @throws MismatchException as {@link #read(List, PredictionOptions)}
     */
    public static Predictor read(List<Path> files, List<VerifyingKey> trusted, PredictionOptions options) {
        Predictor predictor = begin(files, trusted, options, OptionalInt.empty());
        try {
            predictor.await();
            return predictor;
        } catch (RuntimeException e) {
            predictor.close();
            throw e;
        }
    }

    /**
     * Reads the headers of model files, and begins to build their networks on another thread, so that images can be read and
     * prepared meanwhile. The first prediction waits for the networks, and throws what {@link #await} throws.
     *
     * @param trusted the keys of which one must have signed each file; if there are none, no signature is needed
     * @param threads of an operation, in the whole process; 0 for the number of cores, empty for what libtorch has already
     * @throws dev.preceptor.base.InvalidFileException if a file is not signed by one of them, or its header is not that of a model
     * @throws MismatchException as {@link #read(List, PredictionOptions)}
     */
    public static Predictor begin(
            List<Path> files, List<VerifyingKey> trusted, PredictionOptions options, OptionalInt threads) {
        requireAny(files);
        Torch.Meanwhile libtorch = Torch.openMeanwhile();
        List<OpenedModel> opened = new ArrayList<>();
        Runnable close = () -> {
            libtorch.close();
            opened.forEach(OpenedModel::close);
        };
        try {
            files.forEach(file -> opened.add(OpenedModel.of(file, trusted)));
            Predictor predictor =
                    new Predictor(opened.stream().map(OpenedModel::model).toList(), options, () -> {
                        try {
                            threads.ifPresent(Torch::useThreads);
                            return LoadedNetworks.of(opened, OpenedModel::load, options);
                        } finally {
                            close.run();
                        }
                    });
            DaemonThreads.of("models", predictor.loading).start();
            return predictor;
        } catch (RuntimeException | Error e) {
            close.run();
            throw e;
        }
    }

    private static void requireAny(List<?> models) {
        if (models.isEmpty()) {
            throw new IllegalArgumentException("no model");
        }
    }

    /**
     * Waits until the networks are built.
     *
     * @throws dev.preceptor.base.InvalidFileException if a file is not a valid model
     * @throws MismatchException if the models differ in the sequences that they need
     * @throws PreceptorException if there is no such device, or libtorch cannot be loaded
     */
    public void await() {
        loaded();
    }

    private LoadedNetworks loaded() {
        return Parallel.result(loading);
    }

    private void requireCompatible(ModelDescription other) {
        requireSame("inputs", description.inputs(), other.inputs());
        requireSame("outputs", description.outputs(), other.outputs());
        requireSame("label schema", description.schema(), other.schema());
        requireSame("preprocessing", description.preprocessing(), other.preprocessing());
    }

    static void requireSame(String what, Object first, Object other) {
        if (!first.equals(other)) {
            throw new MismatchException("the models of an ensemble must have the same " + what + ", but one has "
                    + first + " and another " + other);
        }
    }

    /** The guards that refuse no subject. */
    Set<Guard> accepted() {
        return options.accepted();
    }

    /**
     * The {@linkplain ModelFile#hash() hash} of each model, computed from its file at the first call. Whoever keeps a predictor for long
     * calls this at once, so that a file that is overwritten later is of no effect.
     */
    public synchronized List<String> modelHashes() {
        if (modelHashes.isEmpty()) {
            modelHashes = models.stream().map(ModelFile::hash).toList();
        }
        return modelHashes;
    }

    /**
     * A hash of the models and of the options that change the prediction: preset, overlap, mirroring and post-processing. With the
     * same fingerprint the same input gives the same prediction, up to rounding that differs between devices.
     */
    public String fingerprint() {
        StringBuilder identity = new StringBuilder();
        modelHashes().forEach(hash -> identity.append(hash).append(' '));
        identity.append(options.overlap()).append(' ').append(options.mirror());
        if (options.preset() != Preset.EXACT) {
            identity.append(' ').append(options.preset());
        }
        if (!postProcessingOfModels().equals(postProcessing)) {
            // The hashes of the models contain their rules, but not that they are left out.
            identity.append(" without post-processing");
        }
        return Sha256.of(identity.toString());
    }

    /**
     * The sequences that a subject must have, in the order of the network's input channels; for models that
     * {@linkplain #takesAnySubset take any subset} at least one of them.
     */
    public List<Sequence> inputs() {
        return description.inputs();
    }

    /** Whether the models segment a subject from those of their {@link #inputs()}, at least two, that it has. */
    public boolean takesAnySubset() {
        return inputs().size() > 1 && loaded().requires() == Requirement.ANY_SUBSET;
    }

    /**
     * Those of the {@link #inputs()} from which a subject is segmented, in their order.
     *
     * @param available the sequences that the subject has
     * @throws MismatchException if the models need a sequence that it lacks
     */
    public List<Sequence> inputsAmong(Collection<Sequence> available) {
        List<Sequence> present = inputs().stream().filter(available::contains).toList();
        if (takesAnySubset() ? present.isEmpty() : present.size() < inputs().size()) {
            throw new MismatchException("the model needs "
                    + (takesAnySubset()
                            ? "at least one of " + inputs()
                            : inputs().stream()
                                    .filter(sequence -> !available.contains(sequence))
                                    .findFirst()
                                    .orElseThrow())
                    + ", but there is only " + available.stream().sorted().toList());
        }
        return present;
    }

    /**
     * The same of the images of a subject. An image that cannot be used does not count as missing.
     *
     * @throws MismatchException if the models need a sequence that it lacks
     * @throws dev.preceptor.base.InvalidCohortException if the image of one of them cannot be used
     */
    public List<Sequence> inputsOf(ImageSet subject) {
        List<Sequence> inputs = takesAnySubset()
                ? inputsAmong(inputs().stream()
                        .filter(sequence -> subject.images().containsKey(sequence)
                                || subject.faults().of(sequence).isPresent())
                        .toList())
                : inputs();
        inputs.forEach(subject::image);
        return inputs;
    }

    /** The label space of the predictions. */
    public LabelSpace labels() {
        return description.schema();
    }

    /**
     * Segments a subject.
     *
     * @param volumes at least the sequences of {@link #inputs()}, or some of them if the models take any subset, all on one grid;
     *     others are ignored
     * @return probabilities, and labels after the post-processing of the models, on the grid of the volumes. Of an ensemble the
     *     rules remove what those of all members do, at most
     * @throws MismatchException if a sequence is missing, lies on another grid, has voxels of a size impossible for a brain
     *     image, or a value that is NaN or infinite
     * @throws RefusedInputException if a guard of the models fires that is not accepted
     * @throws IllegalStateException if the predictor is closed
     */
    public Prediction predict(Map<Sequence, Volume> volumes) {
        return predict(volumes, share -> {});
    }

    /**
     * As above, with progress.
     *
     * @param progress called after each forward pass with the share of the passes that are done, 0 to 1
     */
    public Prediction predict(Map<Sequence, Volume> volumes, DoubleConsumer progress) {
        List<Sequence> used = inputsAmong(volumes.keySet());
        List<Volume> inputVolumes = new ArrayList<>();
        Map<Sequence, Volume> shown = new TreeMap<>();
        for (Sequence sequence : used) {
            Volume volume = volumes.get(sequence);
            requireFinite(sequence, volume);
            HeadSize.problem(volume.grid()).ifPresent(problem -> {
                throw new MismatchException("the volume " + sequence + ": " + problem);
            });
            inputVolumes.add(volume);
            shown.put(sequence, volume);
        }
        ReliabilityAssessor.CheckedImages checked = reliability.check(shown);
        Agreement agreement = new Agreement(description.targets());
        PreprocessedSubject preprocessedSubject = description.preprocessing().prepare(inputVolumes);
        List<float[]> probabilities =
                inTurn(networks -> probabilities(networks, preprocessedSubject, used, agreement, progress));
        LabelMap labels =
                PredictedRegions.labels(description.targets(), preprocessedSubject, probabilities, postProcessing);
        return reliability.assess(checked, preprocessedSubject, probabilities, labels, used, agreement);
    }

    /**
     * Reasons why the prediction of a subject may be wrong, one line each: an empty image, or one without a background of 0
     * although the models treat 0 as background.
     */
    public List<String> warnings(Map<Sequence, Volume> volumes) {
        Preprocessing preprocessing = description.preprocessing();
        boolean zeroIsBackground = preprocessing.normalisation() == Preprocessing.Normalisation.ZSCORE_NONZERO
                || preprocessing.crop() == Preprocessing.CropMode.BRAIN;
        return inputs().stream()
                .filter(sequence -> volumes.containsKey(sequence) && zeroIsBackground)
                .flatMap(sequence ->
                        IntensityCheck.of(volumes.get(sequence)).stream().map(problem -> sequence + " " + problem))
                .toList();
    }

    private static void requireFinite(Sequence sequence, Volume volume) {
        for (float value : volume.voxels()) {
            if (!Float.isFinite(value)) {
                throw new MismatchException(
                        "the volume " + sequence + " holds a value that is not finite; replace it by a number first");
            }
        }
    }

    /** Computes on the networks, which stay open meanwhile, when one of the passes is free. */
    private List<float[]> inTurn(Function<LoadedNetworks, List<float[]>> computation) {
        use.readLock().lock();
        try {
            if (isClosed) {
                throw new IllegalStateException("the predictor is closed");
            }
            LoadedNetworks loaded = loaded();
            loaded.passes().acquire();
            try {
                return computation.apply(loaded);
            } finally {
                loaded.passes().release();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PreceptorException("interrupted", e);
        } finally {
            use.readLock().unlock();
        }
    }

    private List<float[]> probabilities(
            LoadedNetworks loaded,
            PreprocessedSubject preprocessedSubject,
            List<Sequence> used,
            Agreement agreement,
            DoubleConsumer progress) {
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            boolean[] present = new boolean[inputs().size()];
            for (int c = 0; c < present.length; c++) {
                present[c] = used.contains(inputs().get(c));
            }
            List<LoadedNetworks.Member> members = loaded.members();
            Tensor image = WholeImage.channels(WholeImage.tensor(preprocessedSubject, loaded.device()), present);
            Targets targets = description.targets();
            List<Tensor> masks = new ArrayList<>();
            Tensor sum = null;
            for (int i = 0; i < members.size(); i++) {
                LoadedNetworks.Member member = members.get(i);
                int before = i;
                Tensor logits = member.window(preprocessedSubject.grid().size(), options)
                        .logits(
                                image,
                                targets.channels(),
                                tiles -> forward(member, tiles, present, agreement),
                                share -> progress.accept((before + share) / members.size()));
                if (members.size() > 1) {
                    masks.add(agreement.masks(logits.unsqueeze(0)));
                }
                if (sum == null) {
                    sum = logits;
                } else {
                    sum.add_(logits);
                    logits.close();
                }
            }
            Tensor mean = sum.div_(new Scalar((double) members.size()));
            if (members.size() > 1) {
                agreement.compare(masks, mean.unsqueeze(0));
            }
            return WholeImage.probabilities(targets, mean);
        }
    }

    private Tensor forward(LoadedNetworks.Member member, Tensor tiles, boolean[] present, Agreement agreement) {
        UnaryOperator<Tensor> network = image -> member.network()
                .forward(Input.of(image, present), Computation.PREDICTION)
                .logits();
        return options.mirror() ? agreement.meanOfMirrorings(tiles, network) : network.apply(tiles);
    }

    /** Frees the networks, after they are built and after the predictions that have begun. A later prediction is refused. */
    @Override
    public void close() {
        use.writeLock().lock();
        try {
            if (!isClosed) {
                isClosed = true;
                Parallel.finished(loading).ifPresent(LoadedNetworks::close);
            }
        } finally {
            use.writeLock().unlock();
        }
    }
}
