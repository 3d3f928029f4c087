package dev.preceptor.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.PreceptorException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@org.junit.jupiter.api.Tag("integration")
class HttpServerTest {
    private static final String TOKEN = "0123456789abcdef0123";
    private final HttpClient client = HttpClient.newHttpClient();

    @TempDir
    private Path folder;

    private HttpServer open;
    private HttpServer guarded;

    @BeforeEach
    void start() throws IOException {
        Files.writeString(folder.resolve("a.nii.gz"), "0123456789");
        ServerSettings local = ServerSettings.local(0)
                .withLimits(ServerLimits.DEFAULTS.withBodyBytes(1000).withIdle(Duration.ofMillis(700)));
        open = new HttpServer(router(), local, (route, status, duration) -> {});
        guarded = new HttpServer(
                router(), local.withTokens(new Tokens(Map.of("ward", TOKEN))), (route, status, duration) -> {});
    }

    @AfterEach
    void stop() throws Exception {
        KeptConnections.close(client);
        open.close();
        guarded.close();
    }

    @Test
    void serverOnIpv6AnswersAtTheAddressThatItPrints() throws Exception {
        for (String host : List.of("0:0:0:0:0:0:0:1", "::1")) {
            ServerSettings settings =
                    new ServerSettings(host, 0, Tokens.NONE, Set.of(), Optional.empty(), ServerLimits.DEFAULTS);
            try (HttpServer server = new HttpServer(router(), settings, (route, status, duration) -> {})) {
                HttpResponse<String> answer = client.send(
                        HttpRequest.newBuilder(URI.create(server.url() + "/files/a.nii.gz"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
                assertEquals(200, answer.statusCode(), answer.body());
            }
        }
        ServerSettings named = new ServerSettings(
                "127.0.0.1", 0, Tokens.NONE, Set.of("[fe80::1]", "fe80::2"), Optional.empty(), ServerLimits.DEFAULTS);
        try (HttpServer server = new HttpServer(router(), named, (route, status, duration) -> {})) {
            for (String name : List.of("[::1]", "[0:0:0:0:0:0:0:1]", "[fe80::1]", "[fe80::2]")) {
                String raw = RawHttp.send(
                        server.port(),
                        "GET /files/a.nii.gz HTTP/1.1\r\nHost: " + name + "\r\nConnection: close\r\n\r\n");
                assertTrue(raw.startsWith("HTTP/1.1 200"), name + ": " + raw);
            }
        }
    }

    private Router router() {
        StaticFiles page = new StaticFiles(HttpServerTest.class, "page");
        return new Router(List.of(
                new Route("GET", "/", Route.Access.OPEN, page),
                new Route("GET", "/page/{path*}", Route.Access.OPEN, page),
                new Route(
                        "GET", "/health", Route.Access.PROBE, exchange -> exchange.respond(200, "text/plain", "ok\n")),
                new Route("POST", "/login", Route.Access.OPEN, exchange -> {
                    exchange.login(exchange.text(100));
                    exchange.empty(204);
                }),
                Route.get(
                        "/files/{name}",
                        exchange -> exchange.file(
                                folder.resolve(exchange.parameter("name")), "application/gzip", Optional.empty())),
                Route.post("/count", exchange -> {
                    long count = exchange.body().transferTo(java.io.OutputStream.nullOutputStream());
                    exchange.json(
                            200,
                            Map.of("bytes", count, "caller", exchange.caller().name()));
                }),
                Route.get("/events", exchange -> {
                    EventStream stream = exchange.events();
                    stream.send("job", "1");
                    stream.end();
                }),
                Route.get("/fault", exchange -> {
                    throw new IllegalStateException("secret of the inside");
                }),
                Route.get("/refusal", exchange -> {
                    throw new PreceptorException("the image has no voxels");
                })));
    }

    private HttpResponse<String> send(HttpServer server, String path, String method, String body, String... headers)
            throws IOException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(server.url() + path))
                .method(method, HttpRequest.BodyPublishers.ofString(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        try {
            return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    private HttpResponse<String> get(HttpServer server, String path, String... headers) throws IOException {
        return send(server, path, "GET", "", headers);
    }

    private static String status(String answer) {
        return answer.lines().findFirst().orElse("").replaceAll("^HTTP/1.1 (\\d+).*", "$1");
    }

    @Test
    void everyAnswerHasTheHeadersOfSecurityAndNoVersionOfTheServer() throws IOException {
        for (String path : List.of("/", "/health", "/nothing", "/fault", "/files/a.nii.gz")) {
            HttpResponse<String> answer = get(open, path);
            assertTrue(
                    answer.headers()
                            .firstValue("Content-Security-Policy")
                            .orElse("")
                            .startsWith("default-src 'none'"),
                    path);
            assertEquals(
                    "nosniff",
                    answer.headers().firstValue("X-Content-Type-Options").orElse(""),
                    path);
            assertEquals(
                    "no-referrer",
                    answer.headers().firstValue("Referrer-Policy").orElse(""),
                    path);
            assertEquals(
                    "no-store", answer.headers().firstValue("Cache-Control").orElse(""), path);
            assertTrue(answer.headers().firstValue("Server").isEmpty(), path);
        }
    }

    @Test
    void fileAnswersByteRanges() throws IOException {
        assertEquals("0123456789", get(open, "/files/a.nii.gz").body());
        HttpResponse<String> part = get(open, "/files/a.nii.gz", "Range", "bytes=2-4");
        assertEquals(206, part.statusCode());
        assertEquals("234", part.body());
        assertEquals("bytes 2-4/10", part.headers().firstValue("Content-Range").orElse(""));
        assertEquals(416, get(open, "/files/a.nii.gz", "Range", "bytes=20-30").statusCode());
        assertEquals(404, get(open, "/files/b.nii.gz").statusCode());
        HttpResponse<String> head = send(open, "/files/a.nii.gz", "HEAD", "");
        assertEquals(200, head.statusCode());
        assertEquals("10", head.headers().firstValue("Content-Length").orElse(""));
    }

    @Test
    void resourceAnswersByteRanges() throws IOException {
        assertTrue(get(open, "/").body().contains("<title>page"));
        assertEquals(
                "text/html; charset=utf-8",
                get(open, "/").headers().firstValue("Content-Type").orElse(""));
        HttpResponse<String> part = get(open, "/page/digits.txt", "Range", "bytes=8-");
        assertEquals(206, part.statusCode());
        assertEquals("89", part.body());
        assertEquals(404, get(open, "/page/HttpServerTest.class").statusCode());
    }

    @Test
    void pathsThatLeadElsewhereAreRefused() throws IOException {
        Files.writeString(folder.resolve(".hidden"), "x");
        for (String path : List.of(
                "/files/..%2Fa",
                "/files/%2e%2e/a",
                "/files/../../etc/passwd",
                "/files/.hidden",
                "/files/a%00b",
                "/files//etc/passwd",
                "/files/a\\..\\b",
                "/page/../HttpServerTest.class",
                "/page/%2e%2e%2fx",
                "/files/;x/../a",
                "/page/..;/HttpServerTest.class",
                "/files/a.nii.gz/",
                "//files/a.nii.gz",
                "/files/%c0%ae%c0%ae/a")) {
            String answer = RawHttp.send(
                    open.port(), "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
            assertTrue(List.of("400", "404").contains(status(answer)), path + ": " + answer);
            assertFalse(answer.contains("\tat "), path);
        }
    }

    @Test
    void foreignHostIsRefused() throws IOException {
        for (String host : List.of("evil.example", "127.0.0.1.evil.example", "localhost.", "[::2]", "169.254.1.1")) {
            String answer =
                    RawHttp.send(open.port(), "GET / HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n");
            assertEquals("403", status(answer), host);
        }
        assertEquals(
                "400", status(RawHttp.send(open.port(), "GET / HTTP/1.1\r\nConnection: close\r\n\r\n")), "no host");
        assertTrue(List.of("400", "403")
                .contains(status(RawHttp.send(
                        open.port(),
                        "GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"))));
    }

    @Test
    void requestOfAnotherSiteIsRefused() throws IOException {
        assertEquals(
                403,
                send(open, "/count", "POST", "x", "Origin", "https://evil.example")
                        .statusCode());
        assertEquals(403, send(open, "/count", "POST", "x", "Origin", "null").statusCode());
        assertEquals(
                403,
                send(open, "/count", "POST", "x", "Origin", "http://localhost:1")
                        .statusCode());
        assertEquals(
                200, send(open, "/count", "POST", "x", "Origin", open.url()).statusCode());
        assertEquals(200, send(open, "/count", "POST", "x").statusCode());
    }

    @Test
    void tokenIsNeededWhereThereIsOne() throws IOException {
        assertEquals(401, get(guarded, "/files/a.nii.gz").statusCode());
        assertEquals(
                401,
                get(guarded, "/files/a.nii.gz", "Authorization", "Bearer wrong").statusCode());
        assertEquals(
                401,
                get(guarded, "/files/a.nii.gz", "Authorization", "Basic " + TOKEN)
                        .statusCode());
        assertEquals(
                401,
                get(guarded, "/files/a.nii.gz", "Cookie", "preceptor=" + TOKEN).statusCode());
        assertEquals(
                200,
                get(guarded, "/files/a.nii.gz", "Authorization", "Bearer " + TOKEN)
                        .statusCode());
        assertTrue(send(guarded, "/count", "POST", "x", "Authorization", "Bearer " + TOKEN)
                .body()
                .contains("\"caller\":\"ward\""));
        assertEquals(200, get(guarded, "/").statusCode(), "the page itself is open");
        assertEquals(200, get(guarded, "/health").statusCode());
    }

    @Test
    void loginGivesACookieThatScriptsAndOtherSitesDoNotGet() throws IOException {
        assertEquals(401, send(guarded, "/login", "POST", "wrong").statusCode());
        String cookie = send(guarded, "/login", "POST", TOKEN)
                .headers()
                .firstValue("Set-Cookie")
                .orElseThrow();
        assertTrue(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), cookie);
        assertFalse(cookie.contains(TOKEN));
        String value = cookie.substring(0, cookie.indexOf(';'));
        assertEquals(200, get(guarded, "/files/a.nii.gz", "Cookie", value).statusCode());
        assertEquals(403, send(guarded, "/count", "POST", "x", "Cookie", value).statusCode());
        assertEquals(
                200,
                send(guarded, "/count", "POST", "x", "Cookie", value, "Origin", guarded.url())
                        .statusCode());
    }

    @Test
    void headersAndBodiesBeyondTheLimitAreRefused() throws IOException {
        String head = "GET /health HTTP/1.1\r\nHost: localhost\r\n";
        String answer = RawHttp.send(open.port(), head + "X: " + "a".repeat(1 << 20) + "\r\n\r\n");
        assertEquals("431", status(answer));
        assertTrue(answer.contains("{\"error\":"), answer);
        assertEquals(413, send(open, "/count", "POST", "a".repeat(1001)).statusCode());
        assertEquals(200, send(open, "/count", "POST", "a".repeat(1000)).statusCode());
        String chunks = ("3e8\r\n" + "a".repeat(1000) + "\r\n").repeat(2) + "0\r\n\r\n";
        assertEquals(
                "413",
                status(RawHttp.send(
                        open.port(),
                        "POST /count HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks)));
    }

    @Test
    void answerReachesASenderWhoReadsItAfterTheWholeBody() throws IOException {
        for (String header : List.of("Content-Length: 300000", "Transfer-Encoding: chunked")) {
            assertEquals("413", status(sendSlowly(open, "/count", header)), header);
            assertEquals("413", status(sendSlowly(open, "/login", header)), header);
            assertEquals("401", status(sendSlowly(guarded, "/count", header)), header);
            assertEquals("404", status(sendSlowly(open, "/nothing", header)), header);
        }
    }

    /** Sends 300,000 bytes in parts, with pauses in which the server can close the connection, and reads then. */
    private static String sendSlowly(HttpServer server, String path, String header) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", server.port())) {
            socket.setSoTimeout(10_000);
            OutputStream out = socket.getOutputStream();
            out.write(("POST " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + header + "\r\n\r\n")
                    .getBytes(StandardCharsets.ISO_8859_1));
            boolean chunked = header.endsWith("chunked");
            for (int i = 0; i < 3; i++) {
                out.write((chunked ? "186a0\r\n" : "").getBytes(StandardCharsets.ISO_8859_1));
                out.write(new byte[100_000]);
                out.write((chunked ? "\r\n" : "").getBytes(StandardCharsets.ISO_8859_1));
                LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
            }
            out.write((chunked ? "0\r\n\r\n" : "").getBytes(StandardCharsets.ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }

    @Test
    void lengthThatIsALieHarmsNobody() throws IOException {
        String post = "POST /count HTTP/1.1\r\nHost: localhost\r\nContent-Length: ";
        assertEquals("413", status(RawHttp.send(open.port(), post + "10000000000\r\n\r\nabc")));
        assertEquals("400", status(RawHttp.send(open.port(), post + "-1\r\n\r\nabc")));
        assertEquals("400", status(RawHttp.send(open.port(), post + "3\r\nContent-Length: 4\r\n\r\nabcd")));
        assertEquals(
                "400", status(RawHttp.send(open.port(), post + "3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")));
        String tooLong = RawHttp.send(open.port(), post + "500\r\n\r\nabc");
        assertEquals("408", status(tooLong));
        assertFalse(tooLong.contains("\"bytes\""), "what did not come is not counted: " + tooLong);
        String tooShort = RawHttp.send(open.port(), post + "3\r\n\r\nabcGARBAGE / HTTP/9\r\n\r\n");
        assertTrue(tooShort.contains("\"bytes\":3"), tooShort);
        assertEquals(200, get(open, "/health").statusCode());
    }

    @Test
    void errorIsOneLineOfJsonWithoutStackTrace() throws IOException {
        HttpResponse<String> fault = get(open, "/fault");
        assertEquals(500, fault.statusCode());
        assertEquals(
                "application/json", fault.headers().firstValue("Content-Type").orElse(""));
        assertEquals(1, fault.body().lines().count());
        assertFalse(fault.body().contains("IllegalState") || fault.body().contains("secret"), fault.body());
        assertEquals(
                "{\"error\":\"the image has no voxels\"}\n",
                get(open, "/refusal").body());
        HttpResponse<String> wrong = send(open, "/count", "DELETE", "");
        assertEquals(405, wrong.statusCode());
        assertEquals("POST", wrong.headers().firstValue("Allow").orElse(""));
        assertEquals(
                "{\"error\":\"Bad Request\"}",
                RawHttp.send(open.port(), "nonsense\r\n\r\n")
                        .replaceAll("(?s).*\r\n\r\n", "")
                        .strip());
    }

    @Test
    void eventsCome() throws IOException {
        HttpResponse<String> answer = get(open, "/events");
        assertEquals(
                "text/event-stream", answer.headers().firstValue("Content-Type").orElse(""));
        assertEquals("event: job\ndata: 1\n\n", answer.body());
    }

    @Test
    void beyondLoopbackNeedsAToken() {
        PreceptorException refused = assertThrows(
                PreceptorException.class,
                () -> new ServerSettings("0.0.0.0", 0, Tokens.NONE, Set.of(), Optional.empty(), ServerLimits.DEFAULTS));
        assertTrue(refused.getMessage().contains("--token-file"), refused.getMessage());
    }

    @Test
    void takenPortIsOneLine() {
        PreceptorException refused = assertThrows(
                PreceptorException.class,
                () -> new HttpServer(router(), ServerSettings.local(open.port()), (route, status, duration) -> {}));
        assertTrue(refused.getMessage().contains("--port"), refused.getMessage());
    }

    @Test
    void silentConnectionIsClosed() throws IOException {
        try (java.net.Socket socket = new java.net.Socket("127.0.0.1", open.port());
                InputStream in = socket.getInputStream()) {
            socket.setSoTimeout(10_000);
            assertEquals(-1, in.read());
        }
    }

    @Test
    void tokenFileSaysNames() throws IOException {
        Path file = folder.resolve("tokens");
        Files.writeString(file, "# people\nward 0123456789abcdef\nfedcba9876543210\n");
        Tokens tokens = Tokens.read(file);
        assertEquals(Optional.of("ward"), tokens.named("0123456789abcdef"));
        assertEquals(Optional.of("default"), tokens.named("fedcba9876543210"));
        assertEquals(Optional.empty(), tokens.named("fedcba987654321"));
        Files.writeString(file, "short\n");
        String message =
                assertThrows(PreceptorException.class, () -> Tokens.read(file)).getMessage();
        assertTrue(message.contains("16 characters") && !message.contains("short\n"), message);
    }
}
