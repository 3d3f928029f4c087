package dev.preceptor.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.JsonFiles;
import dev.preceptor.dicomweb.GoldenInstances;
import dev.preceptor.dicomweb.ScriptedPacs;
import dev.preceptor.testing.JavaProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("integration")
class PacsCommandTest {
    @TempDir
    private Path folder;

    private final ScriptedPacs pacs = ScriptedPacs.start();

    @AfterEach
    void close() {
        pacs.close();
    }

    private Run pacs(String command, String... arguments) {
        List<String> all = new ArrayList<>(List.of("pacs", command, "--url", pacs.url()));
        all.addAll(Arrays.asList(arguments));
        return Run.of(all.toArray(String[]::new));
    }

    private void holdGolden() {
        GoldenInstances.series().forEach(pacs::hold);
    }

    @Test
    void findListsStudiesSeriesAndInstances() {
        holdGolden();
        Run studies = pacs("find");
        assertEquals(0, studies.code(), studies.err());
        assertEquals(
                "study                          date      modalities  description  series  instances\n"
                        + GoldenInstances.STUDY + "  20260131  MR                               12\n",
                studies.out());
        Run series = pacs("find", "--study", GoldenInstances.STUDY);
        assertTrue(series.out().contains(GoldenInstances.SERIES + "          MR"), series.out());
        Run instances = pacs("find", "--study", GoldenInstances.STUDY, "--series", GoldenInstances.SERIES);
        assertEquals(13, instances.out().lines().count(), instances.out());
        Run json = pacs("find", "--json");
        assertEquals(12, JsonFiles.parse(json.out()).get(0).get("instances").asInt());
        pacs.next("QIDO", ScriptedPacs.status(204));
        assertEquals(0, JsonFiles.parse(pacs("find", "--json").out()).size());
    }

    @Test
    void limitBoundsEachKindOfList() {
        holdGolden();
        Run instances =
                pacs("find", "--study", GoldenInstances.STUDY, "--series", GoldenInstances.SERIES, "--limit", "5");
        assertEquals(6, instances.out().lines().count(), instances.out());
        assertTrue(pacs.requests().get(0).contains("limit=5&"), pacs.requests().toString());
    }

    @Test
    void patientsAreShownOnlyOnRequest() {
        holdGolden();
        for (Run run : List.of(pacs("find"), pacs("find", "--json"))) {
            assertFalse((run.out() + run.err()).matches("(?s).*(Doe|Jane|P-17).*"), run.out());
        }
        Run shown = pacs("find", "--show-patients");
        assertTrue(shown.out().contains("Doe^Jane") && shown.out().contains("P-17"), shown.out());
    }

    @Test
    void conditionsReachThePacs() {
        holdGolden();
        Run run = pacs(
                "find", "--date", "20260101-20260131", "--modality", "MR", "--description", "head*", "--limit", "1");
        assertEquals(0, run.code(), run.err());
        assertTrue(
                pacs.requests()
                        .get(0)
                        .contains("?ModalitiesInStudy=MR&StudyDescription=head*&StudyDate=20260101-20260131&"),
                pacs.requests().toString());
        assertTrue(pacs.requests().get(0).contains("limit=1&"), pacs.requests().toString());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "find --series 1.2|--series needs --study",
                "find --study 1.2 --date 20260131|leave out --study",
                "find --study 1.2 --series 1.3 --modality MR|leave out --series",
                "find --date yesterday|--date is 20260131",
                "find --limit 0|--limit is at least 1",
                "find --user a --token-file b|--user and --token-file are two logins; give one",
                "find --password-file b|--password-file needs --user",
                "fetch --out x|Missing required option: '--study=UID'",
                "store|Missing required parameter",
            })
    void wrongUsageIsOneLine(String arguments, String message) {
        String[] words = arguments.split(" ");
        Run run = pacs(words[0], Arrays.copyOfRange(words, 1, words.length));
        assertEquals(2, run.code());
        assertEquals(1, run.errorLines().size(), run.err());
        assertTrue(run.err().contains(message), run.err());
        assertEquals(List.of(), pacs.requests());
    }

    @Test
    void theGroupAloneExplainsItself() {
        Run run = Run.of("pacs");
        assertEquals(2, run.code());
        assertTrue(
                run.err().contains("find")
                        && run.err().contains("fetch")
                        && run.err().contains("store"),
                run.err());
    }

    @Test
    void fetchPrintsTheFolderOfEachSeries() {
        holdGolden();
        Path out = folder.resolve("out");
        Run run = pacs("fetch", "--study", GoldenInstances.STUDY, "--out", out.toString());
        assertEquals(0, run.code(), run.err());
        assertEquals(out.resolve(GoldenInstances.SERIES) + "\n", run.out());
        Run again = pacs("fetch", "--study", GoldenInstances.STUDY, "--out", out.toString());
        assertEquals(run.out(), again.out());
        assertEquals(1, pacs.requests("SERIES").size());
        Run unknown =
                Run.of("pacs", "fetch", "--url", pacs.url(), "--study", "1.2", "--series", "x", "--out", out + "");
        assertEquals(1, unknown.code());
        assertTrue(unknown.err().contains("\"x\" is not the UID of a series"), unknown.err());
    }

    @Test
    void storeSendsFilesAndFolders() throws IOException {
        Path input = Files.createDirectories(folder.resolve("in").resolve("deeper"));
        for (Path file : GoldenInstances.paths()) {
            Files.copy(file, input.resolve(file.getFileName()));
        }
        Files.writeString(input.resolve("notes.txt"), "no DICOM");
        Run run = pacs("store", folder.resolve("in").toString());
        assertEquals(0, run.code(), run.err());
        assertEquals("12 stored, 0 were there, 0 refused\n", run.out());
        assertTrue(run.err().contains("notes.txt: is no DICOM file and is not sent"), run.err());
        assertEquals(12, pacs.held().size());
        Run again = pacs("store", input.resolve("IM000.dcm").toString());
        assertEquals("0 stored, 1 were there, 0 refused\n", again.out());
        Run text = pacs("store", input.resolve("notes.txt").toString());
        assertEquals(1, text.code());
        assertTrue(text.err().contains("notes.txt: "), text.err());
        Run none =
                pacs("store", Files.createDirectories(folder.resolve("empty")).toString());
        assertEquals(1, none.code());
        assertTrue(none.err().contains("has no DICOM file"), none.err());
    }

    @Test
    void secretsComeFromFilesOrTheEnvironment() throws Exception {
        Path password = Files.writeString(folder.resolve("password"), "p\u00e4ss word\r\nsecond line\n");
        Path token = Files.writeString(folder.resolve("token"), "abc.def\n");
        assertEquals(
                0,
                pacs("find", "--user", "nurse", "--password-file", password.toString())
                        .code());
        assertEquals(0, pacs("find", "--token-file", token.toString()).code());
        ProcessBuilder builder =
                JavaProcess.builder(Main.class, "pacs", "find", "--url", pacs.url(), "--user", "nurse");
        builder.environment().put("PRECEPTOR_PACS_PASSWORD", "from environment");
        Process process = builder.redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertEquals(0, process.waitFor(), output);
        assertEquals(
                List.of("Basic bnVyc2U6cMOkc3Mgd29yZA==", "Bearer abc.def", "Basic bnVyc2U6ZnJvbSBlbnZpcm9ubWVudA=="),
                pacs.logins().stream().distinct().toList());
        Files.writeString(password, "");
        Run empty = pacs("find", "--user", "nurse", "--password-file", password.toString());
        assertEquals(1, empty.code());
        assertTrue(empty.err().contains("has nothing in its first line"), empty.err());
        Run none = pacs("find", "--user", "nurse");
        assertEquals(1, none.code());
        assertTrue(none.err().contains("PRECEPTOR_PACS_PASSWORD"), none.err());
    }

    @Test
    void aRefusedLoginIsOneLineWithoutTheSecret() throws IOException {
        Path password = Files.writeString(folder.resolve("password"), "s3cret");
        pacs.next("QIDO", ScriptedPacs.status(401));
        Run run = pacs("find", "--user", "nurse", "--password-file", password.toString(), "--debug");
        assertEquals(1, run.code());
        assertTrue(
                run.errorLines()
                        .get(0)
                        .equals("preceptor: error: " + pacs.url()
                                + ": the PACS refuses the login of user nurse; check the user name and the password or"
                                + " token (401)"),
                run.err());
        assertFalse(run.err().contains("s3cret") || run.err().contains("czNjcmV0"), run.err());
        Run inAddress = Run.of("pacs", "find", "--url", "http://nurse:s3cret@127.0.0.1/dicom-web");
        assertEquals(1, inAddress.code());
        assertFalse(inAddress.err().contains("s3cret"), inAddress.err());
    }
}
