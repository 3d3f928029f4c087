package dev.preceptor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.nifti.Nifti;
import dev.preceptor.testing.JavaProcess;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Size;
import dev.preceptor.volume.Volume;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ViewCommandTest {
    @TempDir
    private Path folder;

    private Path image() {
        Path file = folder.resolve("t1ce.nii.gz");
        Nifti.write(file, new Volume(Grid.of(new Size(2, 2, 2), 1), new float[8]));
        return file;
    }

    @Test
    @Tag("integration")
    void printsAnAddressThatShowsTheImageUntilItIsStopped() throws Exception {
        Path labels = folder.resolve("seg.nii.gz");
        Nifti.write(labels, new LabelMap(Grid.of(new Size(2, 2, 2), 1), new byte[8], LabelSpace.BRATS_2023));
        Process process = JavaProcess.builder(Main.class, "view", image(), labels, "--no-browser")
                .redirectError(folder.resolve("err").toFile())
                .start();
        try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
            String address = out.readLine();
            assertTrue(address.matches("http://127\\.0\\.0\\.1:[0-9]+/#token=.{32}"), address);
            HttpResponse<String> view = HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(URI.create(address.replaceFirst("/#.*", "/api/view")))
                                    .header("Authorization", "Bearer " + address.replaceFirst(".*=", ""))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString());
            assertEquals(200, view.statusCode());
            assertTrue(view.body().contains("\"name\":\"t1ce.nii.gz\""), view.body());
        } finally {
            process.destroy();
        }
        assertTrue(process.waitFor(30, TimeUnit.SECONDS), "it ends with the signal");
        assertEquals(143, process.exitValue());
        assertTrue(Files.readString(folder.resolve("err")).contains("open this address in a browser"));
    }

    @Test
    void whatCannotBeShownIsOneLineBeforeAnythingIsServed() throws IOException {
        Path labels = folder.resolve("seg.nii.gz");
        Nifti.write(labels, new Volume(Grid.of(new Size(2, 2, 2), 1), new float[] {0, 1, 2, 3, 0, 0, 0, 0}));
        Run ambiguous = Run.of("view", image().toString(), labels.toString(), "--no-browser");
        assertEquals(1, ambiguous.code());
        assertTrue(ambiguous.err().contains("--schema"), ambiguous.err());

        Path text = folder.resolve("a.nii");
        Files.writeString(text, "no image");
        Run damaged = Run.of("view", text.toString(), "--no-browser");
        assertEquals(1, damaged.code());
        assertTrue(damaged.err().startsWith("preceptor: error: " + text), damaged.err());

        Run unused = Run.of("view", image().toString(), "--no-browser", "--schema", "BRATS_2018");
        assertEquals(2, unused.code());
        assertTrue(unused.err().contains("name a label map after the image"), unused.err());

        Run port = Run.of("view", image().toString(), "--no-browser", "--port", "70000");
        assertTrue(port.code() != 0 && port.err().contains("--port is 0 to 65535"), port.err());
    }
}
