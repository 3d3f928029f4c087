package dev.preceptor.dicomweb;

import dev.preceptor.dicomweb.MultipartException.Fault;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Reads the parts of a multipart body one after the other from a stream, with one buffer of 64 KiB. Text before the first
 * boundary and after the closing one is ignored. A body is whole only if its closing boundary arrives: after the last part
 * {@link #next} says so, or throws. Not thread-safe; does not close the stream.
 *
 * <p>Source: RFC 2046, section 5.1.1. Lenient where senders err without ambiguity: a boundary may have up to 200 characters
 * (two UUIDs exceed the 70 of the standard), and lines of headers may end without a carriage return.
 */
public final class MultipartReader {
    private static final int BUFFER_BYTES = 1 << 16;
    private static final int MAX_BOUNDARY = 200;
    private static final int MAX_PADDING = 256;

    private final InputStream in;
    private final MultipartLimits limits;
    private final byte[] delimiter;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private int start;
    private int end;
    private long total;
    private int parts;
    private Position position = Position.PREAMBLE;
    private long remaining;

    private enum Position {
        PREAMBLE,
        CONTENT,
        HEADERS,
        END
    }

    /**
     * @param in the body
     * @param boundary the parameter {@code boundary} of the content type: 1 to 200 visible characters of ASCII, or blanks
     *     that are not at the end
     * @param limits bounds on the body
     * @throws MultipartException with {@link Fault#MALFORMED}, if the boundary is not of this form
     */
    public MultipartReader(InputStream in, String boundary, MultipartLimits limits) throws MultipartException {
        if (!isBoundary(boundary)) {
            throw new MultipartException(
                    Fault.MALFORMED, "the boundary of the multipart body is not 1 to 200 characters");
        }
        this.in = in;
        this.limits = limits;
        delimiter = ("\r\n--" + boundary).getBytes(StandardCharsets.US_ASCII);
        // The first boundary has no line break before it if nothing precedes it; with one it looks like all others.
        buffer[0] = '\r';
        buffer[1] = '\n';
        end = 2;
        remaining = limits.headerBytes() + 2L;
    }

    /**
     * A reader for a body of the given content type.
     *
     * @param contentType the header {@code Content-Type}, such as {@code multipart/related; boundary=X}
     * @throws MultipartException with {@link Fault#MALFORMED}, if it is not multipart or has no usable boundary
     */
    public static MultipartReader of(InputStream in, String contentType, MultipartLimits limits)
            throws MultipartException {
        HeaderValue type = HeaderValue.parse(contentType);
        if (!type.value().startsWith("multipart/")) {
            throw new MultipartException(Fault.MALFORMED, "the content type is not multipart");
        }
        String boundary = type.parameter("boundary")
                .orElseThrow(() -> new MultipartException(Fault.MALFORMED, "the content type has no boundary"));
        return new MultipartReader(in, boundary, limits);
    }

    private static boolean isBoundary(String boundary) {
        return !boundary.isEmpty()
                && boundary.length() <= MAX_BOUNDARY
                && !boundary.endsWith(" ")
                && boundary.chars().allMatch(c -> c >= ' ' && c <= '~');
    }

    /**
     * The next part; empty after the closing boundary. Skips what is left of the part before, whose stream ends thereby.
     *
     * @throws MultipartException if the body is malformed, cut or exceeds a limit
     * @throws IOException if the stream cannot be read
     */
    public Optional<Part> next() throws IOException {
        while (position == Position.PREAMBLE || position == Position.CONTENT) {
            take(contentLength(BUFFER_BYTES));
        }
        if (position == Position.END) {
            return Optional.empty();
        }
        parts++;
        if (parts > limits.parts()) {
            throw new MultipartException(Fault.LIMIT, "the multipart body has more than " + limits.parts() + " parts");
        }
        Map<String, String> headers = headers();
        position = Position.CONTENT;
        remaining = limits.partBytes();
        return Optional.of(new Part(headers, new Content(parts)));
    }

    /**
     * The number of bytes at the start of the buffer that belong to the content, but not many more than asked for; 0 if a
     * boundary was passed instead.
     */
    private int contentLength(int wanted) throws IOException {
        if (start == end && !fill()) {
            throw cut();
        }
        boolean isReturn = buffer[start] == '\r';
        if (isReturn && passBoundary()) {
            return 0;
        }
        int next = isReturn ? start + 1 : start;
        int last = Math.min(end, Math.max(next, start + wanted));
        while (next < last && buffer[next] != '\r') {
            next++;
        }
        return next - start;
    }

    /** Passes the line of a boundary that begins at the start of the buffer, if there is one. */
    private boolean passBoundary() throws IOException {
        for (int i = 1; i < delimiter.length; i++) {
            if (!holds(i + 1) || buffer[start + i] != delimiter[i]) {
                return false;
            }
        }
        int at = delimiter.length;
        if (!holds(at + 2)) {
            throw cut();
        }
        if (buffer[start + at] == '-' && buffer[start + at + 1] == '-') {
            start += at + 2;
            position = Position.END;
            return true;
        }
        while (isBlank(buffer[start + at]) && at < delimiter.length + MAX_PADDING) {
            at++;
            if (!holds(at + 1)) {
                throw cut();
            }
        }
        if (buffer[start + at] == '\r' && holds(at + 2)) {
            at++;
        }
        if (buffer[start + at] != '\n') {
            // A longer line that begins like the boundary is content.
            return false;
        }
        start += at + 1;
        position = Position.HEADERS;
        return true;
    }

    private static boolean isBlank(byte character) {
        return character == ' ' || character == '\t';
    }

    private static MultipartException cut() {
        return new MultipartException(Fault.TRUNCATED, "the multipart body ends before its closing boundary");
    }

    /** Counts bytes of content as read. */
    private void take(int bytes) throws MultipartException {
        remaining -= bytes;
        if (remaining < 0) {
            throw position == Position.PREAMBLE
                    ? new MultipartException(Fault.MALFORMED, "the multipart body does not begin with its boundary")
                    : new MultipartException(
                            Fault.LIMIT, "a part of the multipart body has more than " + limits.partBytes() + " bytes");
        }
        start += bytes;
    }

    private Map<String, String> headers() throws IOException {
        Map<String, String> headers = new LinkedHashMap<>();
        remaining = limits.headerBytes();
        String name = null;
        for (String line = line(); !line.isEmpty(); line = line()) {
            if (name != null && (line.charAt(0) == ' ' || line.charAt(0) == '\t')) {
                headers.merge(name, line.strip(), (first, more) -> first + " " + more);
                continue;
            }
            int colon = line.indexOf(':');
            if (colon < 1 || line.chars().anyMatch(c -> c < ' ' && c != '\t')) {
                throw new MultipartException(Fault.MALFORMED, "a header of the multipart body is not \"name: value\"");
            }
            name = line.substring(0, colon).strip().toLowerCase(Locale.ROOT);
            if (headers.putIfAbsent(name, line.substring(colon + 1).strip()) != null) {
                throw new MultipartException(Fault.MALFORMED, "a part of the multipart body has a header twice");
            }
        }
        return headers;
    }

    /** A line of the headers without its end. */
    private String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        while (true) {
            if (start == end && !fill()) {
                throw cut();
            }
            byte next = buffer[start++];
            if (--remaining < 0) {
                throw new MultipartException(
                        Fault.LIMIT,
                        "a part of the multipart body has more than " + limits.headerBytes() + " bytes of headers");
            }
            if (next == '\n') {
                String text = line.toString(StandardCharsets.UTF_8);
                return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
            }
            line.write(next);
        }
    }

    /** Whether the buffer holds at least so many bytes, after reading what is missing. */
    private boolean holds(int bytes) throws IOException {
        while (end - start < bytes) {
            if (!fill()) {
                return false;
            }
        }
        return true;
    }

    private boolean fill() throws IOException {
        if (start > 0) {
            System.arraycopy(buffer, start, buffer, 0, end - start);
            end -= start;
            start = 0;
        }
        int read = in.read(buffer, end, buffer.length - end);
        if (read < 0) {
            return false;
        }
        total += read;
        if (total > limits.totalBytes()) {
            throw new MultipartException(
                    Fault.LIMIT, "the multipart body has more than " + limits.totalBytes() + " bytes");
        }
        end += read;
        return true;
    }

    /**
     * One part of a body. Everything in it comes from the sender; a file name in particular must not become a path.
     *
     * @param headers values by name in lower case
     * @param content the bytes of the part; a stream that ends with the part, or with the call of {@link #next}, and that
     *     throws a {@link MultipartException} if the body ends or exceeds a limit within the part
     */
    public record Part(Map<String, String> headers, InputStream content) {
        public Part {
            headers = Collections.unmodifiableMap(new LinkedHashMap<>(headers));
        }

        /** A header by its name in lower case, with its parameters. */
        public Optional<HeaderValue> header(String name) {
            return Optional.ofNullable(headers.get(name)).map(HeaderValue::parse);
        }

        /** The name of the field, of a part of {@code multipart/form-data}. */
        public Optional<String> name() {
            return header("content-disposition").flatMap(value -> value.parameter("name"));
        }

        /** The name of the file as the sender gives it, of a part of {@code multipart/form-data}. */
        public Optional<String> fileName() {
            return header("content-disposition").flatMap(value -> value.parameter("filename"));
        }
    }

    private final class Content extends InputStream {
        private final int part;

        Content(int part) {
            this.part = part;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            Objects.checkFromIndexSize(offset, length, target.length);
            if (length == 0) {
                return 0;
            }
            if (part != parts || position != Position.CONTENT) {
                return -1;
            }
            int available = contentLength(length);
            if (available == 0) {
                return -1;
            }
            int bytes = Math.min(available, length);
            System.arraycopy(buffer, start, target, offset, bytes);
            take(bytes);
            return bytes;
        }
    }
}
