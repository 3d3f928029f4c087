package dev.preceptor.service;

import static dev.preceptor.service.ServiceFixture.Part.field;
import static dev.preceptor.service.ServiceFixture.Part.file;
import static dev.preceptor.service.ServiceFixture.id;
import static dev.preceptor.service.ServiceFixture.json;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.infer.Prediction;
import dev.preceptor.infer.Segmenter;
import dev.preceptor.model.Models;
import dev.preceptor.network.TargetEncoding;
import dev.preceptor.nifti.Nifti;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Sequence;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

@Tag("integration")
class SegmentationServiceTest {
    @TempDir
    private Path folder;

    private Path model;
    private ServiceFixture fixture;

    @BeforeEach
    void start() {
        model = ServiceFixture.model(folder, "student", 1);
        Path other = ServiceFixture.model(folder, "teacher", 2);
        fixture = ServiceFixture.start(ServiceSettings.of(folder.resolve("data")), model, other);
    }

    @AfterEach
    void stop() {
        fixture.close();
    }

    @Test
    void uploadedImageBecomesTheLabelsOfTheSegmenter() throws IOException {
        byte[] image = ServiceFixture.image(folder, 3, 20);
        HttpResponse<String> accepted = fixture.upload(file("file", image));
        assertEquals(202, accepted.statusCode(), accepted.body());
        String id = id(accepted);
        assertEquals(
                "/api/jobs/" + id, accepted.headers().firstValue("Location").orElse(""));
        JsonNode job = fixture.ended(id);
        assertEquals("done", job.path("state").asString(), job.toString());
        assertEquals("student", job.path("model").path("name").asString());
        assertEquals(1.0, job.path("progress").asDouble());
        JsonNode result = job.path("result");
        Path labels = folder.resolve("labels.nii.gz");
        Files.write(labels, fixture.bytes(result.path("files").path("labels").asString()));
        Path original = folder.resolve("original.nii.gz");
        Files.write(original, image);
        try (Segmenter segmenter = Segmenter.load(model)) {
            Prediction expected = segmenter.segment(Nifti.readVolume(original));
            assertArrayEquals(
                    expected.labels().voxels(),
                    Nifti.readLabelMap(labels, LabelSpace.BRATS_2018).voxels());
            Path uncertainty = folder.resolve("uncertainty.nii.gz");
            Files.write(
                    uncertainty,
                    fixture.bytes(result.path("files").path("uncertainty").asString()));
            assertArrayEquals(
                    expected.uncertainty().voxels(),
                    Nifti.readVolume(uncertainty).voxels());
            double millilitres = expected.labels()
                            .mask(expected.labels().schema().regions().get(0))
                            .cardinality()
                    * 0.125;
            assertEquals(
                    millilitres, result.path("regions").get(0).path("volumeMl").asDouble(), 1e-3);
            assertEquals(
                    expected.assessment().dice().get("WT").dice(),
                    result.path("regions").get(0).path("dice").path("expected").asDouble(),
                    1e-4);
        }
        assertArrayEquals(
                image, fixture.bytes(result.path("files").path("image").asString()));
        assertTrue(result.path("files").path("seg").isNull());
        assertEquals(404, fixture.get("/api/jobs/" + id + "/segmentation.dcm").statusCode());
        assertEquals(404, fixture.get("/api/jobs/" + id + "/job.json").statusCode());
        HttpResponse<String> part = fixture.get("/api/jobs/" + id + "/labels.nii.gz", "Range", "bytes=0-1");
        assertEquals(206, part.statusCode());
        assertEquals(
                416,
                fixture.get("/api/jobs/" + id + "/labels.nii.gz", "Range", "bytes=999999999-")
                        .statusCode());
        JsonNode json = json(fixture.get("/api/jobs/" + id + "/result.json"));
        assertEquals(result, json);
    }

    @Test
    void modelsAreServedSideBySide() throws IOException {
        JsonNode models = json(fixture.get("/api/models"));
        assertEquals(2, models.size());
        assertEquals("T1CE", models.get(0).path("inputs").get(0).asString());
        byte[] image = ServiceFixture.image(folder, 3, 20);
        String first = id(fixture.upload(file("file", image), field("model", "teacher")));
        String version = models.get(0).path("version").asString();
        String second = id(fixture.upload(field("model", "student@" + version), file("T1CE", image)));
        assertEquals("teacher", fixture.ended(first).path("model").path("name").asString());
        assertEquals(
                version, fixture.ended(second).path("model").path("version").asString());
        HttpResponse<String> unknown = fixture.upload(file("file", image), field("model", "other"));
        assertEquals(400, unknown.statusCode());
        assertTrue(unknown.body().contains("student@" + version), unknown.body());
    }

    @Test
    void whatCouldMeanTwoThingsIsRefused() throws IOException {
        byte[] image = ServiceFixture.image(folder, 3, 20);
        assertRefused("two files of T1CE", fixture.upload(file("T1CE", image), file("t1ce", image)));
        assertRefused("must be said", fixture.upload(file("a", image), file("b", image)));
        assertRefused("it takes [T1CE]", fixture.upload(file("a", image), field("sequence", "FLAIR")));
        assertRefused("has no file", fixture.upload(field("model", "student")));
        assertRefused("it takes [T1CE]", fixture.upload(file("a", image), field("sequence", "../../etc")));
        byte[] cut = java.util.Arrays.copyOf(image, 100);
        HttpResponse<String> refused = fixture.upload(file("a", cut));
        assertEquals(400, refused.statusCode(), refused.body());
    }

    @Test
    void partNamedByASequenceIsNeverSegmentedAsAnotherOne() throws IOException {
        byte[] image = ServiceFixture.image(folder, 3, 20);
        assertRefused("it takes [T1CE]", fixture.upload(file("FLAIR", image)));
        assertRefused("it takes [T1CE]", fixture.upload(file("t2f", image)));
        assertRefused("it takes [T1CE]", fixture.upload(field("sequence", "T1CE"), file("FLAIR", image)));
        assertRefused(
                "it takes [T1CE]",
                fixture.upload(file("flair", MrSeries.of(3, 20, 1).zip())));
        assertEquals("T1CE", segmented(fixture, file("scan", image)));
        assertEquals("T1CE", segmented(fixture, field("sequence", "t1c"), file("T1CE", image)));
        Path both = folder.resolve("both.safetensors");
        Models.random(Models.description(List.of(2, 4), TargetEncoding.REGIONS, Sequence.T1CE, Sequence.of("ASL")), 3)
                .write(both);
        try (ServiceFixture several =
                ServiceFixture.start(ServiceSettings.of(folder.resolve("several")), model, both)) {
            assertRefused("it takes [T1CE]", several.upload(file("asl", image)));
            assertRefused(
                    "the field sequence says T1CE, but a part is named ASL",
                    several.upload(field("model", "both"), field("sequence", "T1CE"), file("ASL", image)));
        }
    }

    private static String segmented(ServiceFixture fixture, ServiceFixture.Part... parts) {
        JsonNode job = fixture.ended(id(fixture.upload(parts)));
        return job.path("result").path("sequences").path(0).asString();
    }

    private static void assertRefused(String part, HttpResponse<String> answer) {
        assertEquals(400, answer.statusCode(), answer.body());
        assertTrue(answer.body().contains(part), answer.body());
    }

    @Test
    void modelOfSeveralSequencesTakesThemByTheNamesOfTheParts() throws IOException {
        Path both = folder.resolve("both.safetensors");
        Models.random(Models.description(List.of(2, 4), TargetEncoding.REGIONS, Sequence.T1CE, Sequence.FLAIR), 3)
                .write(both);
        byte[] one = ServiceFixture.image(folder, 3, 20);
        byte[] two = ServiceFixture.image(folder, 4, 20);
        try (ServiceFixture several = ServiceFixture.start(ServiceSettings.of(folder.resolve("several")), both)) {
            assertRefused("needs FLAIR", several.upload(file("T1CE", one)));
            JsonNode job = several.ended(id(several.upload(file("FLAIR", two), file("T1CE", one))));
            assertEquals("done", job.path("state").asString(), job.toString());
            assertEquals(
                    "[\"T1CE\",\"FLAIR\"]", job.path("result").path("sequences").toString());
        }
    }

    @Test
    void eventsTellTheJobUntilItEnds() throws IOException {
        String id = id(fixture.upload(file("file", ServiceFixture.image(folder, 3, 30))));
        String events = fixture.get("/api/jobs/" + id + "/events").body();
        List<JsonNode> jobs = events.lines()
                .filter(line -> line.startsWith("data: "))
                .map(line -> ServiceFixture.JSON.readTree(line.substring(6)))
                .toList();
        assertFalse(jobs.isEmpty());
        JsonNode last = jobs.get(jobs.size() - 1);
        assertEquals("done", last.path("state").asString());
        assertEquals(4, last.path("result").path("files").size() - 1);
        double progress = 0;
        for (JsonNode job : jobs) {
            assertTrue(job.path("progress").asDouble() >= progress, events);
            progress = job.path("progress").asDouble();
        }
        String again = fixture.get("/api/jobs/" + id + "/events").body();
        assertEquals(1, again.lines().filter(line -> line.startsWith("data: ")).count());
        assertEquals(404, fixture.get("/api/jobs/nothing/events").statusCode());
    }

    @Test
    void jobWhoseStartCannotBeWrittenWaitsAndHoldsUpNoOther() throws IOException {
        byte[] image = ServiceFixture.image(folder, 3, 40);
        String first = id(fixture.upload(file("file", image)));
        String second = id(fixture.upload(file("file", image)));
        String third = id(fixture.upload(file("file", image)));
        Path description = folder.resolve("data/jobs").resolve(second).resolve("job.json");
        Files.delete(description);
        Files.createDirectory(description);
        assertEquals(
                "queued", json(fixture.get("/api/jobs/" + second)).path("state").asString());
        assertEquals("done", fixture.ended(first).path("state").asString());
        assertEquals("done", fixture.ended(third).path("state").asString());
        assertEquals(
                "queued", json(fixture.get("/api/jobs/" + second)).path("state").asString());
        Files.delete(description);
        assertEquals("done", fixture.ended(second).path("state").asString());
    }

    @Test
    void jobWhoseEndCannotBeWrittenIsShownAsEndedAndHoldsUpNoOther() throws IOException {
        byte[] image = ServiceFixture.image(folder, 3, 40);
        String first = id(fixture.upload(file("file", image)));
        String second = id(fixture.upload(file("file", image)));
        fixture.awaitStart(first);
        Path description = folder.resolve("data/jobs").resolve(first).resolve("job.json");
        Files.delete(description);
        Files.createDirectory(description);
        assertEquals(
                "running", json(fixture.get("/api/jobs/" + first)).path("state").asString());
        assertEquals("done", fixture.ended(first).path("state").asString());
        assertEquals("done", fixture.ended(second).path("state").asString());
    }

    @Test
    void worklistIsNewestFirstAndGoesOn() throws IOException {
        byte[] image = ServiceFixture.image(folder, 3, 12);
        List<String> ids = java.util.stream.IntStream.range(0, 3)
                .mapToObj(i -> id(fixture.upload(file("file", image))))
                .toList();
        ids.forEach(fixture::ended);
        JsonNode all = json(fixture.get("/api/jobs"));
        assertEquals(3, all.size());
        assertEquals(ids.get(2), all.get(0).path("id").asString());
        assertEquals("Job 3", all.get(0).path("label").asString());
        JsonNode page = json(fixture.get("/api/jobs?limit=1&after=" + ids.get(2)));
        assertEquals(1, page.size());
        assertEquals(ids.get(1), page.get(0).path("id").asString());
        assertEquals(400, fixture.get("/api/jobs?limit=0").statusCode());
        assertEquals(
                204,
                fixture.send("DELETE", "/api/jobs/" + ids.get(0), "text/plain", new byte[0])
                        .statusCode());
        assertEquals(404, fixture.get("/api/jobs/" + ids.get(0)).statusCode());
        assertFalse(Files.exists(folder.resolve("data/jobs").resolve(ids.get(0))));
        assertEquals(2, json(fixture.get("/api/jobs")).size());
    }

    @Test
    void metricsCountAndTheLogIsStructured() throws IOException {
        String id = id(fixture.upload(file("file", ServiceFixture.image(folder, 3, 12))));
        fixture.ended(id);
        String metrics = fixture.get("/metrics").body();
        for (int i = 0; i < 40 && !metrics.contains("outcome=\"done\""); i++) {
            // The end is counted and written down after it is seen.
            ServiceFixture.pause();
            metrics = fixture.get("/metrics").body();
        }
        fixture.get("/api/jobs/" + id + "/labels.nii.gz");
        assertTrue(
                metrics.matches(
                        "(?s).*preceptor_jobs_ended_total\\{model=\"student@[0-9a-f]{12}\",outcome=\"done\"} 1.0.*"),
                metrics);
        assertTrue(metrics.contains("preceptor_queue_capacity 32"), metrics);
        assertFalse(metrics.contains(id), metrics);
        List<JsonNode> lines = Files.readAllLines(folder.resolve("data/audit.jsonl")).stream()
                .map(ServiceFixture.JSON::readTree)
                .toList();
        List<String> events = lines.stream()
                .filter(line -> line.path("job").asString("").equals(id))
                .map(line -> line.path("event").asString())
                .toList();
        assertEquals(List.of("job-accepted", "job-started", "job-ended", "file-read"), events);
        assertEquals("local", lines.get(1).path("who").asString());
        assertEquals("127.0.0.1", lines.get(1).path("address").asString());
    }

    @Test
    void finishedJobsAreForgottenAfterTheirTime() throws Exception {
        String id = id(fixture.upload(file("file", ServiceFixture.image(folder, 3, 12))));
        fixture.ended(id);
        fixture.close();
        try (ServiceFixture again =
                ServiceFixture.start(ServiceSettings.of(folder.resolve("data")).withRetention(Duration.ZERO), model)) {
            for (int i = 0; i < 100 && again.get("/api/jobs/" + id).statusCode() != 404; i++) {
                ServiceFixture.pause();
            }
            assertEquals(404, again.get("/api/jobs/" + id).statusCode());
            // The service answers 404 before the files are gone.
            Path files = folder.resolve("data/jobs").resolve(id);
            for (int i = 0; i < 100 && Files.exists(files); i++) {
                ServiceFixture.pause();
            }
            assertFalse(Files.exists(files));
        }
    }

    @Test
    void dataFolderThatCannotBeWrittenIsNoFaultOfTheCallerAndHasNoPath() throws IOException {
        Path incoming = folder.resolve("data/incoming");
        Files.delete(incoming);
        Files.createFile(incoming);
        byte[] image = ServiceFixture.image(folder, 3, 12);
        for (HttpResponse<String> answer : List.of(
                fixture.upload(file("file", image)),
                fixture.send("POST", "/dicom-web/studies", MrSeries.stowType(), MrSeries.stow(List.of())))) {
            assertEquals(500, answer.statusCode(), answer.body());
            assertTrue(answer.body().contains("data folder"), answer.body());
            assertFalse(answer.body().contains(folder.toString()), answer.body());
        }
        Files.delete(incoming);
        Files.createDirectory(incoming);
        assertEquals("T1CE", segmented(fixture, file("file", image)));
    }

    @Test
    void secondServiceOnTheSameFolderIsRefused() {
        dev.preceptor.base.PreceptorException refused = org.junit.jupiter.api.Assertions.assertThrows(
                dev.preceptor.base.PreceptorException.class,
                () -> ServiceFixture.start(ServiceSettings.of(folder.resolve("data")), model));
        assertTrue(refused.getMessage().contains("another service"), refused.getMessage());
    }
}
