package dev.preceptor.fuzz;

import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * A file format read from untrusted sources, and its readers.
 *
 * @param name the name of the format, also that of the folder with its regression corpus below {@code fuzz-corpus} in
 *     the test resources
 * @param file the file name under which each input is written
 * @param seeds valid files
 * @param repaired restores checksums after the damage, if the format has any
 * @param maxBytes the largest number of bytes that reading one input may allocate
 * @param readers the readers; each may return or throw a {@link dev.preceptor.base.PreceptorException}
 */
public record Format(
        String name,
        String file,
        List<byte[]> seeds,
        UnaryOperator<byte[]> repaired,
        long maxBytes,
        List<FuzzedReader> readers) {
    /** Reads a file. */
    @FunctionalInterface
    public interface FuzzedReader {
        /** @param file to be read */
        void read(Path file);
    }

    /** A format without checksums and with a limit of 64 MiB per input. */
    public Format(String name, String file, List<byte[]> seeds, FuzzedReader... readers) {
        this(name, file, seeds, bytes -> bytes, 64 << 20, List.of(readers));
    }

    /** The same format with another repair. */
    public Format withRepair(UnaryOperator<byte[]> repair) {
        return new Format(name, file, seeds, repair, maxBytes, readers);
    }

    /** The same format with another limit of allocated bytes. */
    public Format withMaxBytes(long bytes) {
        return new Format(name, file, seeds, repaired, bytes, readers);
    }

    @Override
    public String toString() {
        return name;
    }
}
