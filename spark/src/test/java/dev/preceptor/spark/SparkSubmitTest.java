package dev.preceptor.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.PreceptorException;
import dev.preceptor.testing.JavaProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SparkSubmitTest {
    private static SparkSubmit call(String master, ClusterNeeds needs, Map<String, String> settings) {
        return new SparkSubmit(
                master, settings, needs, "dev.preceptor.cli.Main", List.of("predict", "--out", "a folder"));
    }

    @Test
    void theCallNamesClusterNeedsAndCommand() {
        List<String> call = call("spark://head:7077", new ClusterNeeds(4, 1024, 6144), Map.of())
                .submitArguments();
        assertEquals(List.of("--master", "spark://head:7077"), call.subList(0, 2));
        assertTrue(call.contains("spark.task.cpus=4"), call.toString());
        assertTrue(call.contains("spark.executor.cores=4"));
        assertTrue(call.contains("spark.executor.memory=1024m"));
        assertTrue(call.contains("spark.executor.memoryOverhead=6144m"));
        assertTrue(call.contains("spark.task.maxFailures=2"));
        assertEquals(List.of("predict", "--out", "a folder"), call.subList(call.size() - 3, call.size()));
    }

    @Test
    void aSettingOfTheUserWins() {
        List<String> call = call(
                        "yarn", new ClusterNeeds(1, 1024, 1024), Map.of("spark.executor.memory", "9g", "spark.x", "y"))
                .submitArguments();
        assertTrue(call.contains("spark.executor.memory=9g"));
        assertTrue(call.contains("spark.x=y"));
        assertTrue(!call.contains("spark.executor.memory=1024m"));
    }

    @Test
    void ranksReserveAllTheirCores() {
        List<String> call = call("yarn", new ClusterNeeds(2, 1024, 1024, OptionalInt.of(3)), Map.of())
                .submitArguments();
        assertTrue(call.contains("spark.cores.max=6"));
        assertTrue(call.contains("spark.executor.instances=3"));
    }

    @Test
    void theShellLineQuotesWhatAShellWouldSplit() {
        String line = call("local[2]", new ClusterNeeds(1, 1024, 1024), Map.of("a", "it's"))
                .shellLine();
        assertTrue(line.startsWith("spark-submit --master 'local[2]' "), line);
        assertTrue(line.contains("'a=it'\\''s'"), line);
        assertTrue(line.endsWith(" predict --out 'a folder'"), line);
    }

    @Test
    void moreCoresThanALocalMasterHasAreRefused() {
        String message = assertThrows(
                        PreceptorException.class,
                        () -> call("local[2]", new ClusterNeeds(2, 1024, 1024, OptionalInt.of(2)), Map.of()))
                .getMessage();
        assertTrue(message.contains("2 cores") && message.contains("4"), message);
    }

    @Test
    void withoutSparkTheErrorSaysHowToGetIt() {
        String message = assertThrows(
                        PreceptorException.class, () -> SparkSubmit.executable(Map.of("PATH", "/nowhere")))
                .getMessage();
        assertTrue(message.contains("SPARK_HOME") && message.contains("pip install"), message);
    }

    @Test
    void sparkHomeWinsOverThePath(@TempDir Path folder) throws IOException {
        Path home = folder.resolve("home/bin/spark-submit");
        Path path = folder.resolve("path/spark-submit");
        for (Path script : List.of(home, path)) {
            Files.createDirectories(script.getParent());
            Files.createFile(script);
            assertTrue(script.toFile().setExecutable(true));
        }
        String search = path.getParent().toString();
        assertEquals(path, SparkSubmit.executable(Map.of("PATH", search)));
        assertEquals(
                home,
                SparkSubmit.executable(Map.of(
                        "PATH", search, "SPARK_HOME", folder.resolve("home").toString())));
        String message = assertThrows(
                        PreceptorException.class,
                        () -> SparkSubmit.executable(Map.of("PATH", search, "SPARK_HOME", "/nowhere")))
                .getMessage();
        assertTrue(message.contains("/nowhere"), message);
    }

    /** A command with {@code --spark} in a process of its own. */
    static final class Launcher {
        private Launcher() {}

        /** @param arguments the folder of Spark */
        public static void main(String[] arguments) {
            System.exit(call("local[1]", new ClusterNeeds(1, 1024, 1024), Map.of())
                    .run(Map.of("SPARK_HOME", arguments[0])));
        }
    }

    @Test
    void aSignalEndsTheCommandOnlyAfterTheDriver(@TempDir Path folder) throws Exception {
        Path script = folder.resolve("bin/spark-submit");
        Path started = folder.resolve("started");
        Path checkpoint = folder.resolve("checkpoint");
        Files.createDirectories(script.getParent());
        Files.writeString(
                script,
                "#!/bin/sh\ntrap 'sleep 2; : > \"" + checkpoint + "\"; exit 143' TERM\nsleep 1; : > \"" + started
                        + "\"\nwhile :; do sleep 0.1; done\n");
        assertTrue(script.toFile().setExecutable(true));
        Process command = JavaProcess.builder(Launcher.class, folder).start();
        try {
            while (command.isAlive() && !Files.exists(started)) {
                Thread.sleep(20);
            }
            command.destroy();
            assertEquals(143, command.waitFor());
            assertTrue(Files.exists(checkpoint));
        } finally {
            command.descendants().forEach(ProcessHandle::destroyForcibly);
            command.destroyForcibly();
        }
    }

    @Test
    void theClassPathLeavesOutWhatSparkBrings() {
        String path = call("yarn", new ClusterNeeds(1, 1024, 1024), Map.of()).submitArguments().stream()
                .filter(argument -> argument.startsWith("spark.executor.extraClassPath="))
                .findFirst()
                .orElseThrow();
        for (String library : List.of("/slf4j-", "/logback-", "/log4j-", "/scala-library")) {
            assertTrue(!path.contains(library), library);
        }
    }
}
