package dev.preceptor.cli;

import dev.preceptor.parallel.DistributedEnvironment;
import dev.preceptor.plan.Plan;
import dev.preceptor.plan.PlannedRecipe;
import dev.preceptor.recipe.DataOptions;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.report.LivePage;
import dev.preceptor.report.RunReport;
import dev.preceptor.report.WatchServer;
import dev.preceptor.run.FoldChoice;
import dev.preceptor.run.TrainingEvent;
import dev.preceptor.run.TrainingJob;
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
import java.util.concurrent.Callable;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
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
final class TrainCommand implements Callable<Integer> {
    private static final int INTERRUPTED = 130;

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
            description = "Print patch, depth, batch and expected memory, and exit without training.")
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

    @Mixin
    private SchemaOption labels;

    @Mixin
    private ComputeOptions compute;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        DistributedEnvironment distributedEnvironment = DistributedEnvironment.of(System.getenv());
        PrintWriter err = spec.commandLine().getErr();
        TrainingJob job = new TrainingJob(
                Recipe.load(recipe, overrides),
                cohort,
                out,
                fold.map(FoldChoice::parse),
                resume,
                compute.device(),
                compute.threads(),
                new DataOptions(cache, dataThreads),
                labels.schema(),
                unlabelled);
        if (planOnly) {
            PlannedRecipe planned = Training.plan(job);
            PrintWriter results = spec.commandLine().getOut();
            results.println(planned.plan().map(Plan::toString).orElse("as written: give memory=GIB for an estimate"));
            results.flush();
            return 0;
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
        Optional<String> server = mlflow.or(
                () -> Optional.ofNullable(System.getenv("MLFLOW_TRACKING_URI")).filter(s -> !s.isBlank()));
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

    private Map<String, String> tags() {
        return Map.of("recipe", recipe, "cohort", cohort.toString(), "fold", fold.orElse("none"));
    }
}
