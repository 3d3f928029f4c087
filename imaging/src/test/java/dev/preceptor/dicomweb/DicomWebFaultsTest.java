package dev.preceptor.dicomweb;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpHandler;
import dev.preceptor.base.PreceptorException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The client with a PACS that errs in every way. */
@Tag("integration")
class DicomWebFaultsTest {
    private static final Duration SHORT = Duration.ofMillis(400);

    @TempDir
    private Path folder;

    private final ScriptedPacs pacs = ScriptedPacs.start();
    private final List<String> warnings = new ArrayList<>();
    private final DicomWebListener listener = new DicomWebListener() {
        @Override
        public void onWarning(String text) {
            warnings.add(text);
        }
    };

    @AfterEach
    void close() {
        pacs.close();
    }

    private DicomWebSettings settings() {
        return DicomWebSettings.of(pacs.url())
                .withTimeouts(SHORT, SHORT)
                .withRetry(new Retry(3, Duration.ofMillis(10), Duration.ofMillis(1500)))
                .withCredentials(Credentials.basic("nurse", "s3cret"));
    }

    private DicomWebClient client() {
        return new DicomWebClient(settings());
    }

    private FetchedSeries fetch() {
        return client().fetch(
                        GoldenInstances.STUDY,
                        GoldenInstances.SERIES,
                        folder,
                        TransferSyntaxChoice.AS_STORED,
                        listener);
    }

    private void holdGolden() {
        GoldenInstances.series().forEach(pacs::hold);
    }

    private static void assertGolden(FetchedSeries fetched) throws IOException {
        for (LocalInstance instance : GoldenInstances.series()) {
            assertEquals(-1, Files.mismatch(instance.file(), fetched.folder().resolve(instance.uid() + ".dcm")));
        }
        try (Stream<Path> files = Files.list(fetched.folder())) {
            assertEquals(12, files.count());
        }
    }

    private String refusal() {
        PreceptorException e = assertThrows(PreceptorException.class, this::fetch);
        assertFalse(Files.exists(folder.resolve(GoldenInstances.SERIES)), "no folder of an incomplete series");
        assertFalse((e.getMessage() + warnings).contains("s3cret"), e.getMessage() + warnings);
        assertTrue(e.getMessage().startsWith(pacs.url() + ": "), e.getMessage());
        return e.getMessage().substring(pacs.url().length() + 2);
    }

    @Test
    void theFolderOfASeriesIsSearchedForLeftoversOnceAndNotForEachInstance() throws IOException {
        holdGolden();
        Path target = Files.createDirectory(folder.resolve("." + GoldenInstances.SERIES + ".partial"));
        List<String> uids =
                GoldenInstances.series().stream().map(LocalInstance::uid).toList();
        Files.createFile(leftover(target, uids.get(0)));
        FetchedSeries fetched = client().fetch(
                        GoldenInstances.STUDY,
                        GoldenInstances.SERIES,
                        folder,
                        TransferSyntaxChoice.AS_STORED,
                        new DicomWebListener() {
                            @Override
                            public void onInstance(int done, int total) {
                                if (done == 1) {
                                    assertTrue(Files.notExists(leftover(target, uids.get(0))));
                                    uids.forEach(uid -> createFile(leftover(target, uid)));
                                }
                            }
                        });
        uids.forEach(uid -> assertTrue(Files.exists(leftover(fetched.folder(), uid)), uid));
    }

    /** What a process that was killed leaves of an instance. */
    private static Path leftover(Path target, String uid) {
        return target.resolve("." + uid + ".dcm.4194305-1.part");
    }

    private static void createFile(Path file) {
        try {
            Files.createFile(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void aBusyPacsIsAskedAgainWhenItSays() throws IOException {
        holdGolden();
        pacs.next("QIDO", ScriptedPacs.status(503, "Retry-After", "1"));
        pacs.next("SERIES", ScriptedPacs.status(429));
        assertGolden(fetch());
        assertEquals(
                List.of(
                        pacs.url() + ": the PACS is busy (503); trying again in 1.0 s",
                        pacs.url() + ": the PACS is busy (429); trying again in 0.0 s"),
                warnings);
    }

    @Test
    void aPacsThatStaysBusyIsAnError() {
        for (int i = 0; i < 3; i++) {
            pacs.next("QIDO", ScriptedPacs.status(503));
        }
        assertEquals("the PACS is busy (503)", refusal());
    }

    @Test
    void aPacsThatStopsInTheMiddleIsAskedForTheRest() throws IOException {
        holdGolden();
        byte[] whole = pacs.multipart(pacs.held());
        pacs.next("SERIES", exchange -> {
            ScriptedPacs.send(exchange, Arrays.copyOf(whole, whole.length - whole.length / 4), whole.length);
            exchange.getResponseBody().flush();
            sleep(SHORT.multipliedBy(3));
        });
        assertGolden(fetch());
        assertEquals(List.of(pacs.url() + ": no response within the time limit; trying again in 0.0 s"), warnings);
        assertEquals(1, pacs.requests("SERIES").size(), "what arrived is not asked for again");
        assertEquals(4, pacs.requests("INSTANCE").size());
    }

    @Test
    void aPacsThatNeverAnswersIsAnError() {
        for (int i = 0; i < 3; i++) {
            pacs.next("QIDO", exchange -> sleep(SHORT.multipliedBy(3)));
        }
        assertEquals("no response within the time limit", refusal());
    }

    @Test
    void aBodyShorterThanItsLengthIsCut() throws IOException {
        holdGolden();
        byte[] whole = pacs.multipart(pacs.held());
        pacs.next(
                "SERIES",
                exchange -> ScriptedPacs.send(exchange, Arrays.copyOf(whole, whole.length / 2), whole.length));
        assertGolden(fetch());
        assertEquals(List.of(pacs.url() + ": the connection broke; trying again in 0.0 s"), warnings);
    }

    @Test
    void aBodyLongerThanItsLengthIsCutThere() throws IOException {
        holdGolden();
        byte[] whole = pacs.multipart(pacs.held());
        byte[] half = Arrays.copyOf(whole, whole.length / 2);
        pacs.next("SERIES", exchange -> ScriptedPacs.send(exchange, half, half.length));
        assertGolden(fetch());
        assertEquals(
                List.of(pacs.url() + ": the multipart body ends before its closing boundary; trying again in 0.0 s"),
                warnings);
    }

    @Test
    void anAnswerWithTheWrongBoundaryIsAnError() {
        holdGolden();
        pacs.next("SERIES", exchange -> {
            exchange.getResponseHeaders().add("Content-Type", "multipart/related; boundary=other");
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write(pacs.multipart(pacs.held()));
        });
        assertEquals("the multipart body does not begin with its boundary", refusal());
    }

    @Test
    void anAnswerThatIsNotMultipartIsAnError() {
        holdGolden();
        pacs.next("SERIES", exchange -> ScriptedPacs.json(exchange, 200, "[]"));
        assertEquals("the content type is not multipart", refusal());
    }

    @Test
    void aRedirectionToAnotherServerIsNotFollowed() {
        try (ScriptedPacs other = ScriptedPacs.start()) {
            holdGolden();
            pacs.next("QIDO", ScriptedPacs.status(302, "Location", other.url() + "/studies"));
            assertEquals(
                    "redirects to another server, " + other.url().replace("/dicom-web", "")
                            + ", which is not followed; if that is the PACS, give its address",
                    refusal());
            assertEquals(List.of(), other.requests());
        }
    }

    @Test
    void aRedirectionWithinTheServerIsFollowedButNotForEver() throws IOException {
        holdGolden();
        pacs.next("QIDO", ScriptedPacs.status(301, "Location", ScriptedPacs.SERIES_PATH + "/instances?offset=0"));
        assertGolden(fetch());
        for (int i = 0; i < 6; i++) {
            pacs.next("QIDO", ScriptedPacs.status(301, "Location", "/again"));
        }
        DicomWebException e = assertThrows(DicomWebException.class, () -> client().studies(Query.ALL, listener));
        assertEquals(pacs.url() + ": redirects in a circle", e.getMessage());
    }

    @Test
    void headersOfAMegabyteAreRefused() {
        pacs.next("QIDO", ScriptedPacs.status(200, "X-Large", "x".repeat(1 << 20)));
        pacs.next("QIDO", ScriptedPacs.status(200, "X-Large", "x".repeat(1 << 20)));
        pacs.next("QIDO", ScriptedPacs.status(200, "X-Large", "x".repeat(1 << 20)));
        assertEquals("the response is not HTTP within the usual limits", refusal());
    }

    @ParameterizedTest
    @ValueSource(strings = {"<html>Welcome</html>", "{\"a\": 1}", "[", "[[[[", "[{\"a\": 1, \"a\": 2}]"})
    void anAnswerThatIsNotDicomInJsonIsAnError(String text) {
        pacs.next("QIDO", exchange -> ScriptedPacs.json(exchange, 200, text));
        assertEquals("the response is not DICOM in JSON; the path of DICOMweb is often /dicom-web", refusal());
    }

    @Test
    void identifiersThatWouldLeaveTheFolderAreIgnored() {
        String evil = "../../evil";
        pacs.next(
                "QIDO",
                exchange -> ScriptedPacs.json(
                        exchange, 200, "[{\"00080018\": {\"vr\": \"UI\", \"Value\": [\"" + evil + "\"]}}, 7, {}]"));
        assertTrue(refusal().startsWith("the PACS knows no series"));
        assertThrows(PreceptorException.class, () -> client().instances("../../x", "1.2", listener));
        assertThrows(PreceptorException.class, () -> client().series("1.2/..", Query.ALL, listener));
    }

    @Test
    void anInstanceThatNobodyAskedForIsNotWritten() throws IOException {
        List<LocalInstance> golden = GoldenInstances.series();
        pacs.hold(golden.get(0));
        byte[] whole;
        try (ScriptedPacs all = ScriptedPacs.start()) {
            golden.forEach(all::hold);
            whole = all.multipart(all.held());
        }
        pacs.next("INSTANCE", exchange -> ScriptedPacs.send(exchange, whole));
        FetchedSeries fetched = fetch();
        try (Stream<Path> files = Files.list(fetched.folder())) {
            assertEquals(
                    List.of(golden.get(0).uid() + ".dcm"),
                    files.map(file -> file.getFileName().toString()).toList());
        }
    }

    @Test
    void anAnswerWithoutTheInstanceIsAnError() {
        pacs.hold(GoldenInstances.series().get(0));
        pacs.next("INSTANCE", exchange -> ScriptedPacs.send(exchange, "--scripted--".getBytes(StandardCharsets.UTF_8)));
        assertTrue(refusal().matches("the response for instance [0-9.]+ does not contain it"));
    }

    @Test
    void aPacsThatIgnoresPagesIsAskedTwice() {
        holdGolden();
        HttpHandler everything = exchange ->
                ScriptedPacs.json(exchange, 200, "[{\"0020000D\": {\"vr\": \"UI\", \"Value\": [\"1.2.3\"]}}]");
        pacs.next("QIDO", everything);
        pacs.next("QIDO", everything);
        assertEquals(1, client().studies(Query.ALL, listener).size());
        assertEquals(2, pacs.requests().size());
    }

    @Test
    void aPacsThatCutsItsPagesIsAskedForAllOfThem() {
        for (int i = 0; i < 5; i++) {
            String page = "[{\"0020000D\": {\"vr\": \"UI\", \"Value\": [\"1.2." + i + "\"]}}]";
            pacs.next("QIDO", exchange -> ScriptedPacs.json(exchange, 200, page));
        }
        pacs.next("QIDO", ScriptedPacs.status(204));
        assertEquals(5, client().studies(Query.ALL, listener).size());
        assertTrue(pacs.requests().get(4).endsWith("offset=4"), pacs.requests().toString());
    }

    @Test
    void conditionsAreEncodedAndTheLoginIsInNoAddress() {
        client().studies(Query.ALL.where("StudyDescription", "a b&c=d/ü*"), listener);
        assertTrue(
                pacs.requests().get(0).startsWith("QIDO /dicom-web/studies?StudyDescription=a%20b%26c%3Dd%2F%C3%BC*&"),
                pacs.requests().toString());
        assertFalse(pacs.requests().toString().contains("s3cret"));
        assertEquals(
                List.of("Basic bnVyc2U6czNjcmV0"),
                pacs.logins().stream().distinct().toList());
        assertFalse(settings().toString().contains("s3cret"), settings().toString());
        assertFalse(settings().exposesLogin(), "loopback is no network");
    }

    private static void sleep(Duration delay) {
        try {
            Thread.sleep(delay.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
