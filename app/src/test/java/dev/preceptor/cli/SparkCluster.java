package dev.preceptor.cli;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.preceptor.testing.JavaProcess;
import dev.preceptor.testing.Ports;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** A standalone Spark on the loopback interface: a master and two workers of one core each. */
final class SparkCluster implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    private final Path home;
    private final Path folder;
    private final int port = Ports.free();
    private final List<Process> daemons = new ArrayList<>();
    private int workers;

    private SparkCluster(Path home, Path folder) {
        this.home = home;
        this.folder = folder;
    }

    /** Starts a cluster, or skips the test where there is no Spark. */
    static SparkCluster start(Path folder) {
        String home = System.getProperty("preceptor.spark.home", System.getenv().getOrDefault("SPARK_HOME", ""));
        assumeTrue(
                Files.isExecutable(Path.of(home, "bin", "spark-class")),
                "no Spark: give -Dpreceptor.spark.home or SPARK_HOME, for instance deps of pip's pyspark 4.2.0");
        SparkCluster cluster = new SparkCluster(Path.of(home), folder);
        cluster.daemon(
                "master",
                "org.apache.spark.deploy.master.Master",
                "--port",
                String.valueOf(cluster.port),
                "--webui-port",
                String.valueOf(Ports.free()));
        cluster.addWorker();
        cluster.addWorker();
        return cluster;
    }

    /** Starts a further worker and waits until the master knows it; returns its process. */
    Process addWorker() {
        workers++;
        String name = "worker" + workers;
        Process worker = daemon(
                name,
                "org.apache.spark.deploy.worker.Worker",
                "--cores",
                "1",
                "--memory",
                "4g",
                "--webui-port",
                String.valueOf(Ports.free()),
                "--work-dir",
                folder.resolve(name).toString(),
                url());
        await(() -> read(folder.resolve(name + ".log")).contains("registered with master"), name + " registers");
        return worker;
    }

    private Process daemon(String name, String type, String... arguments) {
        List<String> command =
                new ArrayList<>(List.of(home.resolve("bin/spark-class").toString(), type, "--host", "127.0.0.1"));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = builder(command);
        builder.environment().put("SPARK_DAEMON_MEMORY", "256m");
        Process process = start(builder, folder.resolve(name + ".log"));
        daemons.add(process);
        return process;
    }

    /** A running worker. */
    Process worker() {
        return daemons.stream().skip(1).filter(Process::isAlive).findFirst().orElseThrow();
    }

    String url() {
        return "spark://127.0.0.1:" + port;
    }

    /** Runs a command on the cluster to its end; returns its exit code and its output. */
    Ended run(String... arguments) {
        return new Running(begin(arguments), folder.resolve("command.log")).end();
    }

    /** Begins a command on the cluster. */
    Process begin(String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        for (String setting : List.of(
                "spark.driver.host=127.0.0.1",
                "spark.driver.memory=600m",
                "spark.executor.memory=600m",
                "spark.ui.enabled=false")) {
            all.addAll(List.of("--conf", setting));
        }
        all.addAll(List.of("--spark", url()));
        ProcessBuilder builder = builder(JavaProcess.command(List.of("-Xmx256m"), Main.class.getName(), all));
        return start(builder, folder.resolve("command.log"));
    }

    /** What a command has printed until now. */
    String output() {
        return read(folder.resolve("command.log"));
    }

    /** A command that has ended. */
    record Ended(int code, String output) {}

    private record Running(Process process, Path log) {
        Ended end() {
            try {
                if (!process.waitFor(2 * PATIENCE.toMinutes(), TimeUnit.MINUTES)) {
                    process.descendants().forEach(ProcessHandle::destroyForcibly);
                    process.destroyForcibly();
                }
                return new Ended(process.waitFor(), read(log));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            }
        }
    }

    Ended end(Process process) {
        return new Running(process, folder.resolve("command.log")).end();
    }

    /** Kills a process and all that it has started, as {@code kill -9} does. */
    static void kill(Process process) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly().onExit().join();
    }

    /** Waits for a condition that a test needs. */
    static void await(Supplier<Boolean> condition, String what) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.get()) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException("not within " + PATIENCE.toMinutes() + " minutes: " + what);
            }
            try {
                Thread.sleep(5);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            }
        }
    }

    private ProcessBuilder builder(List<String> command) {
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("SPARK_HOME", home.toString());
        builder.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
        return builder.redirectErrorStream(true);
    }

    private static Process start(ProcessBuilder builder, Path log) {
        try {
            return builder.redirectOutput(new File(log.toString())).start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String read(Path file) {
        try {
            return Files.exists(file) ? Files.readString(file) : "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        daemons.forEach(SparkCluster::kill);
    }
}
