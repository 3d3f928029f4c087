package dev.preceptor.service;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.preceptor.dicom.DicomFile;
import dev.preceptor.dicomweb.Credentials;
import dev.preceptor.dicomweb.DicomWebClient;
import dev.preceptor.dicomweb.DicomWebListener;
import dev.preceptor.dicomweb.DicomWebSettings;
import dev.preceptor.dicomweb.FetchedSeries;
import dev.preceptor.dicomweb.LocalInstances;
import dev.preceptor.dicomweb.PacsSeries;
import dev.preceptor.dicomweb.Query;
import dev.preceptor.dicomweb.TransferSyntaxChoice;
import dev.preceptor.testing.Orthanc;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The service beside a real PACS. */
@Tag("peers")
class ServiceWithOrthancTest {
    private static final MrSeries SERIES = MrSeries.of(20, 20, 1);

    @TempDir
    private Path folder;

    private Orthanc orthanc;
    private DicomWebClient client;
    private ServiceFixture fixture;

    @BeforeEach
    void start() {
        orthanc = Orthanc.start(folder.resolve("orthanc"));
        client = new DicomWebClient(
                DicomWebSettings.of(orthanc.url()).withCredentials(Credentials.basic(Orthanc.USER, Orthanc.USER)));
        fixture = ServiceFixture.start(
                ServiceSettings.of(folder.resolve("data")).withRest(Duration.ofSeconds(1)),
                new DicomWebPacs(client),
                ServiceFixture.model(folder, "student", 1));
    }

    @AfterEach
    void stop() {
        if (fixture != null) {
            fixture.close();
        }
        if (orthanc != null) {
            orthanc.close();
        }
    }

    private void storeSeries() throws IOException {
        List<Path> files = new ArrayList<>();
        for (int i = 0; i < SERIES.files().size(); i++) {
            Path file = folder.resolve(i + ".dcm");
            Files.write(file, SERIES.files().get(i));
            files.add(file);
        }
        client.store(LocalInstances.at(files).instances(), DicomWebListener.NONE);
    }

    private String fetchIntoJob() {
        byte[] body = ("{\"study\":\"" + SERIES.study() + "\",\"series\":\"" + SERIES.series() + "\"}")
                .getBytes(StandardCharsets.UTF_8);
        return ServiceFixture.id(fixture.send("POST", "/api/jobs", "application/json", body));
    }

    private JsonNode delivered(String id) {
        JsonNode job = fixture.ended(id);
        for (int i = 0; i < 2400 && job.path("delivery").asString("").equals("pending"); i++) {
            ServiceFixture.pause();
            job = fixture.ended(id);
        }
        return job;
    }

    private List<PacsSeries> segmentations() {
        return client.series(SERIES.study(), Query.ALL.where("Modality", "SEG"), DicomWebListener.NONE);
    }

    @Test
    void seriesIsFetchedSegmentedAndItsSegmentationIsFound() throws IOException {
        storeSeries();
        String id = fetchIntoJob();
        JsonNode job = delivered(id);
        assertEquals("stored", job.path("delivery").asString(), job.toString());
        List<PacsSeries> found = segmentations();
        assertEquals(1, found.size());
        FetchedSeries back = client.fetch(
                SERIES.study(),
                found.get(0).uid(),
                folder.resolve("back"),
                TransferSyntaxChoice.AS_STORED,
                DicomWebListener.NONE);
        try (Stream<Path> files = Files.list(back.folder())) {
            Path file = files.findFirst().orElseThrow();
            assertEquals(
                    -1, Files.mismatch(file, folder.resolve("data/jobs/" + id + "/output/" + JobFiles.SEGMENTATION)));
            assertEquals(Optional.of("SEG"), DicomFile.read(file).dataSet().text(dev.preceptor.dicom.Tag.MODALITY));
        }
    }

    @Test
    void seriesOfARouterIsSegmentedThoughThePacsIsAwayMeanwhile() {
        orthanc.close();
        assertEquals(
                200,
                fixture.send("POST", "/dicom-web/studies", MrSeries.stowType(), MrSeries.stow(SERIES.files()))
                        .statusCode());
        JsonNode jobs = ServiceFixture.json(fixture.get("/api/jobs"));
        while (jobs.isEmpty()) {
            ServiceFixture.pause();
            jobs = ServiceFixture.json(fixture.get("/api/jobs"));
        }
        String id = jobs.get(0).path("id").asString();
        assertEquals("pending", fixture.ended(id).path("delivery").asString());
        orthanc.restart();
        assertEquals("stored", delivered(id).path("delivery").asString());
        assertEquals(1, segmentations().size());
    }

    @Test
    void wrongPasswordFailsTheJobInOneLine() {
        DicomWebClient stranger = new DicomWebClient(
                DicomWebSettings.of(orthanc.url()).withCredentials(Credentials.basic(Orthanc.USER, "wrong-password")));
        fixture.close();
        fixture = ServiceFixture.start(
                ServiceSettings.of(folder.resolve("data")),
                new DicomWebPacs(stranger),
                folder.resolve("student.safetensors"));
        JsonNode job = fixture.ended(fetchIntoJob());
        assertEquals("failed", job.path("state").asString());
        assertEquals(true, job.path("error").asString().contains("login"), job.toString());
        assertEquals(false, job.toString().contains("wrong-password"), job.toString());
    }
}
