package dev.preceptor.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.base.Settings;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.run.TrainingEvent;
import dev.preceptor.testing.Ports;
import dev.preceptor.track.MlflowTracking;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

@Tag("integration")
class MlflowTrackingTest {
    @TempDir
    private Path folder;

    private final List<String> calls = Collections.synchronizedList(new ArrayList<>());
    private final List<JsonNode> bodies = Collections.synchronizedList(new ArrayList<>());
    private final List<String> notices = new ArrayList<>();
    private final AtomicInteger refused = new AtomicInteger();
    private HttpServer server;
    private volatile long delayMs;
    private volatile int status = 200;

    @AfterEach
    void stop() {
        if (server != null) {
            server.stop(0);
        }
    }

    @Test
    void sendsParametersMetricsAndTheEnd() throws IOException {
        track(open(), MlflowTracking.End.FINISHED, 1, 2);
        assertEquals("experiments/get-by-name", calls.get(0));
        assertEquals("experiments/create", calls.get(1));
        assertEquals("runs/create", calls.get(2));
        Map<String, String> params = new LinkedHashMap<>();
        Map<String, Double> metrics = new LinkedHashMap<>();
        for (JsonNode body : bodies) {
            body.path("params")
                    .forEach(p -> params.put(
                            p.path("key").stringValue(), p.path("value").stringValue()));
            body.path("metrics")
                    .forEach(m -> metrics.put(
                            m.path("key").stringValue() + "@" + m.path("step").asInt(),
                            m.path("value").asDouble()));
            assertTrue(body.path("params").size() <= 100 && body.path("metrics").size() <= 1000);
        }
        assertEquals("kd-net", params.get("method"));
        assertEquals("0.002", params.get("optimization.learningRate"));
        assertEquals("[32,32,32]", params.get("sampling.patch"));
        assertEquals(0.5, metrics.get("student/training/loss@1"));
        assertEquals(0.75, metrics.get("student/validation/dice_WT@2"));
        assertEquals("FINISHED", bodies.get(bodies.size() - 1).path("status").stringValue());
        assertEquals(List.of(), notices);
    }

    @Test
    void aResumedTrainingContinuesItsRunAndSendsEachEpochOnce() throws IOException {
        String url = open();
        track(url, MlflowTracking.End.KILLED, 1, 2);
        int before = bodies.size();
        track(url, MlflowTracking.End.FINISHED, 2, 3);
        assertEquals(1, calls.stream().filter("runs/create"::equals).count());
        List<Integer> steps = new ArrayList<>();
        bodies.subList(before, bodies.size())
                .forEach(body -> body.path("metrics")
                        .forEach(m -> steps.add(m.path("step").asInt())));
        assertEquals(List.of(3), steps.stream().distinct().toList());
        assertEquals("KILLED", bodies.get(before - 1).path("status").stringValue());
        assertEquals("RUNNING", bodies.get(before).path("status").stringValue());
    }

    @Test
    void anUnreachableServerCostsOneLine() throws IOException {
        int port = Ports.free();
        long begin = System.nanoTime();
        track("http://127.0.0.1:" + port, MlflowTracking.End.FINISHED, 1, 2, 3);
        assertTrue(Duration.ofNanos(System.nanoTime() - begin).toSeconds() < 8);
        assertEquals(1, notices.size(), notices.toString());
        assertTrue(notices.get(0).contains("cannot be reached; training continues"), notices.get(0));
    }

    @Test
    void aServerThatReturnsErrorsCostsOneLine() throws IOException {
        String url = open();
        status = 500;
        track(url, MlflowTracking.End.FINISHED, 1, 2);
        assertEquals(1, notices.size(), notices.toString());
        assertTrue(notices.get(0).contains("answered 500"), notices.get(0));
    }

    @Test
    void aSlowServerDoesNotDelayTheTraining() throws IOException {
        String url = open();
        delayMs = 100;
        StringBuilder lines = new StringBuilder();
        for (int epoch = 1; epoch <= 2000; epoch++) {
            lines.append(line(epoch));
        }
        Files.writeString(metrics(), lines);
        MlflowTracking tracking = tracking(url);
        long begin = System.nanoTime();
        for (int epoch = 1; epoch <= 2000; epoch++) {
            tracking.accept(ended(epoch));
        }
        long seconds = Duration.ofNanos(System.nanoTime() - begin).toSeconds();
        assertTrue(seconds < 3, seconds + " s");
        tracking.end(MlflowTracking.End.FINISHED);
        tracking.close();
    }

    @Test
    void epochsThatCouldNotBeSentAreSentLater() throws Exception {
        String url = open();
        status = 503;
        MlflowTracking tracking = tracking(url);
        end(tracking, 1);
        for (int i = 0; i < 1000 && refused.get() == 0; i++) {
            Thread.sleep(10);
        }
        assertTrue(refused.get() > 0, "the first epoch was not sent while the server was away");
        status = 200;
        end(tracking, 2);
        tracking.end(MlflowTracking.End.FINISHED);
        tracking.close();
        List<Integer> steps = new ArrayList<>();
        bodies.forEach(body ->
                body.path("metrics").forEach(m -> steps.add(m.path("step").asInt())));
        assertEquals(List.of(1, 2), steps.stream().distinct().toList());
    }

    @Test
    void epochsOfAnEarlierStartThatWereNotSentAreSentByAResumedTraining() throws IOException {
        String url = open();
        status = 503;
        track(url, MlflowTracking.End.KILLED, 1, 2);
        status = 200;
        notices.clear();
        track(url, MlflowTracking.End.FINISHED, 3);
        List<Integer> steps = new ArrayList<>();
        bodies.forEach(body ->
                body.path("metrics").forEach(m -> steps.add(m.path("step").asInt())));
        assertEquals(List.of(1, 2, 3), steps.stream().distinct().toList());
        assertEquals(List.of(), notices);
    }

    @Test
    void sendsNothingBeforeTheTrainingHasBegun() throws IOException {
        tracking(open()).close();
        assertEquals(List.of(), calls);
        assertEquals(false, Files.exists(folder.resolve("mlflow.json")));
    }

    @Test
    void aTextThatIsNotAUrlIsRefused() {
        for (String none : List.of("localhost:5000", "file:///tmp/mlruns", "http://", "not an address")) {
            InvalidRecipeException e = assertThrows(InvalidRecipeException.class, () -> tracking(none), none);
            assertTrue(e.getMessage().contains("for instance http://localhost:5000"), e.getMessage());
        }
    }

    private MlflowTracking tracking(String url) {
        return MlflowTracking.of(
                url, "an experiment", folder, Recipe.load("kd-net-small", List.of()), Map.of(), notices::add);
    }

    private void track(String url, MlflowTracking.End end, int... epochs) throws IOException {
        // A resumed training has cut the file to its checkpoint.
        List<String> lines = Files.exists(metrics()) ? Files.readAllLines(metrics()) : List.of();
        Files.write(metrics(), lines.subList(0, Math.min(lines.size(), epochs[0] - 1)));
        try (MlflowTracking tracking = tracking(url)) {
            for (int epoch : epochs) {
                end(tracking, epoch);
            }
            tracking.end(end);
        }
    }

    private Path metrics() {
        return folder.resolve("metrics.jsonl");
    }

    /** The end of an epoch: its line is in the file, then the trackers are called. */
    private void end(MlflowTracking tracking, int epoch) throws IOException {
        Files.writeString(metrics(), line(epoch), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        tracking.accept(ended(epoch));
    }

    private static String line(int epoch) {
        return "{\"role\":\"student\",\"epoch\":" + epoch + ",\"learning_rate\":0.001,\"seconds\":2,"
                + "\"training\":{\"loss\":0.5},\"validation\":{\"loss\":0.6,\"dice_WT\":0.75}}\n";
    }

    private static TrainingEvent.EpochEnded ended(int epoch) {
        return new TrainingEvent.EpochEnded("student", epoch, Map.of(), Map.of(), 1e-3, 2, 20, 0.05);
    }

    private String open() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newCachedThreadPool());
        server.createContext("/api/2.0/mlflow/", this::answer);
        server.start();
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/";
    }

    private void answer(HttpExchange exchange) throws IOException {
        String what = exchange.getRequestURI().getPath().replace("/api/2.0/mlflow/", "");
        byte[] sent = exchange.getRequestBody().readAllBytes();
        try {
            Thread.sleep(delayMs);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        int code = status == 200 && what.equals("experiments/get-by-name") ? 404 : status;
        if (code != 500 && code != 503) {
            calls.add(what);
            if (sent.length > 0) {
                bodies.add(Settings.JSON.readTree(sent));
            }
        } else {
            refused.incrementAndGet();
        }
        String said = switch (what) {
            case "experiments/create" -> "{\"experiment_id\": \"7\"}";
            case "runs/create" -> "{\"run\": {\"info\": {\"run_id\": \"abc\"}}}";
            default -> "{}";
        };
        byte[] bytes = said.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(code, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }
}
