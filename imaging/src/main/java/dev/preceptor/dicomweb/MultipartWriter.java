package dev.preceptor.dicomweb;

import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.UUID;

/**
 * Writes a multipart body part by part to a stream. Not thread-safe.
 *
 * <p>Source: RFC 2046, section 5.1.1.
 */
public final class MultipartWriter implements Closeable {
    private final OutputStream out;
    private final String boundary;
    private boolean closed;

    /**
     * @param out receives the body; it stays open
     * @param boundary a line that does not occur in any part; {@link #newBoundary} makes one
     * @throws IllegalArgumentException if the boundary is not 1 to 200 visible characters of ASCII
     */
    public MultipartWriter(OutputStream out, String boundary) {
        if (!MultipartReader.isBoundary(boundary)) {
            throw new IllegalArgumentException("a boundary is 1 to 200 visible characters");
        }
        this.out = out;
        this.boundary = boundary;
    }

    /** A random boundary of 36 characters, which occurs in no content. */
    public static String newBoundary() {
        return UUID.randomUUID().toString();
    }

    /**
     * Begins a part.
     *
     * @param headers values by name, such as {@code Content-Type: application/dicom}
     * @return the stream for the content; it must not be written to after the next call of this writer, and need not be
     *     closed
     * @throws IllegalArgumentException if a header contains a line break
     */
    public OutputStream part(Map<String, String> headers) throws IOException {
        out.write(opening(boundary, headers));
        return new NonClosing(out);
    }

    /** Writes the closing boundary; the stream stays open. */
    @Override
    public void close() throws IOException {
        if (!closed) {
            closed = true;
            out.write(closing(boundary));
            out.flush();
        }
    }

    /** The bytes that precede the content of a part. Those before the first part begin with an empty line, which readers skip. */
    static byte[] opening(String boundary, Map<String, String> headers) {
        StringBuilder text = new StringBuilder("\r\n--").append(boundary).append("\r\n");
        headers.forEach((name, value) -> {
            if ((name + value).chars().anyMatch(c -> c < ' ' && c != '\t')) {
                throw new IllegalArgumentException("the header " + name + " contains a line break");
            }
            text.append(name).append(": ").append(value).append("\r\n");
        });
        return text.append("\r\n").toString().getBytes(StandardCharsets.UTF_8);
    }

    /** The bytes that follow the content of the last part. */
    static byte[] closing(String boundary) {
        return ("\r\n--" + boundary + "--\r\n").getBytes(StandardCharsets.US_ASCII);
    }

    private static final class NonClosing extends OutputStream {
        private final OutputStream out;

        NonClosing(OutputStream out) {
            this.out = out;
        }

        @Override
        public void write(int value) throws IOException {
            out.write(value);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            out.write(bytes, offset, length);
        }

        @Override
        public void flush() throws IOException {
            out.flush();
        }
    }
}
