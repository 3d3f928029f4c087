package dev.preceptor.cli;

import dev.preceptor.base.PreceptorException;
import dev.preceptor.cohort.SeriesChoice;
import dev.preceptor.dicomweb.DicomWebAddress;
import dev.preceptor.infer.Assessment;
import dev.preceptor.infer.PredictionJob;
import dev.preceptor.infer.PredictionOptions;
import dev.preceptor.infer.Predictor;
import dev.preceptor.infer.Preset;
import dev.preceptor.model.VerifyingKey;
import dev.preceptor.quality.DiceEstimate;
import dev.preceptor.spark.ClusterNeeds;
import dev.preceptor.spark.ClusterSession;
import dev.preceptor.spark.Place;
import dev.preceptor.spark.SparkPrediction;
import dev.preceptor.spark.SparkSubmit;
import dev.preceptor.volume.Sequence;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code preceptor predict}: writes label maps on the grid of the input. */
@Command(
        name = "predict",
        description = "Segment one image, one subject or a folder of subjects with a model.",
        sortOptions = false)
final class PredictCommand implements Callable<Integer>, SparkOptions.Command {
    private static final int MAX_NAMED = 20;

    @Option(
            names = "--model",
            required = true,
            paramLabel = "FILE[,FILE...]",
            description =
                    "A model file. Several, separated by commas or given by repeating the option, form an ensemble.")
    private List<String> models;

    @Option(
            names = "--input",
            required = true,
            paramLabel = "FILE|DIR|URL",
            description =
                    "A NIfTI file (for a model of one sequence), the folder of one subject, or a folder of subjects; DICOM: the"
                            + " folder of a series, of a study or of mixed files, or one multi-frame file; or series of a PACS,"
                            + " dicomweb://host:port/path/studies/UID[/series/UID] (dicomwebs:// for HTTPS).")
    private String input;

    @Option(
            names = "--out",
            required = true,
            paramLabel = "FILE|DIR",
            converter = PlacePath.class,
            description =
                    "A file for one subject, or a folder. The folder gets ID.nii.gz or ID.dcm for each subject, and"
                            + " predictions.json, with which the next call skips subjects that are up to date.")
    private Path out;

    @Option(
            names = "--sequence",
            paramLabel = "NAME",
            description =
                    "The sequence of a single input file or DICOM series (T1, T1CE, T2, FLAIR), if its name or header"
                            + " does not say it for certain.")
    private Optional<String> sequence;

    @Option(
            names = "--series",
            paramLabel = "[NAME=]UID[,...]",
            split = ",",
            description =
                    "The DICOM series that is meant, by its series instance UID, where several fit; UID:2 is its second"
                            + " volume, T1CE=UID also says what it is.")
    private List<String> series = List.of();

    @Option(
            names = "--format",
            paramLabel = "nifti|dicom-seg|dicom-labelmap",
            description =
                    "The format of the outputs: NIfTI; or, of a DICOM series, a DICOM segmentation with one bit for each voxel of each"
                            + " class (dicom-seg) or with one number for each voxel (dicom-labelmap) (default: nifti).")
    private OutputFormat format = OutputFormat.NIFTI;

    @Option(
            names = "--probabilities",
            description =
                    "Also write the probability of each region: a NIfTI file for each, or one FRACTIONAL DICOM segmentation.")
    private boolean probabilities;

    @Option(
            names = "--tta",
            description = "Test-time augmentation: average over the 8 mirrorings. Takes 8 times as long.")
    private boolean mirror;

    @Option(
            names = "--preset",
            paramLabel = "exact|balanced|fast",
            description =
                    "How images are cut into tiles: as the model was validated (exact), overlapping less (balanced), or as"
                            + " few tiles as fit (fast) (default: exact).")
    private Preset preset = Preset.EXACT;

    @Option(
            names = "--overlap",
            paramLabel = "X",
            description = "Overlap of neighbouring tiles as a share of a tile, 0 to 0.9 (default: the model's).")
    private Optional<Double> overlap;

    @Option(
            names = "--post-processing",
            paramLabel = "model|none",
            description =
                    "Whether the rules of the model (small components are removed, holes filled) are applied: model or"
                            + " none (default: model).")
    private PostProcessingSource postProcessing = PostProcessingSource.MODEL;

    @Option(
            names = "--uncertainty",
            description = "Also write the uncertainty of each voxel, 0 to 1 bit: the largest entropy of a region.")
    private boolean uncertainty;

    @Option(
            names = "--accept",
            paramLabel = "GUARD[,GUARD...]",
            description =
                    "Segment subjects although these guards of the model refuse them, for example wrong-sequence.")
    private List<String> accept = List.of();

    @Option(
            names = "--trusted-key",
            paramLabel = "PUBLIC.pem",
            split = ",",
            description = "Refuse a model that none of these public keys has signed (preceptor sign).")
    private List<Path> trustedKeys = List.of();

    @Option(names = "--store", description = "Also send the segmentations, in a DICOM format, to the PACS of --input.")
    private boolean store;

    @Mixin
    private PacsLogin login;

    @Mixin
    private ComputeOptions compute;

    @Mixin
    private SparkOptions spark;

    @Spec
    private CommandSpec spec;

    /** The rules by which predictions are post-processed. */
    private enum PostProcessingSource {
        MODEL,
        NONE
    }

    /** An executor holds the model and one subject. */
    @Override
    public Optional<SparkSubmit> submission() {
        return spark.submission(
                spec,
                () -> {
                    if (DicomWebAddress.isAddress(input)) {
                        throw new ParameterException(
                                spec.commandLine(),
                                "--input: a cluster reads no PACS; fetch the images into a folder that it sees (preceptor pacs fetch)");
                    }
                    format.requireNameOf(out);
                    return new ClusterNeeds(Math.max(1, compute.threads()), 2048, 4096);
                },
                Stream.concat(ModelPaths.of(models).stream(), trustedKeys.stream())
                        .toList(),
                DicomWebAddress.isAddress(input) ? List.of(out) : List.of(Place.path(input), out));
    }

    @Override
    public Integer call() {
        Optional<SparkSubmit> submission = submission();
        if (submission.isPresent()) {
            return submission.get().run(System.getenv());
        }
        PredictionOptions chosen = PredictionOptions.DEFAULTS
                .withDevice(compute.device())
                .withPreset(preset)
                .withMirror(mirror)
                .withPostProcessing(postProcessing == PostProcessingSource.MODEL)
                .withAccepted(GuardLabels.parse(spec, accept));
        PredictionOptions options =
                overlap.map(share -> withOverlap(chosen, share)).orElse(chosen);
        List<VerifyingKey> trusted =
                trustedKeys.stream().map(VerifyingKey::read).toList();
        SeriesChoice choice = new SeriesChoice(sequence.map(this::sequence), series());
        format.requireNameOf(out);
        if (store && format == OutputFormat.NIFTI) {
            throw new ParameterException(spec.commandLine(), "--store needs --format dicom-seg or dicom-labelmap");
        }
        PrintWriter results = spec.commandLine().getOut();
        PredictionJob.JobResult outcome;
        try (ProgressBar bar = ProgressBar.on(spec.commandLine().getErr());
                ImageInput images = ImageInput.of(input, login, store, new PacsProgress(bar, "fetching"));
                Predictor predictor =
                        Predictor.begin(ModelPaths.of(models), trusted, options, OptionalInt.of(compute.threads()))) {
            if (images.pacs().isPresent() || spark.isDriver()) {
                // A model that cannot be loaded is refused before images are fetched, or a cluster begins.
                predictor.await();
            }
            Path path = images.path(new PacsProgress(bar, "fetching"));
            outcome = spark.isDriver()
                    ? onCluster(path, predictor, options, choice, bar)
                    : new PredictionJob(
                                    path,
                                    out,
                                    probabilities,
                                    choice.sequence(),
                                    format.writer(predictor),
                                    uncertainty,
                                    choice.series())
                            .run(predictor, new PredictionProgress(bar));
            outcome.done().forEach(done -> results.println(Place.of(done.labels())));
            results.flush();
            if (store && !outcome.done().isEmpty()) {
                List<Path> written =
                        outcome.done().stream().map(PredictionJob.Done::labels).toList();
                PacsUpload.send(images.pacs().orElseThrow(), written, bar).print(results);
            }
        }
        if (outcome.failed().isEmpty()) {
            return 0;
        }
        throw incomplete(outcome);
    }

    private PredictionOptions withOverlap(PredictionOptions chosen, double share) {
        try {
            return chosen.withOverlap(share);
        } catch (PreceptorException e) {
            throw new ParameterException(spec.commandLine(), "--overlap: " + e.getMessage(), e);
        }
    }

    private PredictionJob.JobResult onCluster(
            Path images, Predictor predictor, PredictionOptions options, SeriesChoice choice, ProgressBar bar) {
        try (ClusterSession cluster = ClusterSession.open("preceptor predict " + out)) {
            return new SparkPrediction(
                            ModelPaths.of(models),
                            options,
                            images,
                            out,
                            probabilities,
                            uncertainty,
                            format.segmentationType(),
                            choice)
                    .run(cluster, predictor, new ClusterProgress(bar), spark.progress(bar, "predicting"));
        }
    }

    /** Sums up the failures, whose reasons were printed when they occurred. */
    private PreceptorException incomplete(PredictionJob.JobResult outcome) {
        List<PredictionJob.Failure> failed = outcome.failed();
        String names =
                failed.stream().limit(MAX_NAMED).map(PredictionJob.Failure::id).collect(Collectors.joining(", "));
        int rest = failed.size() - MAX_NAMED;
        PreceptorException summary = new PreceptorException(input + ": "
                + failed.size() + " of " + (failed.size() + outcome.done().size())
                + " subjects could not be predicted (" + names + (rest > 0 ? " and " + rest + " more" : "")
                + "); the lines above say why, and the same command retries them");
        failed.forEach(failure -> summary.addSuppressed(failure.cause()));
        return summary;
    }

    private List<SeriesChoice.NamedSeries> series() {
        try {
            return series.stream().map(SeriesChoice.NamedSeries::of).toList();
        } catch (IllegalArgumentException e) {
            throw new ParameterException(
                    spec.commandLine(), "--series is UID or NAME=UID with NAME such as T1CE, not \"" + series + "\"");
        }
    }

    private Sequence sequence(String name) {
        try {
            return Sequence.of(name);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(
                    spec.commandLine(), "--sequence is T1, T1CE, T2, FLAIR or a name of a model, not \"" + name + "\"");
        }
    }

    /** Prints what the tasks of a cluster reported, once they are done. */
    private record ClusterProgress(ProgressBar bar) implements PredictionJob.Listener {
        @Override
        public void onDone(PredictionJob.Done done) {}

        @Override
        public void onFailed(PredictionJob.Failure failure) {
            bar.line("preceptor: skipped: " + failure);
        }

        @Override
        public void onWarning(String text) {
            bar.line("preceptor: warning: " + text);
        }
    }

    private static final class PredictionProgress implements PredictionJob.Listener {
        private final ProgressBar bar;

        PredictionProgress(ProgressBar bar) {
            this.bar = bar;
            bar.start("predicting", "subject", 0, 1);
        }

        @Override
        public void onDone(PredictionJob.Done done) {
            bar.update(done.number(), done.total(), done.id() + (done.isKept() ? " (kept)" : ""));
            if (isWorthALine(done.assessment())) {
                bar.line(done.id() + ": expected Dice "
                        + done.assessment().dice().entrySet().stream()
                                .map(region -> region.getKey() + " " + region.getValue())
                                .collect(Collectors.joining(", ")));
            }
            if (!done.absent().isEmpty()) {
                bar.line(done.id() + ": segmented from " + Sequence.names(done.used()) + ", without "
                        + Sequence.names(done.absent()));
            }
        }

        /** Models that know nothing about their reliability predict in silence. */
        private static boolean isWorthALine(Assessment assessment) {
            return !assessment.findings().isEmpty()
                    || assessment.dice().values().stream().anyMatch(DiceEstimate::isFitted);
        }

        @Override
        public void onFailed(PredictionJob.Failure failure) {
            bar.line("preceptor: skipped: " + failure);
        }

        @Override
        public void onWarning(String text) {
            bar.line("preceptor: warning: " + text);
        }
    }
}
