package dev.preceptor.cli;

import dev.preceptor.spark.ClusterNeeds;
import dev.preceptor.spark.ClusterSession;
import dev.preceptor.spark.Place;
import dev.preceptor.spark.SparkSubmit;
import dev.preceptor.spark.TaskListener;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/**
 * The options of a command that a Spark cluster can run. With {@code --spark} the command starts spark-submit, which runs the same
 * command without it as a driver; the driver spreads the work.
 */
final class SparkOptions {
    @Option(
            names = "--spark",
            paramLabel = "URL",
            description =
                    "Run on this Spark cluster: spark://HOST:7077, yarn, k8s://..., or local[N]; see docs/guide/cluster.md.")
    private Optional<String> master = Optional.empty();

    @Option(names = "--conf", paramLabel = "KEY=VALUE", description = "A setting of Spark, with --spark; repeatable.")
    private List<String> settings = new ArrayList<>();

    /** A command that a cluster can run. */
    interface Command {
        /** The call of spark-submit; empty if the command has no {@code --spark}. */
        Optional<SparkSubmit> submission();
    }

    /** Whether the command is to run on a cluster. */
    boolean isRequested() {
        return master.isPresent();
    }

    /** Whether this process is the driver of such a command. */
    boolean isDriver() {
        return ClusterSession.isDriver();
    }

    /** A bar that counts the tasks of a cluster. */
    TaskListener progress(ProgressBar bar, String what) {
        bar.start(what, "task", 0, 1);
        return (done, total) -> bar.update(done, total, "");
    }

    /**
     * The call for a command whose executors have these needs; empty without {@code --spark}.
     *
     * @param mounted paths that every machine must reach as files
     * @param anywhere paths, and with a cluster URIs
     */
    Optional<SparkSubmit> submission(
            CommandSpec spec, Supplier<ClusterNeeds> needs, List<Path> mounted, List<Path> anywhere) {
        mounted.forEach(Place::requireMounted);
        if (master.isEmpty()) {
            if (!isDriver()) {
                anywhere.forEach(Place::requireOfThisMachine);
            }
            if (!settings.isEmpty()) {
                throw new ParameterException(
                        spec.commandLine(), "--conf is a setting of Spark; give the cluster with --spark URL");
            }
            return Optional.empty();
        }
        Map<String, String> given = new LinkedHashMap<>();
        for (String setting : settings) {
            int equals = setting.indexOf('=');
            if (equals < 1) {
                throw new ParameterException(
                        spec.commandLine(),
                        "--conf is KEY=VALUE, for instance spark.executor.cores=4, not \"" + setting + "\"");
            }
            given.put(setting.substring(0, equals), setting.substring(equals + 1));
        }
        return Optional.of(new SparkSubmit(master.get(), given, needs.get(), Main.class.getName(), arguments(spec)));
    }

    /** What the user typed, from the name of the command on, without the options of this class. */
    private static List<String> arguments(CommandSpec spec) {
        List<String> typed = spec.root().commandLine().getParseResult().originalArgs();
        List<String> kept = new ArrayList<>();
        for (int i = typed.indexOf(spec.name()); i < typed.size(); i++) {
            String argument = typed.get(i);
            if (argument.equals("--spark") || argument.equals("--conf")) {
                i++;
            } else if (!argument.startsWith("--spark=") && !argument.startsWith("--conf=")) {
                kept.add(argument);
            }
        }
        if (typed.subList(0, typed.indexOf(spec.name())).contains("--debug")) {
            kept.add("--debug");
        }
        return kept;
    }
}
