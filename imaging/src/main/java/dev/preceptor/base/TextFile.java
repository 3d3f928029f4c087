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

/** Reads text files of bounded size in UTF-8. Stateless, thread-safe. */
public final class TextFile {
    private TextFile() {}

    /**
     * The text of a file, without a byte order mark.
     *
     * @param mostBytes the largest size that is read
     * @throws InvalidFileException if it cannot be read, is larger, or is not UTF-8; the last with the line
     */
    public static String read(Path file, int mostBytes) {
        byte[] bytes;
        try (InputStream in = Files.newInputStream(file)) {
            bytes = in.readNBytes(mostBytes);
            if (in.read() >= 0) {
                throw new InvalidFileException(
                        file, "is larger than " + size(mostBytes) + ", the most that is read of such a file");
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
     * Text in UTF-8, without a byte order mark.
     *
     * @throws PreceptorException without the name of a file, if a byte is not UTF-8
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
            throw new PreceptorException("is no text in UTF-8: line " + line + " holds the byte 0x"
                    + Integer.toHexString(bytes[in.position()] & 0xFF) + "; save it as UTF-8");
        }
        decoder.flush(out);
        String text = out.flip().toString();
        return text.startsWith("\uFEFF") ? text.substring(1) : text;
    }
}
