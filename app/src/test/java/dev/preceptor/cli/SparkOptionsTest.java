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

    private static void assertRefused(String part, String... arguments) {
        Run run = Run.of(arguments);
        assertEquals(1, run.code(), run.err());
        assertEquals(1, run.err().lines().count(), run.err());
        assertTrue(run.err().contains(part), run.err());
    }

    @Test
    void aUriIsRefusedWhereFilesAreNeeded() {
        String reason = "s3a://bucket/a: URIs are for inputs and outputs of predict, cohort and evaluate";
        String uri = "s3a://bucket/a";
        assertRefused(reason, "train", "kd-net", "--cohort", uri, "--out", "c", "--spark", "yarn");
        assertRefused(reason, "train", "kd-net", "--cohort", "in", "--out", uri, "--spark", "yarn");
        assertRefused(reason, "study", "kd-net-table-2", "--cohort", uri, "--out", "c", "--spark", "yarn");
        assertRefused(reason, "study", "kd-net-table-2", "--cohort", "in", "--out", uri);
        assertRefused(reason, "cohort", "in", "--json", uri, "--spark", "yarn");
    }

    @Test
    void aUriIsForCommandsOnAClusterOnly() {
        String reason = "s3a://bucket/a: only a command on a cluster reads and writes URIs; add --spark";
        String uri = "s3a://bucket/a";
        assertRefused(reason, "cohort", uri);
        assertRefused(reason, "predict", "--model", "m", "--input", "in", "--out", uri);
        assertRefused(reason, "predict", "--model", "m", "--input", uri, "--out", "out");
        assertRefused(reason, "evaluate", "--predictions", uri, "--references", "r", "--out", "out");
    }

    @Test
    void leakageOfUrisIsRefused() {
        assertUsageError(
                "--model compares the content of all references",
                "evaluate",
                "--predictions",
                "p",
                "--references",
                "s3a://bucket/a",
                "--out",
                "out",
                "--model",
                "m",
                "--spark",
                "yarn");
    }

    @Test
    void aClusterWritesDicomToo() {
        Run run = Run.of(
                "spark-submit-args",
                "predict",
                "--model",
                "m",
                "--input",
                "in",
                "--out",
                "out",
                "--format",
                "dicom-seg",
                "--sequence",
                "T1CE",
                "--spark",
                "yarn");
        assertEquals(0, run.code(), run.err());
        assertTrue(run.out().strip().endsWith("--format dicom-seg --sequence T1CE"), run.out());
        assertUsageError(
                "a cluster reads no PACS",
                "predict",
                "--model",
                "m",
                "--input",
                "dicomweb://host/studies/1",
                "--out",
                "out",
                "--spark",
                "yarn");
    }

    @Test
    void picturesOfACohortAreMadeOnOneMachine() {
        assertUsageError("--html and --contrast", "cohort", "in", "--html", "page.html", "--spark", "yarn");
    }
}
