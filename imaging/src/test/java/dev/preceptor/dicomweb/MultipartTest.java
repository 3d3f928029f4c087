package dev.preceptor.dicomweb;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.dicomweb.MultipartException.Fault;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MultipartTest {
    private static final MultipartLimits LIMITS = new MultipartLimits(20, 200, 100_000, 300_000);

    @Test
    void partsComeOutAsTheyWentInWhateverTheyContain() throws IOException {
        for (int seed = 0; seed < 300; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            String boundary = "b".repeat(1 + random.nextInt(200));
            List<byte[]> contents = new ArrayList<>();
            for (int i = random.nextInt(6); i > 0; i--) {
                contents.add(treacherous(boundary, random));
            }
            List<byte[]> read = contents(written(boundary, contents), boundary, 1 + random.nextInt(70_000), LIMITS);
            assertEquals(contents.size(), read.size(), "seed " + seed);
            for (int i = 0; i < read.size(); i++) {
                assertArrayEquals(contents.get(i), read.get(i), "seed " + seed + ", part " + i);
            }
        }
    }

    /** Bytes with many beginnings of the boundary in them, but never a whole line of it. */
    private static byte[] treacherous(String boundary, SplittableRandom random) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int i = random.nextInt(60); i > 0; i--) {
            switch (random.nextInt(5)) {
                case 0 -> out.writeBytes("\r\n".repeat(1 + random.nextInt(3)).getBytes(ISO_8859_1));
                case 1 -> {
                    String line = "\r\n--" + boundary;
                    out.writeBytes(
                            line.substring(0, random.nextInt(line.length())).getBytes(ISO_8859_1));
                    out.write('x');
                }
                case 2 -> out.writeBytes(("\r\n--" + boundary + "x").getBytes(ISO_8859_1));
                case 3 -> {
                    byte[] noise = new byte[random.nextInt(3000)];
                    random.nextBytes(noise);
                    out.writeBytes(noise);
                }
                default -> out.write('\r');
            }
        }
        return out.toByteArray();
    }

    @Test
    void everyCutOfABodyIsRecognised() throws IOException {
        byte[] body = written("cut", List.of("first".getBytes(ISO_8859_1), "second\r\n--cu".getBytes(ISO_8859_1)));
        // The line break after the closing boundary is no part of it.
        for (int length = 0; length < body.length - 2; length++) {
            byte[] cut = Arrays.copyOf(body, length);
            MultipartException e = assertThrows(
                    MultipartException.class, () -> contents(cut, "cut", 7, LIMITS), "cut after " + length + " bytes");
            assertEquals(Fault.TRUNCATED, e.fault(), "cut after " + length + " bytes");
        }
        assertEquals(
                2,
                contents(Arrays.copyOf(body, body.length - 2), "cut", 7, LIMITS).size());
    }

    @Test
    void damagedBodiesAreReadOrRefusedWithinTheLimits() throws IOException {
        byte[] body = written("fuzz", List.of(new byte[3000], "text".getBytes(ISO_8859_1), new byte[0]));
        for (int seed = 0; seed < 5000; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            byte[] damaged = body.clone();
            for (int i = 1 + random.nextInt(20); i > 0; i--) {
                int at = random.nextInt(4) == 0 ? random.nextInt(body.length) : random.nextInt(100);
                damaged[at] = (byte)
                        (random.nextBoolean() ? "\r\n-:;\" \tfuz\0".charAt(random.nextInt(12)) : random.nextInt());
            }
            try {
                long bytes = 0;
                for (byte[] content : contents(damaged, "fuzz", 1 + random.nextInt(5000), LIMITS)) {
                    bytes += content.length;
                }
                assertTrue(bytes <= damaged.length, "seed " + seed);
            } catch (MultipartException e) {
                assertTrue(e.getMessage().matches("[ -~]+"), "seed " + seed + ": " + e.getMessage());
            }
        }
    }

    @Test
    void textAroundThePartsIsIgnoredAndHeadersMayBeFolded() throws IOException {
        String body = String.join(
                "\r\n",
                "preamble",
                "more",
                "--b \t",
                "Content-Type: application/dicom;",
                " transfer-syntax=1.2",
                "",
                "A",
                "--b\nContent-Disposition: form-data; name=\"file\"; filename=\"C:\\scan\\\"1\\\".dcm\"\n\nB",
                "--b--",
                "epilogue",
                "--b",
                "");
        MultipartReader reader = reader(body, "b", LIMITS);
        MultipartReader.Part first = reader.next().orElseThrow();
        assertEquals(
                "application/dicom", first.header("content-type").orElseThrow().value());
        assertEquals(
                Map.of("transfer-syntax", "1.2"),
                first.header("content-type").orElseThrow().parameters());
        MultipartReader.Part second = reader.next().orElseThrow();
        assertEquals("file", second.name().orElseThrow());
        assertEquals("C:\\scan\"1\".dcm", second.fileName().orElseThrow());
        assertEquals("B", new String(second.content().readAllBytes(), ISO_8859_1));
        assertTrue(reader.next().isEmpty());
        assertTrue(reader.next().isEmpty());
    }

    @Test
    void aPartThatIsNotReadIsSkippedAndItsStreamEnds() throws IOException {
        byte[] body = written("b", List.of("first".getBytes(ISO_8859_1), "second".getBytes(ISO_8859_1)));
        MultipartReader reader = new MultipartReader(new ByteArrayInputStream(body), "b", LIMITS);
        InputStream first = reader.next().orElseThrow().content();
        assertEquals('f', first.read());
        InputStream second = reader.next().orElseThrow().content();
        assertEquals(-1, first.read());
        assertEquals("second", new String(second.readAllBytes(), ISO_8859_1));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\'',
            value = {
                "multipart/related; type=\"application/dicom\"; boundary=X1 | X1",
                "multipart/related; boundary=\"X 1;a\"; type=\"application/dicom\" | X 1;a",
                "Multipart/Related;type=\"application/octet-stream; transfer-syntax=1.2\";BOUNDARY=X1 | X1",
                "multipart/related; type=\"application/dicom; boundary=X1 | X1",
                "multipart/related; boundary=\"X1 | X1",
                "multipart/form-data; boundary = X1 ; charset=utf-8 | X1",
            })
    void theBoundaryIsFoundInHeadersWithBrokenQuotes(String header, String boundary) {
        assertEquals(boundary, HeaderValue.parse(header).parameter("boundary").orElseThrow());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "text/plain; boundary=x",
                "multipart/related",
                "multipart/related; boundary=\"\"",
                "multipart/related; boundary=\"a\u00e4\"",
                ""
            })
    void aContentTypeWithoutUsableBoundaryIsMalformed(String header) {
        MultipartException e = assertThrows(
                MultipartException.class, () -> MultipartReader.of(InputStream.nullInputStream(), header, LIMITS));
        assertEquals(Fault.MALFORMED, e.fault());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--b\r\nno colon\r\n\r\nA\r\n--b--",
                "--b\r\nA: 1\r\na: 2\r\n\r\nA\r\n--b--",
                "--b\r\nA: 1\0\r\n\r\nA\r\n--b--",
                "--b\r\n: 1\r\n\r\nA\r\n--b--",
            })
    void brokenHeadersAreMalformed(String body) {
        assertEquals(Fault.MALFORMED, fault(body, LIMITS));
    }

    @Test
    void everyLimitIsEnforced() {
        String part = "--b\r\n\r\n" + "A".repeat(50) + "\r\n";
        assertEquals(Fault.LIMIT, fault(part.repeat(3) + "--b--", new MultipartLimits(2, 16, 100, 1000)));
        assertEquals(Fault.LIMIT, fault(part + "--b--", new MultipartLimits(2, 16, 49, 1000)));
        assertEquals(Fault.LIMIT, fault(part.repeat(2) + "--b--", new MultipartLimits(2, 16, 50, 100)));
        assertEquals(
                Fault.LIMIT,
                fault(
                        "--b\r\nA: " + "1".repeat(1 << 20) + "\r\n\r\n\r\n--b--",
                        new MultipartLimits(2, 200, 50, 2 << 20)));
        assertEquals(Fault.LIMIT, fault("--b\r\nA: 1\r\n" + " more\r\n".repeat(60) + "\r\n\r\n--b--", LIMITS));
        assertEquals(Fault.MALFORMED, fault("x".repeat(400) + "\r\n" + part + "--b--", LIMITS));
    }

    @Test
    void aReaderOfSingleBytesTakesLinearTime() {
        byte[] body = written("b", List.of(new byte[90_000]));
        assertTimeout(Duration.ofSeconds(2), () -> {
            InputStream content = new MultipartReader(new ByteArrayInputStream(body), "b", LIMITS)
                    .next()
                    .orElseThrow()
                    .content();
            int bytes = 0;
            while (content.read() >= 0) {
                bytes++;
            }
            assertEquals(90_000, bytes);
        });
    }

    @Test
    void aHeaderWithALineBreakIsNotWritten() {
        Map<String, String> headers = Map.of("A", "1\r\nB: 2");
        assertThrows(IllegalArgumentException.class, () -> MultipartDelimiters.opening("b", headers));
    }

    private static Fault fault(String body, MultipartLimits limits) {
        return assertThrows(MultipartException.class, () -> contents(body.getBytes(ISO_8859_1), "b", 64, limits))
                .fault();
    }

    private static MultipartReader reader(String body, String boundary, MultipartLimits limits) throws IOException {
        return new MultipartReader(new ByteArrayInputStream(body.getBytes(ISO_8859_1)), boundary, limits);
    }

    private static byte[] written(String boundary, List<byte[]> contents) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] content : contents) {
            out.writeBytes(MultipartDelimiters.opening(boundary, Map.of("Content-Type", "application/dicom")));
            out.writeBytes(content);
        }
        out.writeBytes(MultipartDelimiters.closing(boundary));
        return out.toByteArray();
    }

    /** The contents of all parts, from a stream that hands out a few bytes at a time. */
    private static List<byte[]> contents(byte[] body, String boundary, int chunk, MultipartLimits limits)
            throws IOException {
        InputStream slow = new ByteArrayInputStream(body) {
            @Override
            public synchronized int read(byte[] target, int offset, int length) {
                return super.read(target, offset, Math.min(length, chunk));
            }
        };
        MultipartReader reader = new MultipartReader(slow, boundary, limits);
        List<byte[]> contents = new ArrayList<>();
        for (var part = reader.next(); part.isPresent(); part = reader.next()) {
            contents.add(part.get().content().readAllBytes());
        }
        return contents;
    }
}
