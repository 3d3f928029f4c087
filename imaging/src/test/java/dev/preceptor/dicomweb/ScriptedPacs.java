package dev.preceptor.dicomweb;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;

/** A small PACS of one series in this process that answers as it should, except where a test has put a fault in the way. */
public final class ScriptedPacs implements AutoCloseable {
    static final String SERIES_PATH =
            "/dicom-web/studies/" + GoldenInstances.STUDY + "/series/" + GoldenInstances.SERIES;

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Map<String, byte[]> stored = Collections.synchronizedMap(new LinkedHashMap<>());
    private final Map<String, Queue<HttpHandler>> faults = new LinkedHashMap<>();
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private final List<String> logins = new CopyOnWriteArrayList<>();

    private ScriptedPacs(HttpServer server) {
        this.server = server;
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        server.start();
    }

    /** Starts it on a free port of the loopback interface. */
    public static ScriptedPacs start() {
        try {
            return new ScriptedPacs(HttpServer.create(anyPort(), 0));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static ScriptedPacs startEncrypted(SSLContext context) {
        try {
            HttpsServer server = HttpsServer.create(anyPort(), 0);
            server.setHttpsConfigurator(new HttpsConfigurator(context));
            return new ScriptedPacs(server);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static InetSocketAddress anyPort() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    /** The address of its DICOMweb service. */
    public String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/dicom-web";
    }

    /** Holds an instance from the beginning. */
    public void hold(LocalInstance instance) {
        try {
            stored.put(instance.uid(), Files.readAllBytes(instance.file()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Answers the next request of a kind in another way: QIDO, SERIES, INSTANCE or STOW. */
    public void next(String kind, HttpHandler fault) {
        faults.computeIfAbsent(kind, any -> new ArrayDeque<>()).add(fault);
    }

    /** Kinds and paths of the requests so far. */
    public List<String> requests() {
        return requests;
    }

    /** Those of one kind. */
    public List<String> requests(String kind) {
        return requests.stream()
                .filter(request -> request.startsWith(kind + " "))
                .toList();
    }

    /** The headers Authorization that arrived. */
    public List<String> logins() {
        return logins;
    }

    /** The UIDs of the instances that it has. */
    public Collection<String> held() {
        return List.copyOf(stored.keySet());
    }

    private void handle(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        String kind = exchange.getRequestMethod().equals("POST")
                ? "STOW"
                : path.equals(SERIES_PATH)
                        ? "SERIES"
                        : path.startsWith(SERIES_PATH + "/instances/") ? "INSTANCE" : "QIDO";
        requests.add(kind + " " + exchange.getRequestURI());
        Optional.ofNullable(exchange.getRequestHeaders().getFirst("Authorization"))
                .ifPresent(logins::add);
        HttpHandler fault = faults.getOrDefault(kind, new ArrayDeque<>()).poll();
        try (exchange) {
            if (fault != null) {
                fault.handle(exchange);
            } else {
                switch (kind) {
                    case "STOW" -> json(exchange, 200, store(exchange));
                    case "SERIES" -> send(exchange, multipart(stored.keySet()));
                    case "INSTANCE" -> send(exchange, multipart(List.of(path.substring(path.lastIndexOf('/') + 1))));
                    default -> json(exchange, 200, list(exchange));
                }
            }
        }
    }

    /** What a search finds, on the first page only. */
    private String list(HttpExchange exchange) {
        String query = Optional.ofNullable(exchange.getRequestURI().getQuery()).orElse("");
        if (stored.isEmpty() || !query.contains("offset=0")) {
            return "[]";
        }
        String path = exchange.getRequestURI().getPath();
        if (path.endsWith("/instances")) {
            return stored.keySet().stream()
                    .map(uid -> object("00080018", uid, "00081190", "http://localhost/elsewhere"))
                    .collect(Collectors.joining(",", "[", "]"));
        }
        String count = String.valueOf(stored.size());
        return path.endsWith("/series")
                ? "[" + object("0020000E", GoldenInstances.SERIES, "00080060", "MR", "00201209", count) + "]"
                : "["
                        + object(
                                "0020000D",
                                GoldenInstances.STUDY,
                                "00080061",
                                "MR",
                                "00080020",
                                "20260131",
                                "00201208",
                                count,
                                "00100010",
                                "Doe^Jane",
                                "00100020",
                                "P-17")
                        + "]";
    }

    private static String object(String... tagsAndValues) {
        StringBuilder text = new StringBuilder("{");
        for (int i = 0; i < tagsAndValues.length; i += 2) {
            String value = tagsAndValues[i].equals("00100010")
                    ? "{\"Alphabetic\": \"" + tagsAndValues[i + 1] + "\"}"
                    : "\"" + tagsAndValues[i + 1] + "\"";
            text.append(i == 0 ? "" : ",").append("\"" + tagsAndValues[i] + "\": {\"Value\": [" + value + "]}");
        }
        return text.append("}").toString();
    }

    /** Stores what a request contains. */
    String store(HttpExchange exchange) throws IOException {
        MultipartReader reader = MultipartReader.of(
                exchange.getRequestBody(),
                exchange.getRequestHeaders().getFirst("Content-Type"),
                MultipartLimits.SERIES);
        StringBuilder items = new StringBuilder();
        for (var part = reader.next(); part.isPresent(); part = reader.next()) {
            byte[] content = part.get().content().readAllBytes();
            String uid = FileMeta.sopInstance(content).orElseThrow();
            stored.put(uid, content);
            items.append(items.isEmpty() ? "" : ",")
                    .append("{\"00081155\": {\"vr\": \"UI\", \"Value\": [\"" + uid + "\"]}}");
        }
        return "{\"00081199\": {\"vr\": \"SQ\", \"Value\": [" + items + "]}}";
    }

    /** A multipart body of stored instances. */
    byte[] multipart(Collection<String> uids) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (String uid : uids) {
            out.writeBytes(MultipartDelimiters.opening("scripted", Map.of("Content-Type", "application/dicom")));
            out.writeBytes(stored.get(uid));
        }
        out.writeBytes(MultipartDelimiters.closing("scripted"));
        return out.toByteArray();
    }

    static void send(HttpExchange exchange, byte[] multipart) throws IOException {
        send(exchange, multipart, multipart.length);
    }

    /** Sends a multipart body under a length that may be another. */
    static void send(HttpExchange exchange, byte[] multipart, long length) throws IOException {
        exchange.getResponseHeaders().add("Content-Type", "multipart/related; boundary=scripted");
        exchange.sendResponseHeaders(200, length);
        exchange.getResponseBody().write(multipart);
    }

    static void json(HttpExchange exchange, int status, String text) throws IOException {
        byte[] bytes = text.getBytes(UTF_8);
        exchange.getRequestBody().readAllBytes();
        exchange.getResponseHeaders().add("Content-Type", "application/dicom+json");
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    /** A handler that answers with a status and headers, and no body. */
    public static HttpHandler status(int status, String... headers) {
        return exchange -> {
            exchange.getRequestBody().readAllBytes();
            for (int i = 0; i < headers.length; i += 2) {
                exchange.getResponseHeaders().add(headers[i], headers[i + 1]);
            }
            exchange.sendResponseHeaders(status, -1);
        };
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
