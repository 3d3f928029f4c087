package dev.preceptor.service;

import static dev.preceptor.service.ServiceFixture.Part.field;
import static dev.preceptor.service.ServiceFixture.Part.file;
import static dev.preceptor.service.ServiceFixture.json;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.dicom.DicomFile;
import dev.preceptor.dicom.Tag;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

@org.junit.jupiter.api.Tag("integration")
class DicomServiceTest {
    private static final MrSeries SERIES = MrSeries.of(20, 20, 1);

    @TempDir
    private Path folder;

    private Path model;
    private Path data;

    @BeforeEach
    void writeModel() {
        model = ServiceFixture.model(folder, "student", 1);
        data = folder.resolve("data");
    }

    private ServiceSettings settings() {
        return ServiceSettings.of(data).withRest(Duration.ofMillis(200));
    }

    private static HttpResponse<String> stow(ServiceFixture fixture, List<byte[]> instances) {
        return fixture.send("POST", "/dicom-web/studies", MrSeries.stowType(), MrSeries.stow(instances));
    }

    /** The jobs when there are as many, all ended, and no more. */
    private static JsonNode jobs(ServiceFixture fixture, int count) {
        JsonNode jobs = json(fixture.get("/api/jobs"));
        for (int i = 0; i < 400 && jobs.size() < count; i++) {
            ServiceFixture.pause();
            jobs = json(fixture.get("/api/jobs"));
        }
        jobs.forEach(job -> fixture.ended(job.path("id").asString()));
        assertEquals(count, jobs.size());
        return json(fixture.get("/api/jobs"));
    }

    private static JsonNode delivered(ServiceFixture fixture, String id) {
        JsonNode job = fixture.ended(id);
        for (int i = 0; i < 600 && job.path("delivery").asString("").equals("pending"); i++) {
            ServiceFixture.pause();
            job = json(fixture.get("/api/jobs/" + id));
        }
        return job;
    }

    private static void assertDone(JsonNode job) {
        assertEquals("done", job.path("state").asString(), job.toString());
    }

    @Test
    void uploadedSeriesBecomesASegmentationOfItsPatient() throws IOException {
        try (ServiceFixture fixture = ServiceFixture.start(settings(), model)) {
            String zipped = ServiceFixture.id(fixture.upload(file("file", SERIES.zip())));
            ServiceFixture.Part[] parts =
                    SERIES.files().stream().map(bytes -> file("file", bytes)).toArray(ServiceFixture.Part[]::new);
            String single = ServiceFixture.id(fixture.upload(parts));
            JsonNode job = fixture.ended(zipped);
            assertDone(job);
            assertDone(fixture.ended(single));
            assertTrue(job.path("delivery").isNull());
            Path segmentation = folder.resolve("segmentation.dcm");
            Files.write(segmentation, fixture.bytes("/api/jobs/" + zipped + "/segmentation.dcm"));
            DicomFile written = DicomFile.read(segmentation);
            assertEquals(Optional.of("1.2.840.10008.5.1.4.1.1.66.4"), written.sopClass());
            assertEquals(Optional.of(MrSeries.NAME), written.dataSet().text(Tag.PATIENT_NAME));
            assertEquals(Optional.of(SERIES.study()), written.dataSet().text(Tag.STUDY_INSTANCE));
            assertArrayEquals(
                    fixture.bytes("/api/jobs/" + zipped + "/labels.nii.gz"),
                    fixture.bytes("/api/jobs/" + single + "/labels.nii.gz"));
            assertTrue(fixture.bytes("/api/jobs/" + zipped + "/image.nii.gz").length > 1000);
        }
    }

    @Test
    void wrongSequenceAndSeveralStudiesAreRefused() {
        try (ServiceFixture fixture = ServiceFixture.start(settings(), model)) {
            assertEquals(
                    400,
                    fixture.upload(file("file", SERIES.zip()), field("sequence", "FLAIR"))
                            .statusCode());
            MrSeries other = MrSeries.of(20, 20, 2);
            List<ServiceFixture.Part> parts = new ArrayList<>();
            SERIES.files().forEach(bytes -> parts.add(file("file", bytes)));
            other.files().forEach(bytes -> parts.add(file("file", bytes)));
            HttpResponse<String> answer = fixture.upload(parts.toArray(ServiceFixture.Part[]::new));
            assertEquals(400, answer.statusCode(), answer.body());
            assertTrue(answer.body().contains("DICOM files of 2 studies"), answer.body());
            assertEquals(0, json(fixture.get("/api/jobs")).size());
        }
    }

    @Test
    void sentSeriesIsSegmentedOnceItRestsAndGoesToThePacsOnce() {
        FakePacs pacs = new FakePacs(false);
        pacs.away.set(1);
        // Both halves arrive within the rest.
        ServiceSettings settings = settings().withRest(Duration.ofSeconds(1));
        try (ServiceFixture fixture = ServiceFixture.start(settings, pacs, model)) {
            List<byte[]> shuffled = new ArrayList<>(SERIES.files());
            Collections.shuffle(shuffled, new java.util.Random(1));
            HttpResponse<String> first = stow(fixture, shuffled.subList(0, 7));
            assertEquals(200, first.statusCode(), first.body());
            assertEquals(
                    "application/dicom+json",
                    first.headers().firstValue("Content-Type").orElse(""));
            assertEquals(7, json(first).path("00081199").path("Value").size());
            assertEquals(200, stow(fixture, shuffled.subList(5, 20)).statusCode());
            JsonNode job = delivered(fixture, jobs(fixture, 1).get(0).path("id").asString());
            assertDone(job);
            assertEquals("stored", job.path("delivery").asString(), job.toString());
            assertEquals(2, pacs.calls.get());
            assertEquals(1, pacs.stored.size());
            assertEquals(200, stow(fixture, SERIES.files()).statusCode());
            pauseFor(Duration.ofSeconds(2));
            assertEquals(1, jobs(fixture, 1).size(), "what was sent again is taken once");
            assertEquals(1, pacs.stored.size());
        }
    }

    private static void pauseFor(Duration time) {
        long end = System.nanoTime() + time.toNanos();
        while (System.nanoTime() < end) {
            ServiceFixture.pause();
        }
    }

    @Test
    void seriesThatWaitsForAPlaceIsNoRefusedJob() {
        MrSeries other = MrSeries.of(20, 20, 2);
        FakePacs pacs = new FakePacs(false, SERIES);
        pacs.away.set(3);
        try (ServiceFixture fixture = ServiceFixture.start(settings().withQueue(1), pacs, model)) {
            String first = ServiceFixture.id(fetch(fixture, SERIES.study(), SERIES.series()));
            fixture.awaitStart(first);
            ServiceFixture.id(fetch(fixture, SERIES.study(), SERIES.series()));
            assertEquals(200, stow(fixture, other.files()).statusCode());
            pauseFor(Duration.ofSeconds(2));
            assertTrue(fixture.get("/metrics").body().contains("preceptor_jobs_refused_total 0.0"));
            assertEquals(503, fetch(fixture, SERIES.study(), SERIES.series()).statusCode());
            assertTrue(fixture.get("/metrics").body().contains("preceptor_jobs_refused_total 1.0"));
            jobs(fixture, 3);
        }
    }

    @Test
    void lateInstanceStartsAnotherJobOnTheWholeSeries() throws IOException {
        try (ServiceFixture fixture = ServiceFixture.start(settings(), model)) {
            stow(fixture, SERIES.files().subList(0, 19));
            jobs(fixture, 1);
            assertEquals(200, stow(fixture, SERIES.files().subList(19, 20)).statusCode());
            JsonNode newest = jobs(fixture, 2).get(0);
            assertDone(newest);
            try (var files = Files.list(
                    data.resolve("jobs").resolve(newest.path("id").asString()).resolve("input"))) {
                assertEquals(20, files.count());
            }
        }
    }

    @Test
    void arrivingSeriesSurvivesARestart() {
        ServiceSettings patient = ServiceSettings.of(data).withRest(Duration.ofHours(1));
        try (ServiceFixture fixture = ServiceFixture.start(patient, model)) {
            assertEquals(200, stow(fixture, SERIES.files().subList(0, 12)).statusCode());
        }
        try (ServiceFixture fixture = ServiceFixture.start(settings(), model)) {
            assertEquals(200, stow(fixture, SERIES.files().subList(12, 20)).statusCode());
            assertDone(jobs(fixture, 1).get(0));
        }
    }

    @Test
    void leftoversInTheFolderOfSeriesHoldUpNoSeries() throws IOException {
        Path series = data.resolve("series");
        String hash = "0123456789abcdef".repeat(2);
        Path partial = series.resolve("." + hash + ".4000000-1.part");
        Files.createDirectories(partial.resolve(hash).resolve("input"));
        Files.createFile(partial.resolve(".lock"));
        for (String name : List.of("lost+found", "a", "b", "c")) {
            Files.createDirectories(series.resolve(name));
        }
        Files.createFile(series.resolve(".DS_Store"));
        try (ServiceFixture fixture = ServiceFixture.start(settings(), model)) {
            assertFalse(Files.exists(partial));
            assertEquals(200, stow(fixture, SERIES.files()).statusCode());
            assertDone(jobs(fixture, 1).get(0));
        }
        assertTrue(Files.exists(series.resolve(".DS_Store")));
    }

    @Test
    void seriesThatCannotBeReadHoldsUpNoOther() throws IOException {
        for (int i = 0; i < 8; i++) {
            Files.createDirectories(data.resolve("series").resolve(("0123456" + i).repeat(4)));
        }
        try (ServiceFixture fixture = ServiceFixture.start(settings(), model)) {
            try (var found = Files.list(data.resolve("series"))) {
                Files.delete(found.sorted().findFirst().orElseThrow());
            }
            assertEquals(200, stow(fixture, SERIES.files()).statusCode());
            assertDone(jobs(fixture, 1).get(0));
        }
    }

    @Test
    void whatIsNoMrImageIsRefusedByItsReason() {
        try (ServiceFixture fixture = ServiceFixture.start(settings(), model)) {
            HttpResponse<String> rubbish = stow(fixture, List.of(new byte[500]));
            assertEquals(409, rubbish.statusCode());
            assertEquals(
                    0xC000,
                    json(rubbish)
                            .path("00081198")
                            .path("Value")
                            .get(0)
                            .path("00081197")
                            .path("Value")
                            .get(0)
                            .asInt());
            HttpResponse<String> mixed =
                    stow(fixture, List.of(new byte[500], SERIES.files().get(0)));
            assertEquals(202, mixed.statusCode());
            byte[] changed = SERIES.files().get(0).clone();
            changed[changed.length - 1] ^= 1;
            HttpResponse<String> conflict = stow(fixture, List.of(changed));
            assertEquals(409, conflict.statusCode());
            assertTrue(conflict.body().contains("273"), conflict.body());
            byte[] ct = new String(SERIES.files().get(1), StandardCharsets.ISO_8859_1)
                    .replace("1.2.840.10008.5.1.4.1.1.4\0", "1.2.840.10008.5.1.4.1.1.2\0")
                    .getBytes(StandardCharsets.ISO_8859_1);
            assertTrue(stow(fixture, List.of(ct)).body().contains("290"));
            assertEquals(
                    415,
                    fixture.send(
                                    "POST",
                                    "/dicom-web/studies",
                                    "application/dicom",
                                    SERIES.files().get(0))
                            .statusCode());
        }
    }

    @Test
    void seriesIsFetchedFromThePacsThoughItIsAwayAtFirst() {
        FakePacs pacs = new FakePacs(false, SERIES);
        pacs.away.set(1);
        try (ServiceFixture fixture = ServiceFixture.start(settings(), pacs, model)) {
            JsonNode job = delivered(fixture, ServiceFixture.id(fetch(fixture, SERIES.study(), SERIES.series())));
            assertDone(job);
            assertEquals("stored", job.path("delivery").asString());
            assertEquals(1, pacs.stored.size());
            JsonNode unknown = fixture.ended(ServiceFixture.id(fetch(fixture, SERIES.study(), "1.2.3.4.5.6")));
            assertEquals("failed", unknown.path("state").asString());
            assertTrue(unknown.path("error").asString().contains("has no series"), unknown.toString());
            assertFalse(unknown.path("error").asString().contains("1.2.3.4.5.6"), unknown.toString());
            assertEquals(400, fetch(fixture, "../..", SERIES.series()).statusCode());
        }
        try (ServiceFixture alone = ServiceFixture.start(ServiceSettings.of(folder.resolve("alone")), model)) {
            assertEquals(400, fetch(alone, SERIES.study(), SERIES.series()).statusCode());
        }
    }

    private static HttpResponse<String> fetch(ServiceFixture fixture, String study, String series) {
        byte[] body = ("{\"study\":\"" + study + "\",\"series\":\"" + series + "\"}").getBytes(StandardCharsets.UTF_8);
        return fixture.send("POST", "/api/jobs", "application/json", body);
    }

    @Test
    void requestForASeriesIsRefusedByTheKeyThatIsWrong() {
        String uids = "{\"study\":\"" + SERIES.study() + "\",\"series\":\"" + SERIES.series() + "\",";
        try (ServiceFixture fixture = ServiceFixture.start(settings(), new FakePacs(false, SERIES), model)) {
            assertWrong("deliver must be true or false", fixture, uids + "\"deliver\":\"false\"}");
            assertWrong("deliver must be true or false", fixture, uids + "\"deliver\":null}");
            assertWrong("model must be a text", fixture, uids + "\"model\":5}");
            assertWrong("sequence must be a text", fixture, uids + "\"sequence\":[\"T1CE\"]}");
            assertWrong("there is no such model", fixture, uids + "\"model\":\"\"}");
            assertWrong(
                    "key \"sequense\" is unknown; known here: model, sequence, study, series, deliver",
                    fixture,
                    uids + "\"sequense\":\"FLAIR\"}");
            assertWrong("needs the keys study and series", fixture, "[\"study\"]");
            assertWrong("needs series", fixture, "{\"study\":\"" + SERIES.study() + "\"}");
            assertEquals(0, json(fixture.get("/api/jobs")).size());
        }
    }

    private static void assertWrong(String part, ServiceFixture fixture, String body) {
        HttpResponse<String> answer =
                fixture.send("POST", "/api/jobs", "application/json", body.getBytes(StandardCharsets.UTF_8));
        assertEquals(400, answer.statusCode(), answer.body());
        assertTrue(json(answer).path("error").asString().contains(part), answer.body());
    }

    @Test
    void refusalOfThePacsIsKept() {
        FakePacs pacs = new FakePacs(true, SERIES);
        try (ServiceFixture fixture = ServiceFixture.start(settings(), pacs, model)) {
            JsonNode job = delivered(fixture, ServiceFixture.id(fetch(fixture, SERIES.study(), SERIES.series())));
            assertDone(job);
            assertEquals("failed", job.path("delivery").asString());
        }
    }

    @Test
    void errorAtOneDeliveryDoesNotEndTheDeliveries() {
        FakePacs pacs = new FakePacs(false, SERIES);
        pacs.broken.set(1);
        try (ServiceFixture fixture = ServiceFixture.start(settings(), pacs, model)) {
            JsonNode job = delivered(fixture, ServiceFixture.id(fetch(fixture, SERIES.study(), SERIES.series())));
            assertEquals("stored", job.path("delivery").asString());
        }
    }

    @Test
    void anInstanceWithWhichThePacsFailsHoldsUpNoOther() {
        FakePacs pacs = new FakePacs(false, SERIES);
        pacs.failsWithFirst.set(true);
        try (ServiceFixture fixture = ServiceFixture.start(settings(), pacs, model)) {
            String first = ServiceFixture.id(fetch(fixture, SERIES.study(), SERIES.series()));
            fixture.ended(first);
            String second = ServiceFixture.id(fetch(fixture, SERIES.study(), SERIES.series()));
            assertEquals("stored", delivered(fixture, second).path("delivery").asString());
            assertEquals("pending", fixture.ended(first).path("delivery").asString());
            pacs.failsWithFirst.set(false);
            assertEquals("stored", delivered(fixture, first).path("delivery").asString());
        }
    }

    @Test
    void deliveryThatWasLeftOpenIsMadeAfterARestart() {
        FakePacs busy = new FakePacs(false, SERIES);
        busy.isBusy.set(true);
        String id;
        try (ServiceFixture fixture = ServiceFixture.start(settings(), busy, model)) {
            id = ServiceFixture.id(fetch(fixture, SERIES.study(), SERIES.series()));
            fixture.ended(id);
            HttpResponse<String> kept = fixture.send("DELETE", "/api/jobs/" + id, "text/plain", new byte[0]);
            assertEquals(409, kept.statusCode(), "what has not gone to the PACS is not deleted");
        }
        FakePacs back = new FakePacs(false);
        try (ServiceFixture fixture = ServiceFixture.start(settings(), back, model)) {
            assertEquals("stored", delivered(fixture, id).path("delivery").asString());
            assertEquals(1, back.stored.size());
        }
    }
}
