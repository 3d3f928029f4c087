package dev.preceptor.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.PreceptorException;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.run.TrainingEvent;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Sequence;
import dev.preceptor.volume.Size;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("integration")
class WatchServerTest {
    private static final Size SIZE = new Size(20, 22, 18);
    private static final WatchServer.Place ANY_PORT = new WatchServer.Place("127.0.0.1", 0);
    /** Everything that a browser would fetch, except the parts of the page. */
    private static final Pattern FETCHED =
            Pattern.compile("(src|href|srcset|data|action)=\"(?!#|data:image/png)|url\\(|@import|https?://");

    @TempDir
    private Path run;

    private LivePage page;
    private WatchServer server;

    @BeforeEach
    void open() {
        page = new LivePage(run, Recipe.load("baseline-small", List.of()), Map.of("cohort", "<b>/data</b>"));
        server = WatchServer.open(ANY_PORT, page);
    }

    @AfterEach
    void close() {
        server.close();
    }

    @Nested
    class ThePage {
        @Test
        void isServedBeforeTheTrainingBegins() throws Exception {
            String html = get("").body();
            assertTrue(html.contains("Reading the cohort."), html);
            assertTrue(html.contains("No epoch has ended yet."), html);
            assertTrue(html.contains("There has been no validation yet."), html);
        }

        @Test
        void hasProgressCurvesAndSlices() throws Exception {
            train();
            String html = get("").body();
            for (String part : List.of(
                    "<progress max=\"100\" value=\"47\"",
                    "5 of 10",
                    "0.2500, validation 0.7000",
                    "validation Dice WT",
                    "10.00 steps/s",
                    "<dt>waiting for data</dt><dd>5 %</dd>",
                    "class=\"curve training\"",
                    "class=\"curve validation\"",
                    "aria-label=\"S1, student\"",
                    "data:image/png;base64,",
                    "stepsPerEpoch: 40",
                    "a checkpoint could not be written")) {
                assertTrue(html.contains(part), part);
            }
            assertTrue(html.contains("&lt;b&gt;/data&lt;/b&gt;"), "names must be escaped");
            assertFalse(FETCHED.matcher(html).find(), "the page would fetch something");
        }

        @Test
        void isUpdatedPartByPart() throws Exception {
            train();
            HttpResponse<String> slices = get("slices");
            String version = slices.headers().firstValue("X-Version").orElseThrow();
            assertTrue(slices.body().contains("after epoch 4"), slices.body());
            assertEquals(204, get("slices?v=" + version).statusCode());
            page.accept(step(48));
            assertEquals(204, get("slices?v=" + version).statusCode());
            page.accept(validated(5));
            HttpResponse<String> later = get("slices?v=" + version);
            assertEquals(200, later.statusCode());
            assertTrue(later.body().contains("after epoch 5"));
        }

        @Test
        void ignoresALineThatIsStillBeingWritten() throws Exception {
            train();
            String complete = get("curves").body();
            Files.writeString(run.resolve("metrics.jsonl"), "{\"role\":\"student\",\"epo", StandardOpenOption.APPEND);
            page.accept(new TrainingEvent.PhaseStarted("student", 1, 1, 10, 20));
            assertEquals(complete, get("curves").body());
        }

        @Test
        void forbidsToFetchAnythingOrToBeFramed() throws Exception {
            String policy =
                    get("").headers().firstValue("Content-Security-Policy").orElseThrow();
            assertTrue(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), policy);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost", "localhost:9", "127.0.0.1:8080", "[::1]:8080", "192.168.1.7"})
    void acceptsAnAddressAsHost(String host) throws IOException {
        String answer = raw("GET / HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n");
        assertTrue(answer.startsWith("HTTP/1.1 200 "), answer);
    }

    @Nested
    class Refused {
        @ParameterizedTest
        @ValueSource(
                strings = {"evil.example", "evil.example:80", "127.0.0.1.evil.example", "localhost.evil.example", ""})
        void aHostThatIsNotAnAddress(String host) throws IOException {
            String answer = raw("GET / HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n");
            assertTrue(answer.startsWith("HTTP/1.1 403 "), answer);
            assertFalse(answer.contains("Preceptor training"), answer);
        }

        @ParameterizedTest
        @ValueSource(strings = {"POST", "PUT", "DELETE", "OPTIONS"})
        void everyMethodButGetAndHead(String method) throws IOException {
            String answer = raw(
                    method + " / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n" + "Connection: close\r\n\r\n");
            assertTrue(answer.startsWith("HTTP/1.1 405 "), answer);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {"/../run.json", "/run.json", "/%2e%2e/run.json", "/slices/", "//etc/passwd", "/PROGRESS"})
        void everyOtherPath(String path) throws IOException {
            Files.writeString(run.resolve("run.json"), "secret");
            String answer = raw("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
            assertTrue(answer.startsWith("HTTP/1.1 404 "), answer);
            assertFalse(answer.contains("secret"));
        }

        @Test
        void aPortInUse() throws IOException {
            try (ServerSocket occupied = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                PreceptorException refused = assertThrows(
                        PreceptorException.class,
                        () -> WatchServer.open(new WatchServer.Place("127.0.0.1", occupied.getLocalPort()), page));
                assertTrue(
                        refused.getMessage()
                                .startsWith("cannot serve the live page at 127.0.0.1:" + occupied.getLocalPort()),
                        refused.getMessage());
                assertTrue(refused.getMessage().contains("choose another port"), refused.getMessage());
            }
        }
    }

    @Nested
    class SlowClients {
        @Test
        void doNotBlockOthersAndAreDisconnectedInTheEnd() throws Exception {
            List<Socket> slow = new ArrayList<>();
            try {
                for (int i = 0; i < WatchServer.THREADS + 8; i++) {
                    Socket socket = socket();
                    socket.getOutputStream().write("GET / HTTP/1.1\r\nHost: local".getBytes(StandardCharsets.US_ASCII));
                    slow.add(socket);
                }
                long begin = System.nanoTime();
                assertEquals(200, get("").statusCode());
                assertTrue(seconds(begin) < WatchServer.REQUEST_SECONDS + 10, "after " + seconds(begin) + " s");
                assertEquals("", answer(slow.get(0)), "it is disconnected");
                assertTrue(seconds(begin) < WatchServer.REQUEST_SECONDS + 10, "after " + seconds(begin) + " s");
            } finally {
                for (Socket socket : slow) {
                    socket.close();
                }
            }
        }

        @Test
        void thatSendEndlessHeadersAreDisconnected() throws Exception {
            try (Socket socket = socket()) {
                OutputStream out = socket.getOutputStream();
                out.write("GET / HTTP/1.1\r\nHost: localhost\r\n".getBytes(StandardCharsets.US_ASCII));
                assertThrows(IOException.class, () -> {
                    for (int i = 0; i < 10_000_000; i++) {
                        out.write(("X-" + i + ": " + "x".repeat(1000) + "\r\n").getBytes(StandardCharsets.US_ASCII));
                    }
                });
            }
            assertEquals(200, get("").statusCode());
        }

        private Socket socket() throws IOException {
            URI address = URI.create(server.address());
            Socket socket = new Socket(address.getHost(), address.getPort());
            socket.setSoTimeout(60_000);
            return socket;
        }

        private double seconds(long begin) {
            return (System.nanoTime() - begin) / 1e9;
        }

        /** The bytes received before the connection ends. */
        private String answer(Socket socket) {
            try {
                return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            } catch (SocketTimeoutException e) {
                return "the connection is still open";
            } catch (IOException e) {
                return "";
            }
        }
    }

    @Test
    void headHasNoBodyAndCausesNoWarning() throws Exception {
        PrintStream before = System.err;
        ByteArrayOutputStream errors = new ByteArrayOutputStream();
        System.setErr(new PrintStream(errors, true, StandardCharsets.UTF_8));
        try {
            for (String path : List.of("/", "/progress", "/nothing")) {
                String answer = raw("HEAD " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
                assertTrue(answer.startsWith(path.equals("/nothing") ? "HTTP/1.1 404 " : "HTTP/1.1 200 "), answer);
                assertTrue(answer.toLowerCase(Locale.ROOT).contains("\ncontent-length: "), answer);
                assertTrue(answer.endsWith("\r\n\r\n"), answer);
            }
        } finally {
            System.setErr(before);
        }
        assertEquals("", errors.toString(StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @CsvSource({
        "8080, 127.0.0.1, 8080",
        "0.0.0.0:8080, 0.0.0.0, 8080",
        "localhost:1, localhost, 1",
        "[::1]:65535, [::1], 65535",
        "65536,,",
        "-1,,",
        "eighty,,",
        "host:,,",
        "a b:80,,",
    })
    void aPlaceIsAPortOrHostAndPort(String text, String host, Integer port) {
        assertEquals(
                host, WatchServer.Place.parse(text).map(WatchServer.Place::host).orElse(null));
        assertEquals(
                port, WatchServer.Place.parse(text).map(WatchServer.Place::port).orElse(null));
    }

    @Test
    void isOpenToOtherMachinesOnlyWithAHost() {
        assertFalse(server.isOpenToOthers());
        try (WatchServer open = WatchServer.open(new WatchServer.Place("0.0.0.0", 0), page)) {
            assertTrue(open.isOpenToOthers());
            assertTrue(open.address().startsWith("http://127.0.0.1:"), open.address());
        }
    }

    /** Four of ten epochs have ended, and seven steps of the fifth. */
    private void train() throws IOException {
        page.accept(new TrainingEvent.PhaseStarted("student", 1, 1, 10, 10));
        StringBuilder log = new StringBuilder();
        for (int epoch = 1; epoch <= 4; epoch++) {
            log.append("{\"role\":\"student\",\"epoch\":" + epoch + ",\"learning_rate\":0.001,\"seconds\":2,"
                    + "\"training\":{\"loss\":" + 1.0 / epoch + "},\"validation\":{\"loss\":" + 1.1 / epoch
                    + ",\"dice_WT\":0.5}}\n");
        }
        Files.writeString(run.resolve("metrics.jsonl"), log);
        page.accept(step(46));
        page.accept(step(47));
        Map<String, Double> validation = new LinkedHashMap<>();
        validation.put("loss", 0.7);
        validation.put("dice_WT", 0.5);
        page.accept(new TrainingEvent.EpochEnded("student", 4, Map.of("loss", 0.25), validation, 1e-3, 2, 10, 0.05));
        page.accept(validated(4));
        page.accept(new TrainingEvent.Notice("a checkpoint could not be written"));
    }

    private static TrainingEvent.Stepped step(int reached) {
        return new TrainingEvent.Stepped(
                "student",
                (reached - 1) / 10 + 1,
                10,
                (reached - 1) % 10 + 1,
                10,
                Map.of("loss", 0.25),
                1e-3,
                0.1,
                0.005);
    }

    private static TrainingEvent.Validated validated(int epoch) {
        float[] image = new float[SIZE.voxels()];
        byte[] truth = new byte[SIZE.voxels()];
        byte[] predicted = new byte[SIZE.voxels()];
        for (int z = 4; z < 14; z++) {
            for (int y = 4; y < 18; y++) {
                for (int x = 4; x < 16; x++) {
                    int i = SIZE.index(x, y, z);
                    image[i] = x - 9.5f;
                    truth[i] = (byte) (x < 8 ? 2 : x < 10 ? 1 : 0);
                    predicted[i] = (byte) (x < 9 ? 2 : x < 10 ? 3 : 0);
                }
            }
        }
        return new TrainingEvent.Validated(
                "student",
                epoch,
                Sequence.T1CE,
                List.of(new TrainingEvent.ValidationSample(
                        "S1", SIZE, image, truth, predicted, LabelSpace.BRATS_2018.numbered())));
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create(server.address() + path))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
    }

    /** Sends a raw request: the HTTP client of the JDK sends neither a wrong host nor a path with dots. */
    private String raw(String request) throws IOException {
        URI address = URI.create(server.address());
        try (Socket socket = new Socket(address.getHost(), address.getPort())) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
