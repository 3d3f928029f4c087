package dev.preceptor.base;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads UTF-8 text files of bounded size. Stateless, thread-safe. */
public final class TextFile {
    private TextFile() {}

    /**
     * The text of a file, without a byte order mark.
     *
     * @param maxBytes the largest accepted size in bytes, inclusive
     * @throws InvalidFileException if the file cannot be read, is larger, or is not UTF-8 (with the line)
     */
    public static String read(Path file, int maxBytes) {
        byte[] bytes;
        try (InputStream in = Files.newInputStream(file)) {
            bytes = in.readNBytes(maxBytes);
            if (in.read() >= 0) {
                throw new InvalidFileException(
                        file, "is larger than " + size(maxBytes) + ", the limit for such a file");
            }
        } catch (IOException e) {
            throw new InvalidFileException(file, "cannot be read: " + AtomicFiles.reason(e), e);
        }
        try {
            return decode(bytes);
        } catch (PreceptorException e) {
            throw new InvalidFileException(file, e.getMessage(), e);
        }
    }

    private static String size(int bytes) {
        return bytes >= 1 << 20 ? (bytes >> 20) + " MiB" : (bytes >> 10) + " KiB";
    }

    /**
     * Decodes UTF-8 bytes, without a byte order mark.
     *
     * @throws PreceptorException with the line but without a file name, if a byte is not valid UTF-8
     */
    public static String decode(byte[] bytes) {
        CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
        ByteBuffer in = ByteBuffer.wrap(bytes);
        CharBuffer out = CharBuffer.allocate(bytes.length);
        CoderResult result = decoder.decode(in, out, true);
        if (!result.isUnderflow()) {
            int line = 1;
            for (int i = 0; i < in.position(); i++) {
                line += bytes[i] == '\n' ? 1 : 0;
            }
            throw new PreceptorException("is not UTF-8 text: line " + line + " holds the byte 0x"
                    + Integer.toHexString(bytes[in.position()] & 0xFF) + "; save it as UTF-8");
        }
        decoder.flush(out);
        String text = out.flip().toString();
        return text.startsWith("\uFEFF") ? text.substring(1) : text;
    }
}
