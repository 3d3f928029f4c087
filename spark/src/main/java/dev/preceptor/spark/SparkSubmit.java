package dev.preceptor.spark;

import dev.preceptor.base.PreceptorException;
import dev.preceptor.base.Reason;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The call of {@code spark-submit} that runs a command on a cluster: the same command, in a process that knows the cluster.
 *
 * @param master URL of the cluster, such as {@code spark://host:7077}, {@code yarn}, {@code k8s://...} or {@code local[2]}
 * @param settings of Spark that the user gives; they win over ours
 * @param needs of an executor
 * @param main class of the command line
 * @param arguments of the command, without those for the cluster
 */
public record SparkSubmit(
        String master, Map<String, String> settings, ClusterNeeds needs, String main, List<String> arguments) {
    private static final Pattern LOCAL = Pattern.compile("local(\\[(\\*|[0-9]+)(,[0-9]+)?])?");
    /** The application without a jar of its own; what it needs is on the class path. */
    private static final String NO_JAR = "spark-internal";

    private static final String EXECUTABLE = "spark-submit";
    /** How long a signal waits for the driver, which itself waits {@link ClusterSession#STOP_SECONDS} for its tasks. */
    private static final long DRIVER_SECONDS = ClusterSession.STOP_SECONDS + 30;

    /** Spark brings these in versions of its own. */
    private static final Pattern OF_SPARK =
            Pattern.compile("(slf4j|logback|log4j|jcl-over-slf4j|jul-to-slf4j|scala)-.*\\.jar");

    /** Settings for the speed of libtorch, the same as in the script {@code preceptor}, whose comments explain them. */
    private static final Map<String, String> ENVIRONMENT = Map.of(
            "OMP_WAIT_POLICY", "passive",
            "GOMP_SPINCOUNT", "0",
            "MALLOC_ARENA_MAX", "1",
            "MALLOC_TRIM_THRESHOLD_", "1073741824",
            "MALLOC_MMAP_THRESHOLD_", "33554432",
            "MALLOC_TOP_PAD_", "67108864");

    private static final String JAVA_OPTIONS = "-Djava.awt.headless=true -Dfile.encoding=UTF-8"
            + " -Dorg.bytedeco.javacpp.maxbytes=0 -Dorg.bytedeco.javacpp.maxphysicalbytes=0"
            + " -Dorg.bytedeco.javacpp.nopointergc=true";

    public SparkSubmit {
        settings = Map.copyOf(settings);
        arguments = List.copyOf(arguments);
        Matcher local = LOCAL.matcher(master);
        if (local.matches() && needs.cores() * needs.ranks().orElse(1) > coresOf(local)) {
            throw new PreceptorException("--spark " + master + " has " + coresOf(local) + " cores, and the tasks need "
                    + needs.cores() * needs.ranks().orElse(1) + "; give fewer --threads or more cores");
        }
    }

    private static int coresOf(Matcher local) {
        String cores = local.group(2);
        return cores == null
                ? 1
                : cores.equals("*") ? Runtime.getRuntime().availableProcessors() : Integer.parseInt(cores);
    }

    /** The arguments of {@code spark-submit}. */
    public List<String> submitArguments() {
        Map<String, String> all = new LinkedHashMap<>(needs.settings());
        all.put("spark.task.maxFailures", "2");
        all.put("spark.log.level", "WARN");
        all.put("spark.ui.showConsoleProgress", "false");
        all.put("spark.executor.extraClassPath", classPath());
        all.put("spark.driver.extraClassPath", classPath());
        all.put("spark.executor.extraJavaOptions", JAVA_OPTIONS);
        all.put("spark.driver.extraJavaOptions", JAVA_OPTIONS);
        ENVIRONMENT.keySet().stream()
                .sorted()
                .forEach(name -> all.put("spark.executorEnv." + name, ENVIRONMENT.get(name)));
        all.putAll(settings);
        List<String> call = new ArrayList<>(
                List.of("--master", master, "--name", "preceptor " + arguments.get(0), "--class", main));
        all.forEach((key, value) -> call.addAll(List.of("--conf", key + "=" + value)));
        call.add(thinJar().orElse(NO_JAR));
        call.addAll(arguments);
        return call;
    }

    /** The same as a line for a shell. */
    public String shellLine() {
        return Stream.concat(Stream.of(EXECUTABLE), submitArguments().stream())
                .map(SparkSubmit::quoted)
                .collect(Collectors.joining(" "));
    }

    private static String quoted(String word) {
        return word.matches("[A-Za-z0-9_@%+=:,./-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
    }

    /**
     * Runs the call and waits for its end; output and errors are those of this process.
     *
     * @param environment of this process
     * @return the exit code
     * @throws PreceptorException if there is no {@code spark-submit}
     */
    public int run(Map<String, String> environment) {
        List<String> call = new ArrayList<>(List.of(executable(environment).toString()));
        call.addAll(submitArguments());
        ProcessBuilder builder = new ProcessBuilder(call).inheritIO();
        ENVIRONMENT.forEach(builder.environment()::putIfAbsent);
        try {
            Process process = builder.start();
            // A signal ends this process only after the driver, which it reaches too where both belong to a terminal.
            Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(process), "stop-driver"));
            return process.waitFor();
        } catch (IOException e) {
            throw new PreceptorException(call.get(0) + ": cannot be started: " + Reason.of(e), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PreceptorException("interrupted", e);
        }
    }

    private static void stop(Process driver) {
        driver.destroy();
        try {
            driver.waitFor(DRIVER_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The script in {@code SPARK_HOME}, else on the path. */
    static Path executable(Map<String, String> environment) {
        String home = environment.getOrDefault("SPARK_HOME", "");
        if (!home.isBlank()) {
            Path script = Path.of(home, "bin", EXECUTABLE);
            if (!Files.isExecutable(script)) {
                throw new PreceptorException("SPARK_HOME is " + home + ", which has no bin/" + EXECUTABLE
                        + "; set it to a folder of Spark 4.2, or unset it to use the one on the PATH");
            }
            return script;
        }
        return Stream.of(environment.getOrDefault("PATH", "").split(File.pathSeparator))
                .filter(folder -> !folder.isBlank())
                .map(folder -> Path.of(folder, EXECUTABLE))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow(() -> new PreceptorException("there is no " + EXECUTABLE
                        + " on the PATH, and SPARK_HOME is not set; set it to a folder of Spark 4.2, or install one:"
                        + " pip install pyspark==4.2.0"));
    }

    /** Our libraries, as this process found them, without those that Spark brings. */
    private static String classPath() {
        return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> !entry.isBlank())
                .map(entry -> Path.of(entry).toAbsolutePath().normalize())
                .filter(entry ->
                        !OF_SPARK.matcher(entry.getFileName().toString()).matches())
                .map(Path::toString)
                .collect(Collectors.joining(File.pathSeparator));
    }

    /** The jar of this module, if it runs from one. */
    private static Optional<String> thinJar() {
        return Optional.ofNullable(SparkSubmit.class.getProtectionDomain().getCodeSource())
                .map(source -> new File(source.getLocation().getPath()))
                .filter(File::isFile)
                .map(File::getPath);
    }
}
