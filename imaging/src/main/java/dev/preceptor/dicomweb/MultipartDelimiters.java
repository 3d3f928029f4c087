package dev.preceptor.dicomweb;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.UUID;

/**
 * The bytes around the contents of a multipart body that is sent. Stateless, thread-safe.
 *
 * <p>Source: RFC 2046, section 5.1.1.
 */
final class MultipartDelimiters {
    private MultipartDelimiters() {}

    /** A random boundary of 36 characters, which occurs in no content. */
    static String newBoundary() {
        return UUID.randomUUID().toString();
    }

    /**
     * The bytes that precede the content of a part. Those before the first part begin with an empty line, which readers skip.
     *
     * @param headers values by name, such as {@code Content-Type: application/dicom}
     * @throws IllegalArgumentException if a header contains a line break
     */
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
}
