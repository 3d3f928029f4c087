package dev.preceptor.dicomweb;

/**
 * Bounds on a multipart body, which protect the reader from hostile senders. The reader itself keeps one buffer of 64 KiB
 * and the headers of one part, however large the body is.
 *
 * @param parts largest number of parts, at least 1
 * @param headerBytes largest size of the headers of one part, and of the text before the first part; 16 to 1 MiB
 * @param partBytes largest size of the content of one part, at least 1
 * @param totalBytes largest size of the whole body with boundaries and headers, at least 1
 */
public record MultipartLimits(int parts, int headerBytes, long partBytes, long totalBytes) {
    private static final int LEAST_HEADER_BYTES = 16;
    private static final int MOST_HEADER_BYTES = 1 << 20;

    /** 100,000 parts with 16 KiB of headers, 4 GiB a part and 64 GiB in all: more than any series of images. */
    public static final MultipartLimits SERIES = new MultipartLimits(100_000, 16 << 10, 4L << 30, 64L << 30);

    public MultipartLimits {
        if (parts < 1 || partBytes < 1 || totalBytes < 1) {
            throw new IllegalArgumentException("parts, partBytes and totalBytes are at least 1");
        }
        if (headerBytes < LEAST_HEADER_BYTES || headerBytes > MOST_HEADER_BYTES) {
            throw new IllegalArgumentException("headerBytes is 16 to 1048576, not " + headerBytes);
        }
    }
}
