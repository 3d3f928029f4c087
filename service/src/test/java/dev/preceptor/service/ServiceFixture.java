package dev.preceptor.service;

import dev.preceptor.http.KeptConnections;
import dev.preceptor.http.ServerSettings;
import dev.preceptor.http.Tokens;
import dev.preceptor.infer.PredictionOptions;
import dev.preceptor.model.Models;
import dev.preceptor.nifti.Nifti;
import dev.preceptor.testing.NoiseVolumes;
import dev.preceptor.volume.Affine;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.Size;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
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
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A service with a model of 969 weights, and a client of it. */
final class ServiceFixture implements AutoCloseable {
    static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String BOUNDARY = "a-boundary-of-the-tests";

    private final HttpClient client = HttpClient.newHttpClient();
    final List<ServedModel> models = new ArrayList<>();
    final SegmentationService service;

    private ServiceFixture(ServiceSettings settings, Optional<Pacs> pacs, Tokens tokens, Path... files) {
        for (Path file : files) {
            models.add(ServedModel.load(file, List.of(), PredictionOptions.DEFAULTS));
        }
        service = new SegmentationService(
                models, settings, pacs, ServerSettings.local(0).withTokens(tokens), List.of());
    }

    static ServiceFixture start(ServiceSettings settings, Path... models) {
        return new ServiceFixture(settings, Optional.empty(), Tokens.NONE, models);
    }

    static ServiceFixture start(ServiceSettings settings, Pacs pacs, Path... models) {
        return new ServiceFixture(settings, Optional.of(pacs), Tokens.NONE, models);
    }

    static ServiceFixture start(ServiceSettings settings, Tokens tokens, Path... models) {
        return new ServiceFixture(settings, Optional.empty(), tokens, models);
    }

    static Path model(Path folder, String name, long seed) {
        Path file = folder.resolve(name + ".safetensors");
        Models.small(seed).write(file);
        return file;
    }

    /** A head of noise. */
    static byte[] image(Path folder, long seed, int size) throws IOException {
        Path file = folder.resolve("image-" + seed + "-" + size + ".nii.gz");
        Grid grid = new Grid(new Size(size, size, size), new Affine(-5, 0, 0, 3, 0, -5, 0, 4, 0, 0, 5, 5));
        Nifti.write(file, NoiseVolumes.of(grid, seed));
        return Files.readAllBytes(file);
    }

    /** A part of a request: its name, the name of its file (none for a field), and its content. */
    record Part(String name, Optional<String> file, byte[] content) {
        static Part file(String name, byte[] content) {
            return new Part(name, Optional.of("patient.bin"), content);
        }

        static Part field(String name, String value) {
            return new Part(name, Optional.empty(), value.getBytes(StandardCharsets.UTF_8));
        }
    }

    static byte[] multipart(Part... parts) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        for (Part part : parts) {
            body.writeBytes(("--" + BOUNDARY + "\r\nContent-Disposition: form-data; name=\"" + part.name() + "\""
                            + part.file()
                                    .map(name -> "; filename=\"" + name + "\"")
                                    .orElse("") + "\r\n\r\n")
                    .getBytes(StandardCharsets.UTF_8));
            body.writeBytes(part.content());
            body.writeBytes("\r\n".getBytes(StandardCharsets.UTF_8));
        }
        body.writeBytes(("--" + BOUNDARY + "--\r\n").getBytes(StandardCharsets.UTF_8));
        return body.toByteArray();
    }

    HttpResponse<String> upload(Part... parts) {
        return send("POST", "/api/jobs", "multipart/form-data; boundary=" + BOUNDARY, multipart(parts));
    }

    HttpResponse<String> send(String method, String path, String contentType, byte[] body, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(service.url() + path))
                .header("Content-Type", contentType)
                .method(method, HttpRequest.BodyPublishers.ofByteArray(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return send(request, HttpResponse.BodyHandlers.ofString());
    }

    HttpResponse<String> get(String path, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(service.url() + path));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return send(request, HttpResponse.BodyHandlers.ofString());
    }

    byte[] bytes(String path) {
        return send(HttpRequest.newBuilder(URI.create(service.url() + path)), HttpResponse.BodyHandlers.ofByteArray())
                .body();
    }

    private <T> HttpResponse<T> send(HttpRequest.Builder request, HttpResponse.BodyHandler<T> body) {
        try {
            return client.send(request.build(), body);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    static JsonNode json(HttpResponse<String> answer) {
        return JSON.readTree(answer.body());
    }

    /** The id of an accepted job. */
    static String id(HttpResponse<String> answer) {
        if (answer.statusCode() != 202) {
            throw new AssertionError(answer.statusCode() + " " + answer.body());
        }
        return json(answer).path("id").asString();
    }

    /** Returns when the job waits no more. */
    void awaitStart(String id) {
        for (int i = 0; i < 1200; i++) {
            if (!json(get("/api/jobs/" + id)).path("state").asString().equals("queued")) {
                return;
            }
            pause();
        }
        throw new AssertionError("the job does not start");
    }

    /** The job when it has ended. */
    JsonNode ended(String id) {
        for (int i = 0; i < 1200; i++) {
            JsonNode job = json(get("/api/jobs/" + id));
            if (List.of("done", "failed").contains(job.path("state").asString())) {
                return job;
            }
            pause();
        }
        throw new AssertionError("the job does not end");
    }

    static void pause() {
        try {
            Thread.sleep(50);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    static Map<String, Object> map(Object... pairs) {
        Map<String, Object> map = new java.util.LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            map.put(pairs[i].toString(), pairs[i + 1]);
        }
        return map;
    }

    @Override
    public void close() {
        try {
            KeptConnections.close(client);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
        service.close();
        models.forEach(ServedModel::close);
    }
}
