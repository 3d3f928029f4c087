package dev.preceptor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.JsonFiles;
import dev.preceptor.dicomweb.GoldenInstances;
import dev.preceptor.model.Models;
import dev.preceptor.testing.Orthanc;
import dev.preceptor.testing.TestFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The commands with a real PACS: from a series in it to a segmentation in it. */
@Tag("peers")
class PacsOrthancTest {
    @TempDir
    private Path folder;

    private Orthanc orthanc;
    private Path password;

    @BeforeEach
    void start() throws IOException {
        orthanc = Orthanc.start(folder.resolve("orthanc"));
        password = Files.writeString(folder.resolve("password"), Orthanc.USER + "\n");
    }

    @AfterEach
    void close() {
        if (orthanc != null) {
            orthanc.close();
        }
    }

    private Run run(String command, String... arguments) {
        List<String> all = new ArrayList<>(Arrays.asList(command.split(" ")));
        all.addAll(List.of("--user", Orthanc.USER, "--password-file", password.toString()));
        all.addAll(Arrays.asList(arguments));
        return Run.of(all.toArray(String[]::new));
    }

    private Run pacs(String command, String... arguments) {
        return run("pacs " + command + " --url " + orthanc.url(), arguments);
    }

    @Test
    void aSeriesIsStoredSegmentedAndItsSegmentationIsFound() throws IOException {
        Run store = pacs("store", TestFiles.of("imaging", "dicom/series").toString());
        assertEquals("12 stored, 0 were there, 0 refused\n", store.out(), store.err());
        Path model = folder.resolve("m.safetensors");
        Models.small(1).write(model);
        Path out = folder.resolve("seg.dcm");
        String address = orthanc.url().replace("http:", "dicomweb:") + "/studies/" + GoldenInstances.STUDY + "/series/"
                + GoldenInstances.SERIES;
        Run predict = run(
                "predict",
                "--model",
                model.toString(),
                "--input",
                address,
                "--out",
                out.toString(),
                "--format",
                "dicom-seg",
                "--sequence",
                "T1CE",
                "--store");
        assertEquals(0, predict.code(), predict.err());
        assertEquals(out + "\n1 stored, 0 were there, 0 refused\n", predict.out());
        JsonNode series = JsonFiles.parse(pacs("find", "--study", GoldenInstances.STUDY, "--modality", "SEG", "--json")
                .out());
        assertEquals(1, series.size());
        String uid = series.get(0).get("series").asString();
        Run fetch = pacs(
                "fetch",
                "--study",
                GoldenInstances.STUDY,
                "--series",
                uid,
                "--out",
                folder.resolve("back").toString());
        assertEquals(0, fetch.code(), fetch.err());
        try (Stream<Path> files = Files.list(Path.of(fetch.out().strip()))) {
            assertEquals(-1, Files.mismatch(out, files.findFirst().orElseThrow()));
        }
        Run whole = run(
                "predict",
                "--model",
                model.toString(),
                "--input",
                address.substring(0, address.indexOf("/series/")),
                "--out",
                folder.resolve("labels.nii.gz").toString(),
                "--sequence",
                "T1CE");
        assertEquals(0, whole.code(), whole.err());
        Run study = pacs("find");
        assertTrue(study.out().contains("SEG") && study.out().contains(" 13"), study.out());
        assertFalse((study.out() + study.err() + predict.err()).contains("Golden^"), "no name of a patient");
    }

    @Test
    void aWrongPasswordAndAPacsThatIsAwayAreOneLine() throws IOException {
        Files.writeString(password, "s3cret");
        Run wrong = pacs("find");
        assertEquals(1, wrong.code());
        assertEquals(1, wrong.errorLines().size(), wrong.err());
        assertTrue(wrong.err().contains("the PACS refuses the login of user test"), wrong.err());
        assertFalse(wrong.err().contains("s3cret"), wrong.err());
    }
}
