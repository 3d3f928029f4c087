package dev.preceptor.cli;

import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.parallel.DistributedEnvironment;
import dev.preceptor.recipe.DataOptions;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.report.LivePage;
import dev.preceptor.report.RunReport;
import dev.preceptor.report.WatchServer;
import dev.preceptor.run.FoldChoice;
import dev.preceptor.run.TrainingEvent;
import dev.preceptor.run.TrainingJob;
import dev.preceptor.spark.ClusterNeeds;
import dev.preceptor.spark.ClusterSession;
import dev.preceptor.spark.SparkSubmit;
import dev.preceptor.spark.SparkTraining;
import dev.preceptor.track.MlflowTracking;
import dev.preceptor.train.Training;
import dev.preceptor.train.TrainingResult;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code preceptor train}: trains the networks of a recipe, into a run folder. */
@Command(
        name = "train",
        description =
                "Train the networks of a recipe on a cohort. Ctrl-C writes a checkpoint; --resume continues from it.",
        sortOptions = false)
final class TrainCommand implements Callable<Integer>, SparkOptions.Command {
    private static final int INTERRUPTED = 130;
    private static final int HEAP_MIB = 2048;
    /** Memory of a rank beside its heap on a cluster, if the recipe does not say what it may use. */
    private static final int NATIVE_MIB = 6144;

    @Parameters(
            paramLabel = "RECIPE",
            description = "A YAML file, or the name of a built-in recipe: baseline, kd-net, mtcm-kd, ...")
    private String recipe;

    @Option(names = "--cohort", required = true, paramLabel = "DIR", description = "The folder of the cohort.")
    private Path cohort;

    @Option(
            names = "--unlabelled",
            paramLabel = "DIR",
            description = "A second cohort, from whose images alone a method learns that uses unlabelled subjects; see"
                    + " sampling.unlabelled.")
    private Optional<Path> unlabelled;

    @Option(
            names = "--out",
            required = true,
            paramLabel = "RUN",
            description = "The run folder: checkpoints, metrics, models, report.")
    private Path out;

    @Option(
            names = "--fold",
            paramLabel = "K/N",
            description = "Leave out fold K of N, K from 1, so that its subjects can be scored.")
    private Optional<String> fold;

    @Option(
            names = "--set",
            paramLabel = "key=value",
            description = "Override a key of the recipe, for instance optimization.epochs=20; repeatable.")
    private List<String> overrides = new ArrayList<>();

    @Option(names = "--resume", description = "Continue from the newest checkpoint in RUN.")
    private boolean resume;

    @Option(
            names = "--cache",
            paramLabel = "DIR",
            description =
                    "Cache of preprocessed subjects, shared between runs (default: in RUN until it has finished).")
    private Optional<Path> cache;

    @Option(
            names = "--data-threads",
            paramLabel = "N",
            defaultValue = "0",
            description = "Threads that prepare batches (default: the cores that --threads leaves, at least 1).")
    private int dataThreads;

    @Option(
            names = "--plan-only",
            description =
                    "Print patch, depth, batch, expected memory and, from a measured step, the time on this machine,"
                            + " and exit without training.")
    private boolean planOnly;

    @Option(
            names = "--mlflow",
            paramLabel = "URL",
            description = "Log the training to an MLflow server (default: MLFLOW_TRACKING_URI, if set).")
    private Optional<String> mlflow;

    @Option(
            names = "--watch",
            paramLabel = "[HOST:]PORT",
            description =
                    "Serve a live page of the training at this port, on this machine only; with a HOST such as 0.0.0.0,"
                            + " to everyone who can reach the port.")
    private Optional<String> watch;

    @Option(
            names = "--ranks",
            paramLabel = "N",
            defaultValue = "1",
            description =
                    "With --spark: executors that train together, as processes of torchrun do (default ${DEFAULT-VALUE}).")
    private int ranks;

    @Mixin
    private SchemaOption labels;

    @Mixin
    private ComputeOptions compute;

    @Mixin
    private SparkOptions spark;

    @Spec
    private CommandSpec spec;

    /** An executor holds the network, its gradients and a batch; the heap caches preprocessed subjects. */
    @Override
    public Optional<SparkSubmit> submission() {
        if (ranks < 1) {
            throw new ParameterException(spec.commandLine(), "--ranks must be at least 1, not " + ranks);
        }
        if ((spark.isRequested() || planOnly) && (mlflow.isPresent() || watch.isPresent())) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--mlflow and --watch follow a training on this machine; leave them out with "
                            + (spark.isRequested() ? "--spark" : "--plan-only"));
        }
        return spark.submission(
                spec,
                () -> new ClusterNeeds(Math.max(1, compute.threads()), HEAP_MIB, memoryMib(), OptionalInt.of(ranks)),
                Stream.concat(Stream.of(cohort, out), Stream.concat(unlabelled.stream(), cache.stream()))
                        .toList(),
                List.of());
    }

    /** What the recipe may use, if it says so. */
    private int memoryMib() {
        double gib = Recipe.load(recipe, overrides).memory();
        return gib > 0 ? (int) Math.ceil(1024 * gib) : NATIVE_MIB;
    }

    @Override
    public Integer call() {
        Optional<SparkSubmit> submission = submission();
        if (submission.isPresent()) {
            return submission.get().run(System.getenv());
        }
        if (ranks > 1 && !spark.isDriver()) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--ranks needs --spark; on machines of your own start the ranks with torchrun or Slurm");
        }
        DistributedEnvironment distributedEnvironment = DistributedEnvironment.of(System.getenv());
        PrintWriter err = spec.commandLine().getErr();
        TrainingJob job = new TrainingJob(
                Recipe.load(recipe, overrides),
                cohort,
                out,
                fold.map(this::fold),
                resume,
                compute.device(),
                compute.threads(),
                new DataOptions(cache, dataThreads),
                labels.schema(),
                unlabelled);
        if (planOnly) {
            PrintWriter results = spec.commandLine().getOut();
            Training.preview(job).lines().forEach(results::println);
            results.flush();
            return 0;
        }
        if (spark.isDriver()) {
            return trainOnCluster(job, err);
        }
        Optional<WatchServer.Place> place = watch.map(this::place);
        if (!distributedEnvironment.isLeader()) {
            return runFollower(job, distributedEnvironment, err);
        }
        try (ProgressBar bar = ProgressBar.on(err);
                StopSignals signals = StopSignals.listen(err)) {
            TrainingResult outcome = place.isEmpty()
                    ? train(job, distributedEnvironment, new TrainingProgress(bar), bar, signals::requested)
                    : trainWithLivePage(job, distributedEnvironment, place.get(), bar, signals::requested);
            bar.close();
            return report(outcome);
        }
    }

    private FoldChoice fold(String text) {
        try {
            return FoldChoice.parse(text);
        } catch (InvalidRecipeException e) {
            throw new ParameterException(spec.commandLine(), "--fold: " + e.getMessage(), e);
        }
    }

    private int trainOnCluster(TrainingJob job, PrintWriter err) {
        trackingServer().ifPresent(server -> {
            err.println("preceptor: warning: MLFLOW_TRACKING_URI is set, but a training on a cluster is not logged to "
                    + server);
            err.flush();
        });
        try (ClusterSession cluster = ClusterSession.open("preceptor train " + out);
                ProgressBar bar = ProgressBar.on(err);
                StopSignals signals = StopSignals.listen(err)) {
            bar.start("training", "rank", 0, ranks);
            TrainingResult outcome =
                    new SparkTraining(cluster, ranks).run(job, phrase -> bar.update(ranks, phrase), signals::requested);
            bar.close();
            return report(outcome);
        }
    }

    private int report(TrainingResult outcome) {
        PrintWriter results = spec.commandLine().getOut();
        if (!outcome.finished()) {
            results.println("stopped; the same command with --resume continues from " + outcome.run());
            results.flush();
            return INTERRUPTED;
        }
        outcome.models().forEach((role, file) -> results.println(role + " " + file));
        results.println("report " + RunReport.write(outcome.run()));
        results.flush();
        return 0;
    }

    /** Trains in a process other than rank 0, which prints and writes for all. */
    private static int runFollower(TrainingJob job, DistributedEnvironment distributedEnvironment, PrintWriter err) {
        try (StopSignals signals = StopSignals.listen(err)) {
            return Training.run(job, distributedEnvironment, event -> {}, signals::requested)
                            .finished()
                    ? 0
                    : INTERRUPTED;
        }
    }

    private WatchServer.Place place(String text) {
        return WatchServer.Place.parse(text)
                .orElseThrow(() -> new ParameterException(
                        spec.commandLine(), "--watch is a port such as 8080, or HOST:PORT, not \"" + text + "\""));
    }

    private TrainingResult trainWithLivePage(
            TrainingJob job,
            DistributedEnvironment distributedEnvironment,
            WatchServer.Place place,
            ProgressBar bar,
            BooleanSupplier stopRequested) {
        LivePage page = new LivePage(out, job.recipe(), facts(job));
        try (WatchServer server = WatchServer.open(place, page)) {
            bar.line("preceptor: live page at " + server.address());
            if (server.isOpenToOthers()) {
                bar.line(
                        "preceptor: warning: everyone who can reach this port sees slices of your patients, without password");
            }
            return train(job, distributedEnvironment, new TrainingProgress(bar).andThen(page), bar, stopRequested);
        }
    }

    private Map<String, String> facts(TrainingJob job) {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("recipe", recipe);
        facts.put("method", job.recipe().method());
        facts.put("cohort", cohort.toString());
        fold.ifPresent(choice -> facts.put("fold", choice));
        facts.put("seed", String.valueOf(job.recipe().seed()));
        facts.put("device", job.device());
        facts.put("run", out.toString());
        return facts;
    }

    private TrainingResult train(
            TrainingJob job,
            DistributedEnvironment distributedEnvironment,
            Consumer<TrainingEvent> progress,
            ProgressBar bar,
            BooleanSupplier stopRequested) {
        Optional<String> server = trackingServer();
        if (server.isEmpty()) {
            return Training.run(job, distributedEnvironment, progress, stopRequested);
        }
        String experiment = Optional.ofNullable(System.getenv("MLFLOW_EXPERIMENT_NAME"))
                .filter(name -> !name.isBlank())
                .orElse("preceptor");
        try (MlflowTracking tracking = MlflowTracking.of(
                server.get(), experiment, out, job.recipe(), tags(), line -> bar.line("preceptor: warning: " + line))) {
            TrainingResult outcome =
                    Training.run(job, distributedEnvironment, progress.andThen(tracking), stopRequested);
            tracking.end(outcome.finished() ? MlflowTracking.End.FINISHED : MlflowTracking.End.KILLED);
            return outcome;
        }
    }

    private Optional<String> trackingServer() {
        return mlflow.or(
                () -> Optional.ofNullable(System.getenv("MLFLOW_TRACKING_URI")).filter(s -> !s.isBlank()));
    }

    private Map<String, String> tags() {
        return Map.of("recipe", recipe, "cohort", cohort.toString(), "fold", fold.orElse("none"));
    }
}
