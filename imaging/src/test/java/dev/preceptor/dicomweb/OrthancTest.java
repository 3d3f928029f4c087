package dev.preceptor.dicomweb;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.PreceptorException;
import dev.preceptor.testing.JavaProcess;
import dev.preceptor.testing.Orthanc;
import dev.preceptor.testing.TestFiles;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The client with a real PACS. */
@Tag("peers")
class OrthancTest {
    private static final int MEGABYTES = 4 << 20;

    @TempDir
    private Path folder;

    private Orthanc orthanc;

    private final Warnings warnings = new Warnings();

    private static final class Warnings implements DicomWebListener {
        private final List<String> texts = new ArrayList<>();

        @Override
        public void onWarning(String text) {
            texts.add(text);
        }
    }

    @BeforeEach
    void start() {
        orthanc = Orthanc.start(folder.resolve("orthanc"));
    }

    @AfterEach
    void close() {
        if (orthanc != null) {
            orthanc.close();
        }
    }

    private DicomWebClient client(String password) {
        return new DicomWebClient(
                DicomWebSettings.of(orthanc.url()).withCredentials(Credentials.basic(Orthanc.USER, password)));
    }

    private DicomWebClient client() {
        return client(Orthanc.USER);
    }

    /** Requires the fetched files to be the stored ones, byte for byte. */
    private static void assertSame(List<LocalInstance> stored, Path fetched) throws IOException {
        try (var files = Files.list(fetched)) {
            assertEquals(stored.size(), files.count(), "files in " + fetched);
        }
        for (LocalInstance instance : stored) {
            assertEquals(-1, Files.mismatch(instance.file(), fetched.resolve(instance.uid() + ".dcm")), instance.uid());
        }
    }

    /** The number of times that Orthanc took an instance, also one that it had. */
    private long timesTaken() {
        String changes = new String(orthanc.get("/changes?limit=1000").body(), StandardCharsets.UTF_8);
        return changes.split("\"NewInstance\"", -1).length - 1L;
    }

    @Test
    void aSeriesIsStoredFoundAndFetchedByteForByte() throws IOException {
        List<LocalInstance> golden = GoldenInstances.series();
        assertEquals(new StoreReport(12, 0, List.of()), client().store(golden, warnings));
        PacsStudy study = client().studies(Query.ALL, warnings).get(0);
        assertEquals(GoldenInstances.STUDY, study.uid());
        assertEquals(List.of("MR"), study.modalities());
        assertEquals(OptionalInt.of(12), study.instances());
        assertEquals("study " + GoldenInstances.STUDY, study.toString());
        assertEquals(
                1,
                client().studies(Query.ALL.where("ModalitiesInStudy", "MR"), warnings)
                        .size());
        assertEquals(List.of(), client().studies(Query.ALL.where("ModalitiesInStudy", "CT"), warnings));
        PacsSeries series = client().series(study.uid(), Query.ALL, warnings).get(0);
        assertEquals(GoldenInstances.SERIES, series.uid());
        assertEquals(OptionalInt.of(12), series.instances());
        assertEquals(12, client().instances(study.uid(), series.uid(), warnings).size());
        FetchedSeries fetched = client().fetch(
                        study.uid(), series.uid(), folder.resolve("out"), TransferSyntaxChoice.AS_STORED, warnings);
        assertEquals(new FetchedSeries(series.uid(), folder.resolve("out").resolve(series.uid()), 12, 0), fetched);
        assertSame(golden, fetched.folder());
        assertEquals(new StoreReport(0, 12, List.of()), client().store(golden, warnings));
        assertEquals(12, timesTaken());
        assertEquals(List.of(), warnings.texts);
    }

    @Test
    void aSegmentationIsStoredFoundByItsModalityAndFetchedByteForByte() throws IOException {
        client().store(GoldenInstances.series(), warnings);
        Path file = TestFiles.of("imaging", "dicom/seg/binary.dcm");
        LocalInstance segmentation =
                LocalInstances.at(List.of(file)).instances().get(0);
        assertEquals(GoldenInstances.STUDY, segmentation.study());
        assertEquals(new StoreReport(1, 0, List.of()), client().store(List.of(segmentation), warnings));
        List<PacsSeries> found = client().series(GoldenInstances.STUDY, Query.ALL.where("Modality", "SEG"), warnings);
        assertEquals(
                List.of(segmentation.series()),
                found.stream().map(PacsSeries::uid).toList());
        FetchedSeries fetched = client().fetch(
                        GoldenInstances.STUDY,
                        segmentation.series(),
                        folder.resolve("out"),
                        TransferSyntaxChoice.AS_STORED,
                        warnings);
        assertSame(List.of(segmentation), fetched.folder());
        assertEquals(
                List.of("MR", "SEG"),
                client().studies(Query.ALL, warnings).get(0).modalities().stream()
                        .sorted()
                        .toList());
    }

    @Test
    void framesAreReadDespiteTheBrokenQuotesOfTheirHeaders() throws IOException {
        LocalInstance first = GoldenInstances.series().get(0);
        client().store(List.of(first), warnings);
        var answer = orthanc.get(
                "/dicom-web/studies/" + first.study() + "/series/" + first.series() + "/instances/" + first.uid()
                        + "/frames/1",
                "Accept",
                "multipart/related; type=\"application/octet-stream\"");
        assertEquals(200, answer.statusCode());
        MultipartReader reader = MultipartReader.of(
                new ByteArrayInputStream(answer.body()),
                answer.headers().firstValue("Content-Type").orElseThrow(),
                MultipartLimits.SERIES);
        assertEquals(41 * 33 * 2, reader.next().orElseThrow().content().readAllBytes().length);
        assertTrue(reader.next().isEmpty());
    }

    @Test
    void everyTransferSyntaxComesBackAsItWasStored() throws IOException {
        for (String name :
                List.of("deflated", "explicit_be", "implicit_le", "jpegls_lossless", "jpeg_lossless_sv1", "rle")) {
            Path file = TestFiles.of("imaging", "dicom/syntaxes/" + name + ".dcm");
            client().store(List.of(GoldenInstances.instance(file)), warnings);
            Path out = folder.resolve(name);
            FetchedSeries fetched = client().fetch(
                            GoldenInstances.STUDY,
                            GoldenInstances.SERIES,
                            out,
                            TransferSyntaxChoice.AS_STORED,
                            warnings);
            assertSame(List.of(GoldenInstances.instance(file)), fetched.folder());
            orthanc.close();
            orthanc = Orthanc.start(folder.resolve("orthanc-" + name));
        }
        assertEquals(List.of(), warnings.texts);
    }

    @Test
    void aSeriesPassesThroughAHeapOfAThirdOfIt() throws Exception {
        List<LocalInstance> large = GoldenInstances.large(folder.resolve("large"), 8 << 20);
        Process process = JavaProcess.builder(
                        List.of("-Xmx32m"),
                        TransferProgram.class,
                        List.of(
                                orthanc.url(),
                                folder.resolve("large").toString(),
                                folder.resolve("out").toString()))
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
        assertSame(large, folder.resolve("out").resolve(GoldenInstances.SERIES));
    }

    @Test
    void aWrongPasswordAndAnUnknownStudyAreOneLineWithoutSecrets() {
        DicomWebException wrong =
                assertThrows(DicomWebException.class, () -> client("s3cret").studies(Query.ALL, warnings));
        assertEquals(401, wrong.status());
        assertEquals(
                orthanc.url()
                        + ": the PACS refuses the login of user test; check the user name and the password or token"
                        + " (401)",
                wrong.getMessage());
        DicomWebException none = assertThrows(
                DicomWebException.class,
                () -> new DicomWebClient(DicomWebSettings.of(orthanc.url())).studies(Query.ALL, warnings));
        assertTrue(none.getMessage().contains("the PACS asks for a login"), none.getMessage());
        DicomWebException unknown = assertThrows(
                DicomWebException.class,
                () -> client().fetch("1.2.3", "1.2.3.4", folder, TransferSyntaxChoice.AS_STORED, warnings));
        assertEquals(404, unknown.status());
        assertEquals(orthanc.url() + ": the PACS knows no series 1.2.3.4 of study 1.2.3", unknown.getMessage());
        assertThrows(DicomWebException.class, () -> client("s3cret").store(GoldenInstances.series(), warnings));
        assertEquals(List.of(), orthanc.instances());
    }

    @Test
    void aPacsThatCannotConvertIsAskedForTheInstanceAsStored() throws IOException {
        LocalInstance compressed =
                GoldenInstances.instance(TestFiles.of("imaging", "dicom/syntaxes/jpeg2000_lossless.dcm"));
        client().store(List.of(compressed), warnings);
        assertEquals(
                500,
                orthanc.get(
                                "/dicom-web/studies/" + GoldenInstances.STUDY + "/series/" + GoldenInstances.SERIES
                                        + "/instances/" + compressed.uid(),
                                "Accept",
                                "multipart/related; type=\"application/dicom\"")
                        .statusCode());
        FetchedSeries fetched = client().fetch(
                        GoldenInstances.STUDY,
                        GoldenInstances.SERIES,
                        folder.resolve("out"),
                        TransferSyntaxChoice.UNCOMPRESSED,
                        warnings);
        assertSame(List.of(compressed), fetched.folder());
        assertEquals(1, warnings.texts.size(), warnings.texts.toString());
        assertTrue(warnings.texts.get(0).endsWith("asking for it as stored"), warnings.texts.toString());
    }

    @Test
    void aPacsKilledInTheMiddleOfAFetchIsWaitedForAndNothingIsLost() throws Exception {
        List<LocalInstance> large = GoldenInstances.large(folder.resolve("large"), MEGABYTES);
        client().store(large, warnings);
        List<Integer> progress = new ArrayList<>();
        AtomicBoolean isKilled = new AtomicBoolean();
        Thread restart = new Thread(() -> {
            sleep(1500);
            orthanc.restart();
        });
        DicomWebListener killer = new DicomWebListener() {
            @Override
            public void onInstance(int done, int total) {
                progress.add(done);
                if (done == 2 && isKilled.compareAndSet(false, true)) {
                    orthanc.kill();
                    restart.start();
                }
            }

            @Override
            public void onWarning(String text) {
                warnings.onWarning(text);
            }
        };
        FetchedSeries fetched = client().fetch(
                        GoldenInstances.STUDY,
                        GoldenInstances.SERIES,
                        folder.resolve("out"),
                        TransferSyntaxChoice.AS_STORED,
                        killer);
        restart.join();
        assertSame(large, fetched.folder());
        assertEquals(List.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12), progress, "each instance is kept once");
        assertFalse(warnings.texts.isEmpty(), "the broken connection is told");
        assertTrue(
                warnings.texts.stream()
                        .allMatch(text -> text.matches(orthanc.url()
                                + ": (the connection broke|cannot be reached: no server listens there|"
                                + "the multipart body ends before its closing boundary); trying again in .* s")),
                warnings.texts.toString());
    }

    @Test
    void aPacsThatStaysAwayIsAnErrorAndTheNextCallFetchesOnlyTheRest() throws Exception {
        List<LocalInstance> large = GoldenInstances.large(folder.resolve("large"), MEGABYTES);
        client().store(large, warnings);
        DicomWebListener killer = new DicomWebListener() {
            @Override
            public void onInstance(int done, int total) {
                if (done == 2) {
                    orthanc.kill();
                }
            }
        };
        DicomWebClient impatient = new DicomWebClient(DicomWebSettings.of(orthanc.url())
                .withCredentials(Credentials.basic(Orthanc.USER, Orthanc.USER))
                .withRetry(new Retry(2, Duration.ofMillis(100), Duration.ofMillis(100))));
        Path out = folder.resolve("out");
        PreceptorException e = assertThrows(
                PreceptorException.class,
                () -> impatient.fetch(
                        GoldenInstances.STUDY, GoldenInstances.SERIES, out, TransferSyntaxChoice.AS_STORED, killer));
        assertTrue(e.getMessage().contains("the same command fetches the rest"), e.getMessage());
        assertFalse(Files.exists(out.resolve(GoldenInstances.SERIES)), "no series folder that is not complete");
        orthanc.restart();
        FetchedSeries fetched = client().fetch(
                        GoldenInstances.STUDY, GoldenInstances.SERIES, out, TransferSyntaxChoice.AS_STORED, warnings);
        assertTrue(fetched.kept() >= 2, "kept " + fetched.kept());
        assertSame(large, fetched.folder());
    }

    @Test
    void aPacsKilledWhileItStoresHasEverythingOnceInTheEnd() throws Exception {
        List<LocalInstance> large = GoldenInstances.large(folder.resolve("large"), MEGABYTES);
        Thread killer = new Thread(() -> {
            while (orthanc.instances().size() < 3) {
                sleep(5);
            }
            orthanc.kill();
            sleep(1500);
            orthanc.restart();
        });
        killer.start();
        StoreReport report = client().store(large, warnings);
        killer.join();
        assertEquals(new StoreReport(12, 0, List.of()), report, warnings.texts.toString());
        assertEquals(12, orthanc.instances().size());
        assertEquals(12, timesTaken(), "no instance is sent again that had arrived");
        FetchedSeries fetched = client().fetch(
                        GoldenInstances.STUDY,
                        GoldenInstances.SERIES,
                        folder.resolve("out"),
                        TransferSyntaxChoice.AS_STORED,
                        warnings);
        assertSame(large, fetched.folder());
    }

    @Test
    void whatThePacsRefusesIsListedAndTheRestIsStored() throws IOException {
        List<LocalInstance> mixed = new ArrayList<>(GoldenInstances.series());
        Path rubbish = Files.write(folder.resolve("rubbish.dcm"), new byte[5000]);
        mixed.add(3, new LocalInstance(rubbish, 5000, GoldenInstances.STUDY, GoldenInstances.SERIES, "1.2.3"));
        StoreReport report = client().store(mixed, warnings);
        assertEquals(12, report.stored());
        assertEquals(
                List.of(rubbish),
                report.refused().stream().map(StoreReport.Refusal::file).toList());
        assertEquals(12, timesTaken());
    }

    private static void sleep(int milliseconds) {
        try {
            Thread.sleep(milliseconds);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
