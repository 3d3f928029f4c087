package dev.preceptor.dicomweb;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpHandler;
import dev.preceptor.base.PreceptorException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Storing in a PACS whose answers are refusals, half truths or missing. */
@Tag("integration")
class InstanceStoreTest {
    @TempDir
    private Path folder;

    private final ScriptedPacs pacs = ScriptedPacs.start();
    private final List<LocalInstance> golden = GoldenInstances.series();
    private final List<String> warnings = new ArrayList<>();

    @AfterEach
    void close() {
        pacs.close();
    }

    private StoreReport store(List<LocalInstance> instances) {
        DicomWebSettings settings =
                DicomWebSettings.of(pacs.url()).withRetry(new Retry(4, Duration.ofMillis(10), Duration.ofMillis(20)));
        return new DicomWebClient(settings).store(instances, new DicomWebListener() {
            @Override
            public void onWarning(String text) {
                warnings.add(text);
            }
        });
    }

    @Test
    void anAnswerThatNeverComesIsFollowedByAQuestionNotByTheSameRequest() {
        // The PACS stores everything and then breaks off: exchange.close() without a response.
        pacs.next("STOW", pacs::store);
        assertEquals(new StoreReport(12, 0, List.of()), store(golden));
        assertEquals(1, pacs.requests("STOW").size());
        assertEquals(List.of(pacs.url() + ": the connection broke; trying again in 0.0 s"), warnings);
    }

    @Test
    void onlyWhatHasNotArrivedIsSentAgain() {
        pacs.next("STOW", exchange -> {
            golden.subList(0, 5).forEach(pacs::hold);
            exchange.getRequestBody().readNBytes(20_000);
        });
        List<Integer> sizes = new ArrayList<>();
        pacs.next("STOW", exchange -> {
            int before = pacs.held().size();
            String answer = pacs.store(exchange);
            sizes.add(pacs.held().size() - before);
            ScriptedPacs.json(exchange, 200, answer);
        });
        assertEquals(new StoreReport(12, 0, List.of()), store(golden));
        assertEquals(List.of(7), sizes);
        assertEquals(12, pacs.held().size());
    }

    @Test
    void whatIsThereIsNotSent() {
        golden.subList(0, 11).forEach(pacs::hold);
        assertEquals(new StoreReport(1, 11, List.of()), store(golden));
        assertEquals(new StoreReport(0, 12, List.of()), store(golden));
        assertEquals(1, pacs.requests("STOW").size());
    }

    @Test
    void refusalsOfTheAnswerAreListedWithReasons() {
        for (int status : new int[] {200, 202, 409}) {
            pacs.next(
                    "STOW",
                    exchange -> ScriptedPacs.json(
                            exchange,
                            status,
                            "{\"00081199\": {\"vr\": \"SQ\", \"Value\": [" + item(0, "00081196", 0xB000) + "]},"
                                    + "\"00081198\": {\"vr\": \"SQ\", \"Value\": ["
                                    + item(1, "00081197", 0xC122) + "," + item(2, "00081197", 0xA700) + "]}}"));
            StoreReport report = store(golden.subList(0, 3));
            assertEquals(1, report.stored());
            assertEquals(
                    List.of(
                            golden.get(1).file()
                                    + ": refused by the PACS: the PACS does not store this transfer syntax (C122)",
                            golden.get(2).file() + ": refused by the PACS: the PACS is out of resources (A700)"),
                    report.refused().stream().map(StoreReport.Refusal::toString).toList());
        }
        assertEquals(3, warnings.size());
        assertTrue(warnings.get(0).contains("has taken 1 instances with a warning"), warnings.toString());
    }

    private String item(int instance, String attribute, int code) {
        return "{\"00081155\": {\"vr\": \"UI\", \"Value\": [\""
                + golden.get(instance).uid() + "\"]}, \"" + attribute + "\": {\"vr\": \"US\", \"Value\": [" + code
                + "]}}";
    }

    @Test
    void aPacsThatAnswersNothingIsAskedWhatItHas() {
        pacs.next("STOW", exchange -> {
            golden.subList(0, 2).forEach(pacs::hold);
            ScriptedPacs.status(200).handle(exchange);
        });
        StoreReport report = store(golden.subList(0, 3));
        assertEquals(2, report.stored());
        assertEquals(
                "its response does not mention it, and it does not list it",
                report.refused().get(0).reason());
    }

    @Test
    void aBatchThatIsTooLargeIsSplitUntilItFits() {
        HttpHandler tooLarge = ScriptedPacs.status(413);
        for (int i = 0; i < 2; i++) {
            pacs.next("STOW", tooLarge);
        }
        assertEquals(new StoreReport(4, 0, List.of()), store(golden.subList(0, 4)));
        assertEquals(4, pacs.held().size());
    }

    /** So many instances of a few bytes, whose content the PACS does not look at. */
    private List<LocalInstance> many(int count) throws IOException {
        Path file = Files.write(folder.resolve("many.dcm"), new byte[100]);
        return IntStream.range(0, count)
                .mapToObj(
                        i -> new LocalInstance(file, 100, GoldenInstances.STUDY, GoldenInstances.SERIES, "1.2.3." + i))
                .toList();
    }

    @ParameterizedTest
    @ValueSource(ints = {500, 501, 503})
    void aPacsThatFailsAtEveryStoreIsGivenUpAfterThePatience(int status) throws IOException {
        for (int i = 0; i < 500; i++) {
            pacs.next("STOW", ScriptedPacs.status(status));
        }
        PreceptorException e = assertThrows(PreceptorException.class, () -> store(many(100)));
        assertTrue(e.getMessage().endsWith("(" + status + ")"), e.getMessage());
        assertEquals(4, pacs.requests("STOW").size());
        assertEquals(3, warnings.size());
    }

    @Test
    void aStoreThatFailsOnceIsRepeatedWithWhatHasNotArrived() {
        pacs.next("STOW", exchange -> {
            golden.subList(0, 5).forEach(pacs::hold);
            ScriptedPacs.status(500).handle(exchange);
        });
        assertEquals(new StoreReport(12, 0, List.of()), store(golden));
        assertEquals(2, pacs.requests("STOW").size());
    }

    @Test
    void aPacsThatFailsInTheMiddleSaysHowFarItCame() {
        for (int i = 0; i < 4; i++) {
            int next = i;
            pacs.next("STOW", exchange -> {
                golden.subList(0, Math.min(next + 1, 2)).forEach(pacs::hold);
                ScriptedPacs.status(500).handle(exchange);
            });
        }
        for (int i = 0; i < 20; i++) {
            pacs.next("STOW", ScriptedPacs.status(500));
        }
        PreceptorException e = assertThrows(PreceptorException.class, () -> store(golden));
        assertTrue(e.getMessage().contains("2 of 12 instances are in the PACS"), e.getMessage());
        // Progress twice, each with all attempts anew.
        assertEquals(6, pacs.requests("STOW").size());
    }

    @Test
    void anInstanceThatThePacsRefusesIsNamedAndTheOthersAreStored() {
        pacs.next("STOW", ScriptedPacs.status(400));
        pacs.next("STOW", ScriptedPacs.status(400));
        pacs.next("STOW", ScriptedPacs.status(400));
        StoreReport report = store(golden.subList(0, 4));
        assertEquals(3, report.stored());
        assertEquals(
                List.of("status 400"),
                report.refused().stream().map(StoreReport.Refusal::reason).toList());
    }

    @Test
    void aRequestThatThePacsNeverTakesEndsTheWork() {
        pacs.next("STOW", ScriptedPacs.status(415));
        PreceptorException e = assertThrows(PreceptorException.class, () -> store(golden));
        assertEquals(pacs.url() + ": the PACS refuses 12 instances (415)", e.getMessage());
        assertEquals(1, pacs.requests("STOW").size());
    }

    @Test
    void aRefusedLoginEndsTheWork() {
        pacs.next("STOW", ScriptedPacs.status(403));
        PreceptorException e = assertThrows(PreceptorException.class, () -> store(golden));
        assertEquals(pacs.url() + ": the login may not do this: 12 instances (403)", e.getMessage());
        assertEquals(1, pacs.requests("STOW").size());
    }

    @Test
    void aFileGivenTwiceIsSentOnceAndTwoFilesOfOneUidAreRefused() throws IOException {
        LocalInstance first = golden.get(0);
        assertEquals(1, store(List.of(first, first)).stored());
        Path changed = Files.copy(first.file(), folder.resolve("changed.dcm"));
        Files.write(changed, new byte[1], StandardOpenOption.APPEND);
        PreceptorException e =
                assertThrows(PreceptorException.class, () -> store(List.of(first, GoldenInstances.instance(changed))));
        assertTrue(e.getMessage().endsWith("differ but have the same SOP Instance UID; give one of them"));
    }
}
