package dev.preceptor.cli;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.cohort.LabelFiles;
import dev.preceptor.cohort.UnusedFile;
import dev.preceptor.leakage.Leakage;
import dev.preceptor.leakage.NameMapping;
import dev.preceptor.leakage.Scored;
import dev.preceptor.metrics.Challenge;
import dev.preceptor.metrics.Convention;
import dev.preceptor.metrics.Evaluation;
import dev.preceptor.metrics.EvaluationFiles;
import dev.preceptor.metrics.EvaluationOptions;
import dev.preceptor.metrics.EvaluationText;
import dev.preceptor.metrics.Scoring;
import dev.preceptor.model.TrainedOn;
import dev.preceptor.report.EvaluationReport;
import dev.preceptor.spark.ClusterNeeds;
import dev.preceptor.spark.ClusterSession;
import dev.preceptor.spark.Place;
import dev.preceptor.spark.SparkEvaluation;
import dev.preceptor.spark.SparkSubmit;
import dev.preceptor.volume.LabelSpace;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code preceptor evaluate}: scores predictions against references. */
@Command(
        name = "evaluate",
        description =
                "Score label maps against references. Prints a table and writes scores.csv, scores.json, brats.csv (the"
                        + " official table of BraTS; lesions.csv for other labels), summary.json (nnU-Net's format) and a"
                        + " report into a folder. Probabilities beside the predictions give calibration scores.",
        sortOptions = false)
final class EvaluateCommand implements Callable<Integer>, SparkOptions.Command {
    @Option(
            names = "--predictions",
            required = true,
            paramLabel = "DIR|FILE",
            converter = PlacePath.class,
            description = "Label maps to score: a file or a folder, NIfTI or DICOM segmentations.")
    private Path predictions;

    @Option(
            names = "--references",
            required = true,
            paramLabel = "DIR|FILE",
            converter = PlacePath.class,
            description = "Reference label maps: a file, a flat folder or a cohort, NIfTI or DICOM segmentations.")
    private Path references;

    @Option(
            names = "--out",
            required = true,
            paramLabel = "DIR",
            converter = PlacePath.class,
            description = "The folder for scores and report.")
    private Path out;

    @Mixin
    private SchemaOption labels;

    @Option(
            names = "--prediction-schema",
            paramLabel = "NAME|FILE",
            converter = SchemaName.class,
            description =
                    "Label schema of the predictions, if it differs from the references'; their labels are mapped.")
    private Optional<LabelSpace> predictionSchema = Optional.empty();

    @Option(
            names = "--convention",
            paramLabel = "NAME",
            description =
                    "Convention for empty masks and HD95: ${COMPLETION-CANDIDATES} (default BRATS_LEGACY; NNUNET if the"
                            + " labels are not of BraTS).")
    private Optional<Convention> convention;

    @Option(
            names = "--challenge",
            paramLabel = "NAME",
            description = "Challenge whose rules separate lesions in brats.csv or lesions.csv: ${COMPLETION-CANDIDATES}"
                    + " (default GLI).")
    private Optional<Challenge> challenge;

    @Option(
            names = "--tolerances",
            paramLabel = "MM",
            split = ",",
            description = "Tolerances of surface Dice in millimetres (default 1,2).")
    private List<Double> tolerances = List.of();

    @Option(
            names = "--resample",
            description =
                    "Resample predictions on another grid to the grid of their reference, instead of refusing them.")
    private boolean resample;

    @Option(
            names = "--model",
            paramLabel = "FILE[,FILE...]",
            description =
                    "The models that made the predictions; scored subjects on which they were trained are marked.")
    private List<String> models = List.of();

    @Option(
            names = "--mapping",
            paramLabel = "FILE",
            description =
                    "Names of the same patients in other years (BraTS name_mapping.csv), to find more such subjects.")
    private Optional<Path> mapping;

    @Option(
            names = "--threads",
            paramLabel = "N",
            description =
                    "Number of subjects and regions scored in parallel (default: one per core; not with --spark).")
    private Optional<Integer> threads;

    @Mixin
    private SparkOptions spark;

    @Spec
    private CommandSpec spec;

    /** An executor holds one pair. */
    @Override
    public Optional<SparkSubmit> submission() {
        if (mapping.isPresent() && models.isEmpty()) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--mapping finds subjects on which models were trained; name these with --model");
        }
        if (threads.isPresent() && spark.isRequested()) {
            throw new ParameterException(
                    spec.commandLine(), "--threads has no effect with --spark, whose tasks score one subject each");
        }
        boolean isAway = Stream.of(predictions, references)
                .anyMatch(path -> !Place.of(path).isLocal());
        if (isAway && !models.isEmpty()) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--model compares the content of all references on one machine; leave it out, or give paths"
                            + " instead of URIs");
        }
        return spark.submission(
                spec,
                () -> new ClusterNeeds(1, 2048, 512),
                Stream.concat(ModelPaths.of(models).stream(), mapping.stream()).toList(),
                List.of(predictions, references, out));
    }

    @Override
    public Integer call() {
        Optional<SparkSubmit> submission = submission();
        if (submission.isPresent()) {
            return submission.get().run(System.getenv());
        }
        EvaluationOptions options = EvaluationOptions.DEFAULT;
        requireTolerances();
        // Refuses a challenge without rules before any file is read.
        scoring(LabelSpace.BRATS_2018);
        options = options.withScoring(this::scoring);
        options = labels.schema().map(options::withSchema).orElse(options);
        options = predictionSchema.map(options::withPredictionSchema).orElse(options);
        options = resample ? options.withResampling() : options;
        options = threads.map(this::positive).map(options::withThreads).orElse(options);
        NameMapping names = mapping.map(NameMapping::read).orElse(NameMapping.NONE);
        Map<String, Optional<TrainedOn>> trainedOn = Leakage.recorded(ModelPaths.of(models).stream()
                .collect(Collectors.toMap(Path::toString, Function.identity(), (same, again) -> same)));
        if (Place.of(out).isLocal()) {
            AtomicFiles.requireFolder(out);
        }
        if (spark.isDriver()) {
            onCluster(options, trainedOn, names);
            return 0;
        }
        warnOfUnused(Stream.of(predictions, references)
                .flatMap(place -> LabelFiles.at(place).unused().stream())
                .map(UnusedFile::toString)
                .toList());
        Evaluation evaluation = withLeaks(Evaluation.of(predictions, references, options), trainedOn, names);
        EvaluationFiles.write(evaluation, out);
        new EvaluationReport(evaluation, predictions, references, options.predictionSchema()).write(out);
        print(evaluation);
        return 0;
    }

    private void onCluster(EvaluationOptions options, Map<String, Optional<TrainedOn>> trainedOn, NameMapping names) {
        try (SparkEvaluation work = SparkEvaluation.of(predictions, references)) {
            warnOfUnused(work.unused());
            Evaluation scored;
            try (ClusterSession cluster = ClusterSession.open("preceptor evaluate " + out);
                    ProgressBar bar = ProgressBar.on(spec.commandLine().getErr())) {
                scored = work.run(cluster, options, spark.progress(bar, "scoring"));
            }
            Evaluation evaluation = withLeaks(scored, trainedOn, names);
            work.write(evaluation, options.predictionSchema(), out);
            print(evaluation);
        }
    }

    private void warnOfUnused(List<String> files) {
        files.forEach(file -> spec.commandLine().getErr().println("preceptor: warning: not scored: " + file));
        spec.commandLine().getErr().flush();
    }

    private void print(Evaluation evaluation) {
        spec.commandLine().getOut().print(EvaluationText.of(evaluation));
        spec.commandLine().getOut().flush();
    }

    private Evaluation withLeaks(Evaluation evaluation, Map<String, Optional<TrainedOn>> trainedOn, NameMapping names) {
        if (trainedOn.isEmpty()) {
            return evaluation;
        }
        Leakage leakage = Leakage.among(trainedOn, Scored.in(evaluation, references), names);
        leakage.warnings().forEach(line -> spec.commandLine().getErr().println("preceptor: warning: " + line));
        spec.commandLine().getErr().flush();
        return leakage.mark(evaluation);
    }

    private void requireTolerances() {
        if (tolerances.stream().anyMatch(t -> !(t >= 0) || t.isInfinite())) {
            throw new ParameterException(spec.commandLine(), "--tolerances must be 0 mm or more, not " + tolerances);
        }
    }

    private Scoring scoring(LabelSpace space) {
        Scoring usual = Scoring.of(space);
        return new Scoring(
                convention.orElse(usual.convention()),
                challenge.orElse(usual.challenge()),
                tolerances.isEmpty() ? usual.tolerancesMm() : tolerances);
    }

    private int positive(int count) {
        if (count < 1) {
            throw new ParameterException(spec.commandLine(), "--threads must be at least 1, not " + count);
        }
        return count;
    }
}
