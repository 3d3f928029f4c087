package dev.preceptor.service;

import static dev.preceptor.service.ServiceFixture.Part.file;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.testing.JavaProcess;
import java.io.BufferedReader;
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
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

@Tag("integration")
class RestartTest {
    private static final int JOBS = 5;

    private final HttpClient client = HttpClient.newHttpClient();

    @TempDir
    private Path folder;

    private Process process;
    private String url;

    @Test
    void afterKillEachAcceptedJobEndsExactlyOnce() throws Exception {
        Path data = folder.resolve("data");
        Path model = ServiceFixture.model(folder, "student", 1);
        byte[] body = ServiceFixture.multipart(file("file", ServiceFixture.image(folder, 3, 32)));
        start(data, model);
        List<String> ids = new ArrayList<>();
        try {
            for (int i = 0; i < JOBS; i++) {
                ids.add(ServiceFixture.id(post(body)));
            }
            waitFor(() -> state(ids.get(0)).equals("done") && state(ids.get(1)).equals("running"));
        } finally {
            process.destroyForcibly().waitFor();
        }
        assertTrue(Files.readString(data.resolve("jobs").resolve(ids.get(1)).resolve("job.json"))
                .contains("running"));
        start(data, model);
        try {
            for (String id : ids) {
                waitFor(() -> state(id).equals("done"));
                assertEquals(200, get("/api/jobs/" + id + "/labels.nii.gz").statusCode());
            }
            assertEquals(JOBS, ServiceFixture.json(get("/api/jobs")).size());
            assertEquals(
                    JOBS + 1,
                    ServiceFixture.json(post(body)).path("label").asString().charAt(4) - '0');
        } finally {
            process.destroyForcibly().waitFor();
        }
        List<String> ended = new ArrayList<>();
        for (String line : Files.readAllLines(data.resolve("audit.jsonl"))) {
            JsonNode entry = ServiceFixture.JSON.readTree(line);
            if (entry.path("event").asString().equals("job-ended")
                    && ids.contains(entry.path("job").asString())) {
                ended.add(entry.path("job").asString());
            }
        }
        Collections.sort(ended);
        assertEquals(ids.stream().sorted().toList(), ended, "each job has one end in the log");
    }

    @Test
    void jobOfAModelThatIsGoneFails() throws Exception {
        Path data = folder.resolve("data");
        Path first = ServiceFixture.model(folder, "first", 1);
        byte[] image = ServiceFixture.image(folder, 3, 40);
        String id;
        ServiceSettings hasty = new ServiceSettings(
                data, 5, Duration.ZERO, java.util.Optional.empty(), Duration.ZERO, UploadLimits.DEFAULTS);
        try (ServiceFixture fixture = ServiceFixture.start(hasty, first)) {
            fixture.upload(file("file", image));
            id = ServiceFixture.id(fixture.upload(file("file", image)));
        }
        try (ServiceFixture fixture =
                ServiceFixture.start(ServiceSettings.of(data), ServiceFixture.model(folder, "second", 2))) {
            JsonNode job = fixture.ended(id);
            assertEquals("failed", job.path("state").asString());
            assertTrue(job.path("error").asString().contains("not served any more"), job.toString());
        }
    }

    @Test
    void endWaitsForTheJobThatRunsAndKeepsThoseThatWait() throws Exception {
        Path data = folder.resolve("data");
        Path model = ServiceFixture.model(folder, "student", 1);
        byte[] image = ServiceFixture.image(folder, 3, 32);
        List<String> ids = new ArrayList<>();
        try (ServiceFixture fixture = ServiceFixture.start(ServiceSettings.of(data), model)) {
            for (int i = 0; i < 3; i++) {
                ids.add(ServiceFixture.id(fixture.upload(file("file", image))));
            }
            fixture.awaitStart(ids.get(0));
        }
        List<String> states = new ArrayList<>();
        for (String id : ids) {
            JsonNode job = ServiceFixture.JSON.readTree(
                    Files.readString(data.resolve("jobs").resolve(id).resolve("job.json")));
            states.add(job.path("state").asString());
        }
        assertEquals("done", states.get(0));
        assertEquals("queued", states.get(2), states.toString());
        try (ServiceFixture fixture = ServiceFixture.start(ServiceSettings.of(data), model)) {
            for (String id : ids) {
                assertEquals("done", fixture.ended(id).path("state").asString());
            }
        }
    }

    @Test
    void fullQueueIsSaidAndNothingIsLost() throws Exception {
        Path model = ServiceFixture.model(folder, "student", 1);
        byte[] image = ServiceFixture.image(folder, 3, 36);
        try (ServiceFixture fixture =
                ServiceFixture.start(ServiceSettings.of(folder.resolve("data")).withQueue(2), model)) {
            List<String> ids = new ArrayList<>();
            HttpResponse<String> refused = null;
            for (int i = 0; i < 10 && refused == null; i++) {
                HttpResponse<String> answer = fixture.upload(file("file", image));
                if (answer.statusCode() == 503) {
                    refused = answer;
                } else {
                    ids.add(ServiceFixture.id(answer));
                }
            }
            assertNotNull(refused, "no answer 503");
            assertEquals("10", refused.headers().firstValue("Retry-After").orElse(""));
            assertTrue(refused.body().contains("queue is full"), refused.body());
            assertEquals(503, fixture.get("/ready").statusCode());
            assertEquals(200, fixture.get("/health").statusCode());
            for (String id : ids) {
                assertEquals("done", fixture.ended(id).path("state").asString());
            }
            assertEquals(
                    ids.size(), ServiceFixture.json(fixture.get("/api/jobs")).size());
            assertEquals(202, fixture.upload(file("file", image)).statusCode());
        }
    }

    private void start(Path data, Path model) throws IOException {
        process = JavaProcess.builder(
                        List.of("-Xmx512m", "-XX:+UseSerialGC", "-Dorg.bytedeco.javacpp.nopointergc=true"),
                        ServedProcess.class,
                        List.of(data.toString(), model.toString()))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        BufferedReader lines = process.inputReader(StandardCharsets.UTF_8);
        String line = lines.readLine();
        assertNotNull(line, "the service does not start");
        url = line.replace("serving ", "");
    }

    private HttpResponse<String> post(byte[] body) throws Exception {
        return client.send(
                HttpRequest.newBuilder(URI.create(url + "/api/jobs"))
                        .header("Content-Type", "multipart/form-data; boundary=a-boundary-of-the-tests")
                        .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return client.send(
                HttpRequest.newBuilder(URI.create(url + path)).build(), HttpResponse.BodyHandlers.ofString());
    }

    private String state(String id) {
        try {
            return ServiceFixture.json(get("/api/jobs/" + id)).path("state").asString();
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void waitFor(java.util.function.BooleanSupplier condition) {
        for (int i = 0; i < 1200; i++) {
            if (condition.getAsBoolean()) {
                return;
            }
            ServiceFixture.pause();
        }
        throw new AssertionError("it does not happen");
    }
}
