package dev.preceptor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.dicomweb.GoldenInstances;
import dev.preceptor.dicomweb.ScriptedPacs;
import dev.preceptor.model.Models;
import dev.preceptor.testing.JavaProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code predict --input dicomweb://...}. */
@Tag("integration")
class PacsPredictionTest {
    @TempDir
    private Path folder;

    private final ScriptedPacs pacs = ScriptedPacs.start();
    private Path model;
    private List<Path> before;

    @BeforeEach
    void writeModel() throws IOException {
        model = folder.resolve("m.safetensors");
        Models.small(1).write(model);
        before = temporary();
    }

    @AfterEach
    void close() throws Exception {
        pacs.close();
        // Other processes fetch into the same folder, and remove theirs too.
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!before.containsAll(temporary()) && System.nanoTime() < deadline) {
            Thread.sleep(50);
        }
        List<Path> left = new ArrayList<>(temporary());
        left.removeAll(before);
        assertEquals(List.of(), left, "fetched images are removed");
    }

    private static List<Path> temporary() throws IOException {
        return fetched(Path.of(System.getProperty("java.io.tmpdir"))).stream()
                .sorted()
                .toList();
    }

    private Run predict(String input, String... more) {
        List<String> arguments = new ArrayList<>(List.of(
                "predict",
                "--model",
                model.toString(),
                "--out",
                folder.resolve("out").toString(),
                "--input",
                input));
        arguments.addAll(Arrays.asList(more));
        return Run.of(arguments.toArray(String[]::new));
    }

    private String address(String place) {
        return pacs.url().replace("http:", "dicomweb:") + place;
    }

    private void assertRefused(int code, String message, Run run) {
        assertEquals(code, run.code(), run.err());
        assertEquals(1, run.errorLines().size(), run.err());
        assertTrue(run.err().contains(message), run.err());
        assertFalse(Files.exists(folder.resolve("out")));
    }

    @Test
    void addressesAndLoginsAreCheckedBeforeAnythingElse() throws IOException {
        assertRefused(1, "does not name a study", predict(address("")));
        assertRefused(1, "is not the UID of a series", predict(address("/studies/1.2/series/x")));
        assertRefused(1, "has no password", predict(address("/studies/1.2"), "--user", "nurse"));
        assertRefused(2, "--input is no address of one", predict(folder.toString(), "--user", "nurse"));
        assertRefused(
                2, "--input is no address of one", predict(folder.toString(), "--store", "--format", "dicom-seg"));
        assertRefused(2, "--store needs --format", predict(address("/studies/1.2"), "--store"));
        Path token = Files.writeString(folder.resolve("token"), "two words");
        assertRefused(
                1, "has no token in its first line", predict(address("/studies/1.2"), "--token-file", token + ""));
        assertEquals(List.of(), pacs.requests());
    }

    @Test
    void whatThePacsDoesNotHaveIsOneLine() {
        assertRefused(1, "the PACS knows no series 1.3 of study 1.2", predict(address("/studies/1.2/series/1.3")));
        assertRefused(1, "no study 1.2 with series of modality MR", predict(address("/studies/1.2")));
        assertTrue(
                pacs.requests().get(1).contains("/series?Modality=MR&"),
                pacs.requests().toString());
    }

    @Test
    void fetchedImagesAreRemovedWhenASignalEndsTheCommand() throws Exception {
        GoldenInstances.series().forEach(pacs::hold);
        CountDownLatch isFetching = new CountDownLatch(1);
        CountDownLatch isOver = new CountDownLatch(1);
        pacs.next("SERIES", exchange -> {
            isFetching.countDown();
            try {
                isOver.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        Path temporary = Files.createDirectory(folder.resolve("tmp"));
        Process process = JavaProcess.builder(
                        List.of("-Djava.io.tmpdir=" + temporary),
                        Main.class,
                        List.of(
                                "predict",
                                "--model",
                                model.toString(),
                                "--out",
                                folder.resolve("out").toString(),
                                "--input",
                                address("/studies/" + GoldenInstances.STUDY + "/series/" + GoldenInstances.SERIES)))
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("log").toFile())
                .start();
        assertTrue(isFetching.await(60, TimeUnit.SECONDS), Files.readString(folder.resolve("log")));
        Path fetched = fetched(temporary).get(0);
        assertEquals(
                "rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(fetched)), "a private folder");
        process.destroy();
        assertTrue(process.waitFor(30, TimeUnit.SECONDS));
        isOver.countDown();
        assertEquals(List.of(), fetched(temporary));
    }

    private static List<Path> fetched(Path temporary) throws IOException {
        try (Stream<Path> files = Files.list(temporary)) {
            return files.filter(file -> file.getFileName().toString().startsWith("preceptor-pacs-"))
                    .toList();
        }
    }
}
