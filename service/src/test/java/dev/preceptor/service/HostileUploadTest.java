package dev.preceptor.service;

import static dev.preceptor.service.ServiceFixture.Part.field;
import static dev.preceptor.service.ServiceFixture.Part.file;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.http.RawHttp;
import dev.preceptor.http.Tokens;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("integration")
class HostileUploadTest {
    private static final int MIB = 1 << 20;

    @TempDir
    private Path folder;

    private ServiceFixture fixture;

    @BeforeEach
    void start() {
        UploadLimits limits = new UploadLimits(4 * MIB, 20, 300L * MIB, 100, 1 << 20);
        fixture = ServiceFixture.start(
                ServiceSettings.of(folder.resolve("data")).withUploads(limits),
                ServiceFixture.model(folder, "student", 1));
    }

    @AfterEach
    void nothingIsLeft() throws IOException {
        try {
            for (String name : List.of("incoming", "jobs", "series")) {
                try (Stream<Path> left = Files.list(folder.resolve("data").resolve(name))) {
                    assertEquals(List.of(), left.toList(), name);
                }
            }
            assertEquals(200, fixture.get("/ready").statusCode());
        } finally {
            fixture.close();
        }
    }

    /** A file that begins as a DICOM file does. */
    private static byte[] dicom(int size) {
        byte[] bytes = new byte[size];
        System.arraycopy("DICM".getBytes(StandardCharsets.US_ASCII), 0, bytes, 128, 4);
        return bytes;
    }

    private static byte[] zip(String name, byte[]... contents) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            for (int i = 0; i < contents.length; i++) {
                zip.putNextEntry(new ZipEntry(contents.length == 1 ? name : i + name));
                zip.write(contents[i]);
            }
        }
        return bytes.toByteArray();
    }

    private void assertRefused(int status, String part, HttpResponse<String> answer) {
        assertEquals(status, answer.statusCode(), answer.body());
        assertTrue(answer.body().contains(part), answer.body());
        assertEquals(1, answer.body().lines().count());
        assertFalse(answer.body().contains(folder.toString()), "no path of the server: " + answer.body());
    }

    @Test
    void zipBombIsRefused() throws IOException {
        byte[] bomb = zip("a.dcm", dicom(65 * MIB));
        assertTrue(bomb.length < MIB);
        assertRefused(400, "unpacks to more than", fixture.upload(file("file", bomb)));
        byte[] parts = zip("a.dcm", dicom(22 * MIB), dicom(22 * MIB), dicom(22 * MIB));
        assertRefused(400, "unpacks to more than", fixture.upload(file("file", parts)));
        byte[][] many = new byte[21][];
        java.util.Arrays.fill(many, dicom(200));
        assertRefused(400, "more than 20 entries", fixture.upload(file("file", zip("a.dcm", many))));
    }

    @Test
    void zipSlipIsRefused() throws IOException {
        for (String name : List.of("../evil.dcm", "/evil.dcm", "a/../../evil.dcm", "..\\evil.dcm", "C:\\evil.dcm")) {
            assertRefused(400, "leads out of its folder", fixture.upload(file("file", zip(name, dicom(200)))));
        }
        assertFalse(Files.exists(folder.resolve("evil.dcm")));
        assertFalse(Files.exists(folder.resolve("data/evil.dcm")));
    }

    @Test
    void archiveInAnArchiveIsRefused() throws IOException {
        byte[] inner = zip("a.dcm", dicom(200));
        assertRefused(400, "an archive itself", fixture.upload(file("file", zip("inner.dcm", inner))));
    }

    @Test
    void xmlIsRefused() throws IOException {
        byte[] xml = ("<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]><a>&b;</a>")
                .getBytes(StandardCharsets.UTF_8);
        assertRefused(400, "is XML", fixture.upload(file("file", xml)));
        assertRefused(400, "no DICOM file", fixture.upload(file("file", zip("a.dcm", xml))));
        assertRefused(415, "multipart/form-data", fixture.send("POST", "/api/jobs", "application/xml", xml));
    }

    @Test
    void filesOfNoKindAreRefused() throws IOException {
        assertRefused(400, "file 1 is neither", fixture.upload(file("file", new byte[1000])));
        assertRefused(400, "file 1 is neither", fixture.upload(file("file", new byte[0])));
        assertRefused(400, "no DICOM file", fixture.upload(file("file", zip("a", new byte[0]))));
        byte[] broken = zip("a.dcm", dicom(5000));
        broken[60] ^= 0x55;
        assertRefused(400, "archive", fixture.upload(file("file", broken)));
        byte[] cut = java.util.Arrays.copyOf(zip("a.dcm", dicom(5000)), 60);
        assertRefused(400, "archive", fixture.upload(file("file", cut)));
        assertRefused(400, "several kinds", fixture.upload(file("a", zip("a", dicom(200))), file("b", dicom(200))));
    }

    @Test
    void imageBeyondTheLimitIsRefusedByItsHeader() throws IOException {
        byte[] header = new byte[352];
        java.nio.ByteBuffer nifti = java.nio.ByteBuffer.wrap(header).order(java.nio.ByteOrder.LITTLE_ENDIAN);
        nifti.putInt(0, 348);
        short[] dim = {3, 1200, 1200, 1000, 1, 1, 1, 1};
        for (int i = 0; i < dim.length; i++) {
            nifti.putShort(40 + 2 * i, dim[i]);
            nifti.putFloat(76 + 4 * i, 1);
        }
        nifti.putShort(70, (short) 16).putShort(72, (short) 32).putFloat(108, 352);
        nifti.putShort(254, (short) 1).putFloat(280, 1).putFloat(300, 1).putFloat(320, 1);
        System.arraycopy("n+1\0".getBytes(StandardCharsets.US_ASCII), 0, header, 344, 4);
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (java.util.zip.GZIPOutputStream gzip = new java.util.zip.GZIPOutputStream(packed)) {
            gzip.write(header);
        }
        assertRefused(400, "voxels", fixture.upload(file("file", packed.toByteArray())));
    }

    @Test
    void limitsOfTheRequestHold() throws IOException {
        assertRefused(413, "", fixture.upload(file("file", new byte[5 * MIB])));
        ServiceFixture.Part[] many = new ServiceFixture.Part[40];
        java.util.Arrays.fill(many, file("file", dicom(200)));
        assertRefused(413, "parts", fixture.upload(many));
        assertRefused(413, "field model", fixture.upload(field("model", "a".repeat(1000))));
        String longHeader = "--b\r\nContent-Disposition: form-data; name=\"a\"\r\nX: " + "a".repeat(9000)
                + "\r\n\r\n1\r\n--b--\r\n";
        assertRefused(
                413,
                "headers",
                fixture.send(
                        "POST",
                        "/api/jobs",
                        "multipart/form-data; boundary=b",
                        longHeader.getBytes(StandardCharsets.UTF_8)));
        assertRefused(400, "boundary", fixture.send("POST", "/api/jobs", "multipart/form-data", new byte[10]));
        assertRefused(
                400,
                "",
                fixture.send(
                        "POST",
                        "/api/jobs",
                        "multipart/form-data; boundary=b",
                        "--b\r\n".getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void bodyThatBreaksOffLeavesNothing() throws IOException {
        String head = "POST /api/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=b\r\n"
                + "Content-Length: 100000\r\n\r\n--b\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\n";
        try (java.net.Socket socket = new java.net.Socket("127.0.0.1", fixture.service.port())) {
            socket.getOutputStream().write((head + "abc").getBytes(StandardCharsets.UTF_8));
        }
        for (int i = 0; i < 100 && !isEmpty(folder.resolve("data/incoming")); i++) {
            ServiceFixture.pause();
        }
        assertTrue(isEmpty(folder.resolve("data/incoming")));
    }

    private static boolean isEmpty(Path directory) throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.findAny().isEmpty();
        }
    }

    @Test
    void pathsOfJobsLeadNowhereElse() throws IOException {
        for (String path : List.of(
                "/api/jobs/..%2f..%2fetc/image.nii.gz",
                "/api/jobs/../../etc/passwd",
                "/api/jobs/%2e%2e/%2e%2e/lock",
                "/api/jobs/a/..%5c..%5clock",
                "/api/jobs/.%2e/lock",
                "/api/jobs//lock",
                "/data/lock",
                "/audit.jsonl")) {
            String answer = RawHttp.send(
                    fixture.service.port(),
                    "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
            assertTrue(answer.matches("(?s)HTTP/1.1 40[04] .*"), path + ": " + answer);
        }
    }

    @Test
    void withoutTheTokenNothingIsToldAndNothingTaken() throws IOException {
        String token = "0123456789abcdef";
        try (ServiceFixture guarded = ServiceFixture.start(
                ServiceSettings.of(folder.resolve("guarded")),
                new Tokens(Map.of("ward", token)),
                folder.resolve("student.safetensors"))) {
            List<Integer> codes = new ArrayList<>();
            for (String path : List.of("/api/jobs", "/api/models", "/metrics", "/api/jobs/x", "/api/jobs/x/events")) {
                codes.add(guarded.get(path).statusCode());
            }
            codes.add(guarded.upload(file("file", dicom(200))).statusCode());
            codes.add(guarded.send("DELETE", "/api/jobs/x", "text/plain", new byte[0])
                    .statusCode());
            assertEquals(java.util.Collections.nCopies(7, 401), codes);
            assertTrue(guarded.get("/api/session").body().contains("\"needsToken\":true"));
            byte[] wrong = "{\"token\":\"guess\"}".getBytes(StandardCharsets.UTF_8);
            assertEquals(
                    401,
                    guarded.send("POST", "/api/login", "application/json", wrong)
                            .statusCode());
            byte[] right = ("{\"token\":\"" + token + "\"}").getBytes(StandardCharsets.UTF_8);
            HttpResponse<String> in = guarded.send("POST", "/api/login", "application/json", right);
            assertEquals(204, in.statusCode());
            String cookie = in.headers().firstValue("Set-Cookie").orElseThrow().split(";")[0];
            assertTrue(guarded.get("/api/session", "Cookie", cookie).body().contains("\"needsToken\":false"));
            assertEquals(200, guarded.get("/api/jobs", "Cookie", cookie).statusCode());
            String log = Files.readString(folder.resolve("guarded/audit.jsonl"));
            assertTrue(log.contains("\"event\":\"login\",\"outcome\":\"refused\""), log);
            assertFalse(log.contains("guess") || log.contains(token), log);
        }
    }
}
