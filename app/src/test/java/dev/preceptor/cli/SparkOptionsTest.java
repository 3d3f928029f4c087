package dev.preceptor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class SparkOptionsTest {
    private static void assertUsageError(String part, String... arguments) {
        Run run = Run.of(arguments);
        assertEquals(2, run.code(), run.err());
        assertTrue(run.err().contains(part), run.err());
    }

    @Test
    void theCallHasTheCommandWithoutTheOptionsOfTheCluster() {
        Run run = Run.of(
                "spark-submit-args",
                "predict",
                "--spark",
                "spark://head:7077",
                "--model",
                "a b.safetensors",
                "--conf=spark.x=y",
                "--input",
                "in",
                "--out",
                "s3a://bucket/out",
                "--threads",
                "4");
        assertEquals(0, run.code(), run.err());
        assertTrue(run.out().startsWith("spark-submit --master spark://head:7077 "), run.out());
        assertTrue(run.out().contains("--conf spark.x=y"), run.out());
        assertTrue(run.out().contains("--conf spark.task.cpus=4"), run.out());
        assertTrue(
                run.out()
                        .strip()
                        .endsWith(" predict --model 'a b.safetensors' --input in --out s3a://bucket/out --threads 4"),
                run.out());
        assertEquals(1, run.out().lines().count());
    }

    @Test
    void eachCommandOfAClusterHasACall() {
        for (String[] command : new String[][] {
            {"cohort", "in"},
            {"evaluate", "--predictions", "a", "--references", "b", "--out", "c"},
            {"study", "kd-net-table-2", "--cohort", "in", "--out", "c", "--memory", "8g"},
            {"train", "kd-net", "--cohort", "in", "--out", "c", "--ranks", "3"}
        }) {
            String[] arguments = new String[command.length + 3];
            arguments[0] = "spark-submit-args";
            System.arraycopy(command, 0, arguments, 1, command.length);
            arguments[arguments.length - 2] = "--spark";
            arguments[arguments.length - 1] = "yarn";
            Run run = Run.of(arguments);
            assertEquals(0, run.code(), run.err());
            assertTrue(run.out().strip().endsWith(String.join(" ", command)), run.out());
            assertFalse(run.out().contains("--spark yarn"), run.out());
        }
    }

    @Test
    void aCommandThatNoClusterRunsHasNoCall() {
        assertUsageError("--spark URL", "spark-submit-args", "doctor");
        assertUsageError("--spark URL", "spark-submit-args", "cohort", "in");
    }

    @Test
    void settingsAndRanksNeedACluster() {
        assertUsageError("give the cluster with --spark", "cohort", "in", "--conf", "a=b");
        assertUsageError("KEY=VALUE", "cohort", "in", "--spark", "yarn", "--conf", "a");
        assertUsageError("--ranks needs --spark", "train", "kd-net", "--cohort", "in", "--out", "c", "--ranks", "2");
    }

    @Test
    void aUriIsRefusedWhereFilesAreNeeded() {
        Run run = Run.of("cohort", "s3a://bucket/cohort", "--spark", "yarn");
        assertEquals(1, run.code());
        assertTrue(run.err().contains("s3a://bucket/cohort: only predict reads and writes URIs"), run.err());
    }

    @Test
    void picturesOfACohortAreMadeOnOneMachine() {
        assertUsageError("--html and --contrast", "cohort", "in", "--html", "page.html", "--spark", "yarn");
    }
}
