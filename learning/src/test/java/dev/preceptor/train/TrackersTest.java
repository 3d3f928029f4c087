package dev.preceptor.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.Settings;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.run.TrainingEvent;
import dev.preceptor.run.TrainingJob;
import dev.preceptor.testing.Ports;
import dev.preceptor.track.MlflowTracking;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * Reads the trackers of a training that is stopped and resumed with TensorBoard and an MLflow server. Needs a Python with both:
 * {@code -Dpreceptor.trackers.python=VENV/bin/python}.
 */
@Tag("trackers")
class TrackersTest {
    private static final String READ = """
            import json, sys
            from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
            found = {}
            for role in sys.argv[2:]:
                events = EventAccumulator(sys.argv[1] + "/tensorboard/" + role)
                events.Reload()
                found[role] = {tag: [[e.step, e.value] for e in events.Scalars(tag)] for tag in events.Tags()["scalars"]}
            print(json.dumps(found))
            """;

    private static final int TIMEOUT_SECONDS = 480;

    @TempDir
    private static Path folder;

    private static Path run;
    private static Process server;
    private static String url;
    private static JsonNode mlflowRun;
    private static JsonNode mlflowHistory;

    @BeforeAll
    static void trainTwice() throws Exception {
        int port = Ports.free();
        url = "http://127.0.0.1:" + port;
        server = serve(port);
        try {
            awaitServer();
            Path cohort = TinyRuns.cohort(folder.resolve("cohort"), 4);
            run = folder.resolve("run");
            // With a checkpoint every second epoch, the third epoch is trained and logged twice.
            Recipe recipe = TinyRuns.recipe("kd-net-small", "optimization.epochs=5", "checkpointEvery=2");
            train(recipe, cohort, false, MlflowTracking.End.KILLED);
            train(recipe, cohort, true, MlflowTracking.End.FINISHED);
            collect();
        } finally {
            server.descendants().forEach(ProcessHandle::destroy);
            server.destroy();
            server.waitFor(20, TimeUnit.SECONDS);
        }
    }

    @Test
    void tensorBoardReadsEveryEpochOnce() throws Exception {
        Process python = new ProcessBuilder(python(), "-c", READ, run.toString(), "teacher", "student")
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String output = new String(python.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, python.waitFor(), output);
        JsonNode found = Settings.JSON.readTree(output);
        List<String> lines = Files.readAllLines(run.resolve("metrics.jsonl"));
        assertEquals(10, lines.size());
        for (String text : lines) {
            JsonNode line = Settings.JSON.readTree(text);
            int epoch = line.path("epoch").asInt();
            JsonNode role = found.path(line.path("role").stringValue());
            assertEquals(5, role.path("training/loss").size());
            for (String part : List.of("training", "validation")) {
                line.path(part).properties().forEach(figure -> {
                    JsonNode point = role.path(part + "/" + figure.getKey()).path(epoch - 1);
                    assertEquals(epoch, point.path(0).asInt(), figure.getKey());
                    assertEquals(
                            figure.getValue().asDouble(),
                            point.path(1).asDouble(),
                            1e-6 * Math.max(1, Math.abs(figure.getValue().asDouble())));
                });
            }
            assertTrue(role.has("learning_rate"));
        }
    }

    @Test
    void mlflowHoldsOneRunWithEveryEpochOnce() {
        JsonNode data = mlflowRun.path("run").path("data");
        assertEquals(
                "FINISHED", mlflowRun.path("run").path("info").path("status").stringValue());
        assertEquals("run", mlflowRun.path("run").path("info").path("run_name").stringValue());
        List<String> params = new ArrayList<>();
        data.path("params")
                .forEach(p -> params.add(
                        p.path("key").stringValue() + "=" + p.path("value").stringValue()));
        assertTrue(params.contains("method=kd-net"), params.toString());
        assertTrue(params.contains("optimization.epochs=5"), params.toString());
        List<String> tags = new ArrayList<>();
        data.path("tags").forEach(t -> tags.add(t.path("key").stringValue()));
        assertTrue(tags.containsAll(List.of("preceptor.commit", "cohort")), tags.toString());
        List<Integer> steps = new ArrayList<>();
        mlflowHistory.path("metrics").forEach(m -> steps.add(m.path("step").asInt()));
        assertEquals(List.of(1, 2, 3, 4, 5), steps.stream().sorted().toList());
    }

    private static void train(Recipe recipe, Path cohort, boolean resume, MlflowTracking.End end) {
        List<String> notices = new ArrayList<>();
        AtomicInteger students = new AtomicInteger();
        try (MlflowTracking tracking =
                MlflowTracking.of(url, "trackers", run, recipe, Map.of("cohort", "tiny"), notices::add)) {
            try {
                Training.run(
                        new TrainingJob(recipe, cohort, run, Optional.empty(), resume, "cpu", 1),
                        event -> {
                            tracking.accept(event);
                            if (!resume
                                    && event instanceof TrainingEvent.EpochEnded ended
                                    && ended.role().equals("student")
                                    && students.incrementAndGet() == 3) {
                                throw new IllegalStateException("killed");
                            }
                        },
                        () -> false);
            } catch (IllegalStateException e) {
                assertEquals("killed", e.getMessage());
            }
            tracking.end(end);
        }
        assertEquals(List.of(), notices);
    }

    private static void collect() throws Exception {
        String id = Settings.JSON
                .readTree(Files.readString(run.resolve("mlflow.json")))
                .path("run")
                .stringValue();
        mlflowRun = request("runs/get?run_id=" + id);
        mlflowHistory = request("metrics/get-history?run_id=" + id + "&metric_key=student/training/loss");
    }

    private static JsonNode request(String endpoint) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url + "/api/2.0/mlflow/" + endpoint))
                .build();
        return Settings.JSON.readTree(HttpClient.newHttpClient()
                .send(request, HttpResponse.BodyHandlers.ofString())
                .body());
    }

    private static Process serve(int port) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(
                        python(),
                        "-m",
                        "mlflow",
                        "server",
                        "--host",
                        "127.0.0.1",
                        "--port",
                        String.valueOf(port),
                        "--workers",
                        "1",
                        "--backend-store-uri",
                        "sqlite:///" + folder.resolve("mlflow.db"),
                        "--artifacts-destination",
                        folder.resolve("artifacts").toString())
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("mlflow.log").toFile());
        // Background jobs are not needed for tracking, and would start a dozen processes.
        builder.environment().put("MLFLOW_SERVER_ENABLE_JOB_EXECUTION", "false");
        return builder.start();
    }

    /** The server first creates its database, which takes minutes on a busy machine. */
    private static void awaitServer() throws Exception {
        HttpRequest request =
                HttpRequest.newBuilder(URI.create(url + "/health")).build();
        HttpClient http = HttpClient.newHttpClient();
        for (int i = 0; i < 2 * TIMEOUT_SECONDS; i++) {
            try {
                if (http.send(request, HttpResponse.BodyHandlers.ofString()).statusCode() == 200) {
                    return;
                }
            } catch (IOException e) {
                assertTrue(server.isAlive(), () -> "the server ended: " + log());
            }
            Thread.sleep(500);
        }
        throw new IllegalStateException("no MLflow server within " + TIMEOUT_SECONDS + " s: " + log());
    }

    private static String log() {
        try {
            return Files.readString(folder.resolve("mlflow.log"));
        } catch (IOException e) {
            return "and its log cannot be read";
        }
    }

    private static String python() {
        return System.getProperty("preceptor.trackers.python", "python3");
    }
}
