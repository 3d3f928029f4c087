package dev.preceptor.cli;

import dev.preceptor.spark.ClusterNeeds;
import dev.preceptor.spark.ClusterSession;
import dev.preceptor.spark.SparkSubmit;
import dev.preceptor.spark.SparkTrials;
import dev.preceptor.study.Study;
import dev.preceptor.study.StudyFiles;
import dev.preceptor.study.StudyOptions;
import dev.preceptor.study.StudyResult;
import dev.preceptor.study.StudyRun;
import dev.preceptor.study.TrialExecutor;
import dev.preceptor.study.TrialState;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code preceptor study}: compares recipes over folds and seeds. */
@Command(
        name = "study",
        description =
                "Train every arm of a study on every fold with every seed, score each on its held-out fold, and compare."
                        + " After an interruption the same command, with the same --out, continues; finished trials are kept.",
        sortOptions = false)
final class StudyCommand implements Callable<Integer>, SparkOptions.Command {
    private static final int INTERRUPTED = 130;
    private static final int EXECUTOR_HEAP_MIB = 512;
    /** Of a trial on a cluster, if {@code --memory} does not say it. */
    private static final long TRIAL_MIB = 6144;

    private static final Pattern MEMORY = Pattern.compile("([0-9]{1,9})([mg])b?", Pattern.CASE_INSENSITIVE);

    @Parameters(
            paramLabel = "STUDY",
            description = "A YAML file, or the name of a built-in study: kd-net-table-2, kd-net-table-2-phantom, ...")
    private String study;

    @Option(
            names = "--cohort",
            paramLabel = "DIR",
            description = "The folder of the cohort; leave out for a phantom study.")
    private Optional<Path> cohort;

    @Option(
            names = "--unlabelled",
            paramLabel = "DIR",
            description = "A second cohort, from whose images alone those methods learn that use unlabelled subjects.")
    private Optional<Path> unlabelled;

    @Option(
            names = "--out",
            required = true,
            paramLabel = "DIR",
            description = "The folder for trainings, scores and report.")
    private Path out;

    @Option(
            names = "--mapping",
            paramLabel = "FILE",
            description = "Names of the same patients in other years (BraTS name_mapping.csv), to find leakage.")
    private Optional<Path> mapping;

    @Option(
            names = "--jobs",
            paramLabel = "N",
            description =
                    "Number of trials in parallel; they share threads and memory (default 1; with --spark, as many"
                            + " as the cluster has places, and each has the threads and the memory).")
    private Optional<Integer> jobs = Optional.empty();

    @Option(
            names = "--memory",
            paramLabel = "SIZE",
            description =
                    "With --jobs of 2 or more or --spark: memory for all trials together, for instance 16g; a quarter of it is"
                            + " for the Java heap (default: the memory of this process).")
    private Optional<String> memory;

    @Option(
            names = "--plan-only",
            description = "Print the steps of each arm and how long the study takes, and exit without training.")
    private boolean planOnly;

    @Mixin
    private SchemaOption labels;

    @Mixin
    private ComputeOptions compute;

    @Mixin
    private SparkOptions spark;

    @Spec
    private CommandSpec spec;

    /** An executor only starts the process of a trial, which lives in the memory beside its heap. */
    @Override
    public Optional<SparkSubmit> submission() {
        return spark.submission(
                spec,
                () -> new ClusterNeeds(Math.max(1, compute.threads()), EXECUTOR_HEAP_MIB, (int) memoryOfTrialMib()),
                Stream.of(Optional.of(out), cohort, unlabelled, mapping)
                        .flatMap(Optional::stream)
                        .toList(),
                List.of());
    }

    private long memoryOfTrialMib() {
        return memory.map(this::mebibytes).orElse(TRIAL_MIB);
    }

    @Override
    public Integer call() {
        Optional<SparkSubmit> submission = submission();
        if (submission.isPresent()) {
            return submission.get().run(System.getenv());
        }
        if (jobs.orElse(1) < 1) {
            throw new ParameterException(spec.commandLine(), "--jobs is at least 1, not " + jobs.get());
        }
        if (memory.isPresent() && !spark.isDriver() && jobs.orElse(1) == 1) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--memory is divided among trials in parallel; give --jobs of 2 or more, or leave it out");
        }
        return spark.isDriver() && !planOnly
                ? runOnCluster()
                : run(
                        Optional.empty(),
                        jobs.orElse(1),
                        compute.threads(),
                        memory.map(this::mebibytes).orElse(0L));
    }

    private int runOnCluster() {
        try (ClusterSession cluster = ClusterSession.open("preceptor study " + out)) {
            SparkTrials trials = new SparkTrials(cluster, Math.max(512, memoryOfTrialMib() / 4));
            int parallel = jobs.orElseGet(trials::slots);
            return run(Optional.of(trials), parallel, parallel * trials.threads(), 0);
        }
    }

    private int run(Optional<TrialExecutor> cluster, int parallel, int threads, long memoryMib) {
        PrintWriter err = spec.commandLine().getErr();
        PrintWriter results = spec.commandLine().getOut();
        StudyOptions options = new StudyOptions(
                out, cohort, mapping, compute.device(), threads, parallel, memoryMib, labels.schema(), unlabelled);
        try (ProgressBar bar = ProgressBar.on(err);
                StopSignals signals = StopSignals.listen(err)) {
            StudyProgress progress = new StudyProgress(bar, parallel > 1 || cluster.isPresent());
            if (planOnly) {
                results.print(
                        StudyRun.forecast(Study.load(study), options, progress).text());
                results.flush();
                return 0;
            }
            Study whole = Study.load(study);
            Optional<StudyResult> result = cluster.isPresent()
                    ? StudyRun.run(whole, options, progress, signals::requested, cluster.get())
                    : StudyRun.run(whole, options, progress, signals::requested);
            bar.close();
            if (result.isEmpty()) {
                results.println("stopped; the same command continues in " + out);
                results.flush();
                return INTERRUPTED;
            }
            return report(result.get(), results, err);
        }
    }

    private int report(StudyResult result, PrintWriter results, PrintWriter err) {
        results.print(StudyFiles.text(result));
        results.println();
        results.println("all results  " + out.resolve("study.json"));
        results.println("comparison   " + out.resolve("comparison.md"));
        results.println("report       " + out.resolve("report").resolve("index.html"));
        results.flush();
        result.warnings().forEach(line -> err.println("preceptor: warning: " + line));
        err.flush();
        if (result.failed().isEmpty()) {
            return 0;
        }
        err.println("preceptor: error: " + result.failed().size() + " of "
                + result.cells().size() + " trials failed: "
                + result.failed().stream().map(TrialState::name).collect(Collectors.joining(", "))
                + "; the same command retries them");
        err.flush();
        return 1;
    }

    private long mebibytes(String text) {
        Matcher form = MEMORY.matcher(text);
        if (!form.matches()) {
            throw new ParameterException(
                    spec.commandLine(), "--memory is a size such as 8g or 6000m, not \"" + text + "\"");
        }
        long number = Long.parseLong(form.group(1));
        return form.group(2).toLowerCase(Locale.ROOT).equals("g") ? 1024 * number : number;
    }
}
