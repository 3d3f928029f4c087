package dev.preceptor.base;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterInputStream;

/**
 * Bytes that are kept compressed in memory: label maps and masks take a few kilobytes instead of megabytes. Immutable; for any number
 * of threads.
 */
public final class Deflated {
    private final byte[] compressed;

    private Deflated(byte[] compressed) {
        this.compressed = compressed;
    }

    /** Compresses bytes, fast rather than well. */
    public static Deflated of(byte[] bytes) {
        ByteArrayOutputStream compressed = new ByteArrayOutputStream();
        Deflater deflater = new Deflater(Deflater.BEST_SPEED);
        try (DeflaterOutputStream out = new DeflaterOutputStream(compressed, deflater)) {
            out.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            deflater.end();
        }
        return new Deflated(compressed.toByteArray());
    }

    /** The bytes, in a new array. */
    public byte[] inflate() {
        try (InflaterInputStream in = new InflaterInputStream(new ByteArrayInputStream(compressed))) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
