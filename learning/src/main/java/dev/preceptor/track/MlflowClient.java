package dev.preceptor.track;

import dev.preceptor.base.Settings;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The few calls of MLflow's REST interface, version 2.0, that a training needs. Each takes some seconds at most and throws
 * {@link IOException} if the server is away, refuses or says something that is no answer. Thread-safe.
 */
final class MlflowClient {
    /** What the server takes in one call. */
    static final int PARAMS_AT_ONCE = 100;
    /** What the server takes in one call. */
    static final int METRICS_AT_ONCE = 1000;

    /** Longer values are refused by servers before 2.x; what is cut stands whole in {@code recipe.yaml}. */
    private static final int LONGEST_PARAM = 500;

    private static final int LONGEST_KEY = 250;
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final String root;
    private final HttpClient http;

    /** A value of a metric. */
    record Metric(String key, double value, long timestampMs, long step) {}

    /** The server is there and says no. */
    static final class Refusal extends IOException {
        private final int status;

        Refusal(String message, int status) {
            super(message);
            this.status = status;
        }

        /** Whether it does not know what was asked for. */
        boolean isUnknown() {
            return status == 404;
        }
    }

    MlflowClient(URI server) {
        this.root = server.toString().replaceFirst("/+$", "") + "/api/2.0/mlflow/";
        this.http = HttpClient.newBuilder()
                .connectTimeout(Duration.ofSeconds(5))
                .version(HttpClient.Version.HTTP_1_1)
                .build();
    }

    /** The id of the experiment of this name, which is made where there is none. */
    String experiment(String name) throws IOException {
        String query = URLEncoder.encode(name, StandardCharsets.UTF_8);
        HttpResponse<String> found =
                send(HttpRequest.newBuilder(URI.create(root + "experiments/get-by-name?experiment_name=" + query)));
        if (found.statusCode() == 404) {
            return call("experiments/create", object().put("name", name))
                    .path("experiment_id")
                    .asString("");
        }
        return answer("experiments/get-by-name", found)
                .path("experiment")
                .path("experiment_id")
                .asString("");
    }

    /** Begins a run and gives its id. */
    String begin(String experiment, String name, long startMs, Map<String, String> tags) throws IOException {
        ObjectNode body =
                object().put("experiment_id", experiment).put("run_name", name).put("start_time", startMs);
        ArrayNode list = body.putArray("tags");
        tags.forEach((key, value) -> list.addObject().put("key", key).put("value", value));
        return call("runs/create", body).path("run").path("info").path("run_id").asString("");
    }

    /** Logs parameters, as many calls as it takes. */
    void params(String run, Map<String, String> params) throws IOException {
        List<Map.Entry<String, String>> all = new ArrayList<>(params.entrySet());
        for (int from = 0; from < all.size(); from += PARAMS_AT_ONCE) {
            ObjectNode body = object().put("run_id", run);
            ArrayNode list = body.putArray("params");
            for (Map.Entry<String, String> param : all.subList(from, Math.min(all.size(), from + PARAMS_AT_ONCE))) {
                list.addObject()
                        .put("key", cut(param.getKey(), LONGEST_KEY))
                        .put("value", cut(param.getValue(), LONGEST_PARAM));
            }
            call("runs/log-batch", body);
        }
    }

    /** Logs at most {@link #METRICS_AT_ONCE} metrics. */
    void metrics(String run, List<Metric> metrics) throws IOException {
        ObjectNode body = object().put("run_id", run);
        ArrayNode list = body.putArray("metrics");
        for (Metric metric : metrics) {
            list.addObject()
                    .put("key", cut(metric.key(), LONGEST_KEY))
                    .put("value", metric.value())
                    .put("timestamp", metric.timestampMs())
                    .put("step", metric.step());
        }
        call("runs/log-batch", body);
    }

    /** Says how a run stands: RUNNING, FINISHED, FAILED or KILLED. */
    void update(String run, String status, long endMs) throws IOException {
        ObjectNode body = object().put("run_id", run).put("status", status);
        if (endMs > 0) {
            body.put("end_time", endMs);
        }
        call("runs/update", body);
    }

    private JsonNode call(String what, ObjectNode body) throws IOException {
        return answer(
                what,
                send(HttpRequest.newBuilder(URI.create(root + what))
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(Settings.line(body)))));
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws IOException {
        try {
            return http.send(request.timeout(PATIENCE).build(), HttpResponse.BodyHandlers.ofString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private static JsonNode answer(String what, HttpResponse<String> response) throws IOException {
        if (response.statusCode() != 200) {
            String said = response.body().lines().findFirst().orElse("");
            throw new Refusal(
                    what + " answered " + response.statusCode() + " " + cut(said, 200), response.statusCode());
        }
        try {
            return Settings.JSON.readTree(response.body());
        } catch (JacksonException e) {
            throw new IOException(what + " answered with something else than JSON", e);
        }
    }

    private static ObjectNode object() {
        return Settings.JSON.createObjectNode();
    }

    private static String cut(String text, int longest) {
        return text.length() <= longest ? text : text.substring(0, longest - 1) + "\u2026";
    }
}
