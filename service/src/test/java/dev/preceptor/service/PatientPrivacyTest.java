package dev.preceptor.service;

import static dev.preceptor.service.ServiceFixture.Part.field;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.http.KeptConnections;
import dev.preceptor.testing.JavaProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Sends a series whose headers name a patient, and looks for that name in everything that the service says and writes, but for the images and
 * the segmentation themselves.
 */
@Tag("integration")
class PatientPrivacyTest {
    private static final int JOBS = 3;

    @TempDir
    private Path folder;

    private final Map<String, String> said = new LinkedHashMap<>();

    @Test
    void nameAndBirthDateAreNowhereButInTheImages() throws Exception {
        MrSeries series = MrSeries.of(20, 20, 1);
        Path data = folder.resolve("data");
        Path model = ServiceFixture.model(folder, "student", 1);
        FakePacs pacs = new FakePacs(false, series);
        List<String> ids = new ArrayList<>();
        try (ServiceFixture fixture =
                ServiceFixture.start(ServiceSettings.of(data).withRest(Duration.ofMillis(200)), pacs, model)) {
            ServiceFixture.Part named = new ServiceFixture.Part(
                    MrSeries.PATIENT_ID, Optional.of(MrSeries.NAME + "/" + MrSeries.BIRTH_DATE + ".zip"), series.zip());
            hear("upload", fixture.upload(named));
            byte[] cut = java.util.Arrays.copyOf(series.files().get(0), 900);
            ServiceFixture.Part broken = new ServiceFixture.Part("file", Optional.of(MrSeries.NAME + ".dcm"), cut);
            hear("broken", fixture.upload(broken));
            hear(
                    "gap",
                    fixture.upload(
                            ServiceFixture.Part.file("file", series.files().get(0)),
                            ServiceFixture.Part.file("file", series.files().get(1)),
                            ServiceFixture.Part.file("file", series.files().get(5))));
            hear("sequence", fixture.upload(named, field("sequence", MrSeries.NAME)));
            hear("model", fixture.upload(named, field("model", MrSeries.NAME)));
            hear(
                    "stow",
                    fixture.send("POST", "/dicom-web/studies", MrSeries.stowType(), MrSeries.stow(series.files())));
            hear(
                    "rubbish",
                    fixture.send("POST", "/dicom-web/studies", MrSeries.stowType(), MrSeries.stow(List.of(cut))));
            byte[] wanted = ("{\"study\":\"" + series.study() + "\",\"series\":\"" + series.series() + "\"}")
                    .getBytes(StandardCharsets.UTF_8);
            hear("fetch", fixture.send("POST", "/api/jobs", "application/json", wanted));
            hear("path", fixture.get("/api/jobs/" + MrSeries.PATIENT_ID));
            // The series comes by upload, by fetch and, once it has rested, by STOW.
            for (int i = 0;
                    i < 400 && ServiceFixture.json(fixture.get("/api/jobs")).size() < JOBS;
                    i++) {
                ServiceFixture.pause();
            }
            ServiceFixture.json(fixture.get("/api/jobs"))
                    .forEach(job -> ids.add(job.path("id").asString()));
            for (String id : ids) {
                fixture.ended(id);
                hear("job", fixture.get("/api/jobs/" + id));
                hear("result", fixture.get("/api/jobs/" + id + "/result.json"));
                hear("events", fixture.get("/api/jobs/" + id + "/events"));
            }
            hear("list", fixture.get("/api/jobs"));
            hear("models", fixture.get("/api/models"));
            hear("metrics", fixture.get("/metrics"));
        }
        assertEquals(JOBS, ids.size());
        said.put("audit", Files.readString(data.resolve("audit.jsonl")));
        try (var files = Files.walk(data)) {
            for (Path file : files.toList()) {
                said.merge("names of files", data.relativize(file).toString(), (a, b) -> a + "\n" + b);
                if (file.toString().endsWith(".json")) {
                    said.put(file.toString(), Files.readString(file));
                }
            }
        }
        said.forEach((what, text) -> {
            for (String secret : List.of("TOPSECRET", MrSeries.BIRTH_DATE, MrSeries.PATIENT_ID, "QQACCESSION")) {
                assertFalse(text.contains(secret), what + " has " + secret + ": " + text);
            }
        });
        said.forEach((what, text) -> assertFalse(
                text.contains(series.series()) && !what.endsWith("job.json") && !what.startsWith("names"),
                what + " has a UID: " + text));
        assertTrue(said.get("audit").contains("\"series\":\""));
    }

    @Test
    void wordsOfADescriptionInQuotesAreInNoError() {
        MrSeries series = MrSeries.described("T1 \"TOPSECRET\" of \"QQNAME\" POST GD", 6, 20, 1);
        FakePacs pacs = new FakePacs(
                false,
                new MrSeries(
                        series.study(),
                        series.series(),
                        List.of(
                                series.files().get(0),
                                series.files().get(1),
                                series.files().get(5))));
        try (ServiceFixture fixture = ServiceFixture.start(
                ServiceSettings.of(folder.resolve("data")), pacs, ServiceFixture.model(folder, "student", 1))) {
            hear(
                    "gap",
                    fixture.upload(
                            ServiceFixture.Part.file("file", series.files().get(0)),
                            ServiceFixture.Part.file("file", series.files().get(1)),
                            ServiceFixture.Part.file("file", series.files().get(5))));
            byte[] wanted = ("{\"study\":\"" + series.study() + "\",\"series\":\"" + series.series() + "\"}")
                    .getBytes(StandardCharsets.UTF_8);
            String id = ServiceFixture.id(fixture.send("POST", "/api/jobs", "application/json", wanted));
            said.put("job", fixture.ended(id).path("error").asString());
        }
        assertTrue(said.get("job").contains("series 3"), said.toString());
        said.forEach((what, text) -> {
            for (String secret : List.of("TOPSECRET", "QQNAME", "POST GD")) {
                assertFalse(text.contains(secret), what + " has " + secret + ": " + text);
            }
        });
    }

    private void hear(String what, java.net.http.HttpResponse<String> answer) {
        said.put(what + ": " + said.size(), answer.headers().map() + "\n" + answer.body());
    }

    /** Returns when every job of the service has ended. */
    private static void awaitJobs(java.net.http.HttpClient client, String url)
            throws IOException, InterruptedException {
        java.net.http.HttpRequest list = java.net.http.HttpRequest.newBuilder(java.net.URI.create(url + "/api/jobs"))
                .build();
        for (int i = 0; i < 1200; i++) {
            String jobs = client.send(list, java.net.http.HttpResponse.BodyHandlers.ofString())
                    .body();
            if (jobs.contains("\"state\"") && !jobs.matches("(?s).*\"state\":\"(queued|running)\".*")) {
                return;
            }
            ServiceFixture.pause();
        }
        throw new AssertionError("the jobs do not end");
    }

    @Test
    void processPrintsNothingAboutRequests() throws Exception {
        MrSeries series = MrSeries.of(3, 20, 1);
        Path printed = folder.resolve("printed.txt");
        Process process = JavaProcess.builder(
                        List.of("-Xmx512m", "-Dorg.bytedeco.javacpp.nopointergc=true"),
                        ServedProcess.class,
                        List.of(
                                folder.resolve("data").toString(),
                                ServiceFixture.model(folder, "student", 1).toString()))
                .redirectErrorStream(true)
                .redirectOutput(printed.toFile())
                .start();
        try {
            for (int i = 0; i < 2400 && !Files.readString(printed).contains("serving"); i++) {
                ServiceFixture.pause();
            }
            String url = Files.readString(printed)
                    .lines()
                    .filter(line -> line.startsWith("serving "))
                    .findFirst()
                    .orElseThrow()
                    .substring(8);
            java.net.http.HttpClient client = java.net.http.HttpClient.newHttpClient();
            for (String path :
                    List.of("/api/jobs?name=" + MrSeries.PATIENT_ID, "/" + MrSeries.PATIENT_ID, "/api/jobs")) {
                client.send(
                        java.net.http.HttpRequest.newBuilder(java.net.URI.create(url + path))
                                .header("Content-Type", "multipart/form-data; boundary=a-boundary-of-the-tests")
                                .POST(java.net.http.HttpRequest.BodyPublishers.ofByteArray(ServiceFixture.multipart(
                                        new ServiceFixture.Part("file", Optional.of(MrSeries.NAME), series.zip()))))
                                .build(),
                        java.net.http.HttpResponse.BodyHandlers.ofString());
            }
            awaitJobs(client, url);
            KeptConnections.close(client);
        } finally {
            process.destroy();
            process.waitFor();
        }
        String text = Files.readString(printed);
        assertFalse(text.contains("SECRET"), text);
        assertTrue(text.lines().count() <= 4, text);
    }
}
