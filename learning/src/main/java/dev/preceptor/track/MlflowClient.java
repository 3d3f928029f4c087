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
 * The calls of MLflow's REST API, version 2.0, that a training needs. Each takes at most {@link #REQUEST_TIMEOUT} and throws
 * {@link IOException} if the server cannot be reached, returns an error or a response that is not JSON. Thread-safe.
 */
final class MlflowClient {
    /** The largest number of parameters in one call. */
    static final int MAX_PARAMS = 100;
    /** The largest number of metrics in one call. */
    static final int MAX_METRICS = 1000;

    /** Servers before 2.x refuse longer values; {@code recipe.yaml} holds the complete ones. */
    private static final int MAX_PARAM_LENGTH = 500;

    private static final int MAX_KEY_LENGTH = 250;
    private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(10);

    private final String root;
    private final HttpClient http;

    /** A value of a metric at a step. */
    record Metric(String key, double value, long timestampMs, long step) {}

    /** The server returned an error. */
    static final class ErrorResponse extends IOException {
        private final int status;

        ErrorResponse(String message, int status) {
            super(message);
            this.status = status;
        }

        /** Whether the server does not know the requested object. */
        boolean isNotFound() {
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

    /** The id of the experiment of this name, which is created if it does not exist. */
    String experiment(String name) throws IOException {
        String query = URLEncoder.encode(name, StandardCharsets.UTF_8);
        HttpResponse<String> found =
                send(HttpRequest.newBuilder(URI.create(root + "experiments/get-by-name?experiment_name=" + query)));
        if (found.statusCode() == 404) {
            return call("experiments/create", object().put("name", name))
                    .path("experiment_id")
                    .asString("");
        }
        return body("experiments/get-by-name", found)
                .path("experiment")
                .path("experiment_id")
                .asString("");
    }

    /** Creates a run and returns its id. */
    String createRun(String experiment, String name, long startMs, Map<String, String> tags) throws IOException {
        ObjectNode request =
                object().put("experiment_id", experiment).put("run_name", name).put("start_time", startMs);
        ArrayNode list = request.putArray("tags");
        tags.forEach((key, value) -> list.addObject().put("key", key).put("value", value));
        return call("runs/create", request)
                .path("run")
                .path("info")
                .path("run_id")
                .asString("");
    }

    /** Logs parameters, in several calls if there are many. */
    void params(String run, Map<String, String> params) throws IOException {
        List<Map.Entry<String, String>> all = new ArrayList<>(params.entrySet());
        for (int from = 0; from < all.size(); from += MAX_PARAMS) {
            ObjectNode request = object().put("run_id", run);
            ArrayNode list = request.putArray("params");
            for (Map.Entry<String, String> param : all.subList(from, Math.min(all.size(), from + MAX_PARAMS))) {
                list.addObject()
                        .put("key", cut(param.getKey(), MAX_KEY_LENGTH))
                        .put("value", cut(param.getValue(), MAX_PARAM_LENGTH));
            }
            call("runs/log-batch", request);
        }
    }

    /** Logs at most {@link #MAX_METRICS} metrics. */
    void metrics(String run, List<Metric> metrics) throws IOException {
        ObjectNode request = object().put("run_id", run);
        ArrayNode list = request.putArray("metrics");
        for (Metric metric : metrics) {
            list.addObject()
                    .put("key", cut(metric.key(), MAX_KEY_LENGTH))
                    .put("value", metric.value())
                    .put("timestamp", metric.timestampMs())
                    .put("step", metric.step());
        }
        call("runs/log-batch", request);
    }

    /** Sets the status of a run: RUNNING, FINISHED, FAILED or KILLED; {@code endMs} is 0 while it runs. */
    void update(String run, String status, long endMs) throws IOException {
        ObjectNode request = object().put("run_id", run).put("status", status);
        if (endMs > 0) {
            request.put("end_time", endMs);
        }
        call("runs/update", request);
    }

    private JsonNode call(String endpoint, ObjectNode request) throws IOException {
        return body(
                endpoint,
                send(HttpRequest.newBuilder(URI.create(root + endpoint))
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(Settings.line(request)))));
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws IOException {
        try {
            return http.send(request.timeout(REQUEST_TIMEOUT).build(), HttpResponse.BodyHandlers.ofString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private static JsonNode body(String endpoint, HttpResponse<String> response) throws IOException {
        if (response.statusCode() != 200) {
            String message = response.body().lines().findFirst().orElse("");
            throw new ErrorResponse(
                    endpoint + " answered " + response.statusCode() + " " + cut(message, 200), response.statusCode());
        }
        try {
            return Settings.JSON.readTree(response.body());
        } catch (JacksonException e) {
            throw new IOException(endpoint + " answered with text that is not JSON", e);
        }
    }

    private static ObjectNode object() {
        return Settings.JSON.createObjectNode();
    }

    private static String cut(String text, int maxLength) {
        return text.length() <= maxLength ? text : text.substring(0, maxLength - 1) + "\u2026";
    }
}
