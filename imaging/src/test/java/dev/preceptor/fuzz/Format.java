package dev.preceptor.fuzz;

import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * A kind of file that strangers hand over, and its readers.
 *
 * @param name also of the folder of its regression corpus, below {@code fuzz-corpus} in the test resources
 * @param file the name under which each input is written
 * @param seeds valid files
 * @param repaired makes checksums right again after the damage, where a format has them
 * @param mostBytes that reading one input may allocate
 * @param readers of the file; each may return or throw a {@link dev.preceptor.base.PreceptorException}
 */
public record Format(
        String name,
        String file,
        List<byte[]> seeds,
        UnaryOperator<byte[]> repaired,
        long mostBytes,
        List<Reader> readers) {
    /** Reads a file in one way. */
    @FunctionalInterface
    public interface Reader {
        /** @param file to be read */
        void read(Path file);
    }

    /** A format without checksums, with 64 MiB for an input. */
    public Format(String name, String file, List<byte[]> seeds, Reader... readers) {
        this(name, file, seeds, bytes -> bytes, 64 << 20, List.of(readers));
    }

    /** The same with another repair. */
    public Format withRepair(UnaryOperator<byte[]> repair) {
        return new Format(name, file, seeds, repair, mostBytes, readers);
    }

    /** The same with another bound. */
    public Format withMostBytes(long bytes) {
        return new Format(name, file, seeds, repaired, bytes, readers);
    }

    @Override
    public String toString() {
        return name;
    }
}
