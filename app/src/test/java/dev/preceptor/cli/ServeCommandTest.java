package dev.preceptor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.model.Models;
import dev.preceptor.nifti.Nifti;
import dev.preceptor.testing.JavaProcess;
import dev.preceptor.testing.NoiseVolumes;
import dev.preceptor.volume.Affine;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.Size;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("integration")
class ServeCommandTest {
    private static final int TERMINATED = 143;

    @TempDir
    private Path folder;

    private Path model;

    @BeforeEach
    void writeModel() {
        model = folder.resolve("student.safetensors");
        Models.small(1).write(model);
    }

    /** The command with the model, a folder for data and any free port. */
    private List<String> call(String... further) {
        List<String> all = new ArrayList<>(List.of(
                "serve",
                "--model",
                model.toString(),
                "--data",
                folder.resolve("data").toString(),
                "--port",
                "0"));
        all.addAll(List.of(further));
        return all;
    }

    private Process serve(String... arguments) throws IOException {
        List<String> all = call(arguments);
        return JavaProcess.builder(List.of("-Xmx512m", "-Dorg.bytedeco.javacpp.nopointergc=true"), Main.class, all)
                .redirectErrorStream(true)
                .start();
    }

    private byte[] upload() throws IOException {
        Path image = folder.resolve("image.nii.gz");
        Grid grid = new Grid(new Size(32, 32, 32), new Affine(5, 0, 0, 0, 0, 5, 0, 0, 0, 0, 5, 0));
        Nifti.write(image, NoiseVolumes.of(grid, 1));
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        body.writeBytes(
                "--b\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\n".getBytes(StandardCharsets.UTF_8));
        body.writeBytes(Files.readAllBytes(image));
        body.writeBytes("\r\n--b--\r\n".getBytes(StandardCharsets.UTF_8));
        return body.toByteArray();
    }

    @Test
    void signalEndsTheServiceAfterTheJobThatRuns() throws Exception {
        Process process = serve();
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            assertTrue(lines.readLine().matches("model student@[0-9a-f]{12}"));
            String url = lines.readLine().replace("serving ", "");
            HttpClient client = HttpClient.newHttpClient();
            HttpResponse<String> page =
                    client.send(HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString());
            assertEquals(200, page.statusCode());
            HttpResponse<String> accepted = client.send(
                    HttpRequest.newBuilder(URI.create(url + "/api/jobs"))
                            .header("Content-Type", "multipart/form-data; boundary=b")
                            .POST(HttpRequest.BodyPublishers.ofByteArray(upload()))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            assertEquals(202, accepted.statusCode(), accepted.body());
            String job = accepted.headers().firstValue("Location").orElseThrow();
            HttpRequest ask = HttpRequest.newBuilder(URI.create(url + job)).build();
            long deadline = System.nanoTime() + Duration.ofMinutes(2).toNanos();
            while (client.send(ask, HttpResponse.BodyHandlers.ofString()).body().contains("\"state\":\"queued\"")) {
                assertTrue(System.nanoTime() < deadline, "the job does not start");
                Thread.sleep(20);
            }
            // Process.destroy would also close the output that is read below.
            process.toHandle().destroy();
            assertEquals("ending; jobs that run are finished first", lines.readLine());
            assertEquals(TERMINATED, process.waitFor());
            String description = Files.readString(folder.resolve("data/jobs")
                    .resolve(job.replaceAll(".*/", ""))
                    .resolve("job.json"));
            assertTrue(description.contains("\"state\":\"done\""), description);
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void wrongSettingsAreOneLine() throws Exception {
        assertRefused("--token-file", "--host", "0.0.0.0");
        assertRefused("--queue", "--queue", "0");
        assertUsage("--keystore-password-file needs --keystore", "--keystore-password-file", "server.password");
        assertUsage("--keystore needs --keystore-password-file", "--keystore", "key.p12");
        assertUsage("--upload-mib is at least 1, not -1", "--upload-mib", "-1");
        assertUsage("--upload-mib is at least 1, not 0", "--upload-mib", "0");
        assertRefused("need --pacs", "--pacs-user", "nurse");
    }

    private void assertUsage(String message, String... arguments) {
        List<String> all = new ArrayList<>(List.of("serve", "--model", model.toString()));
        all.addAll(List.of(arguments));
        Run run = Run.of(all.toArray(String[]::new));
        assertEquals(2, run.code(), run.err());
        assertEquals(1, run.errorLines().size(), run.err());
        assertTrue(run.err().contains(message), run.err());
    }

    private void assertRefused(String part, String... arguments) {
        List<String> all = call(arguments);
        Run run = Run.of(all.toArray(String[]::new));
        assertTrue(List.of(1, 2).contains(run.code()), run.err());
        assertTrue(run.err().contains(part) && !run.err().contains("\tat "), run.err());
    }
}
