package dev.preceptor.fuzz;

import com.sun.management.ThreadMXBean;
import dev.preceptor.base.PreceptorException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Runs readers on damaged files. Whatever a file contains, its readers must return or throw a {@link
 * PreceptorException} of one line without terms of Java or of a library, within two seconds of processor time and a
 * limit of allocated bytes.
 *
 * <p>The regression corpus is read first, then files generated from a seed. An input at which a reader fails is kept in
 * {@code target/fuzz/found}; one that ends the JVM is the last in {@code target/fuzz/NAME}.
 */
public final class Fuzzing {
    /** The number of inputs of {@code mvn verify} over all formats. */
    public static final int FEW = 8_000;

    /** The number of inputs of the profile {@code fuzz} over all formats. */
    public static final int MANY = 1_000_000;

    /** The number of formats in the tests of all modules. */
    private static final int FORMATS = 14;

    private static final long MAX_NANOS = 2_000_000_000;
    private static final int MAX_FAILURES = 20;
    private static final Pattern FOREIGN = Pattern.compile(
            "\\p{Cntrl}|jackson|snakeyaml|java\\.|javax\\.|Exception\\b|Cannot (de)?serialize|Cannot construct|\\bnull pointer");
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final Format format;
    private final Path file;
    private final Path failuresFolder;
    private final Map<String, String> failures = new TreeMap<>();

    private Fuzzing(Format format) {
        this.format = format;
        Path target = Path.of("target", "fuzz");
        this.file = target.resolve(format.name()).resolve(format.file()).toAbsolutePath();
        this.failuresFolder = target.resolve("found").resolve(format.name()).toAbsolutePath();
    }

    /**
     * Reads the regression corpus and this format's share of the damaged files.
     *
     * @param inAllFormats the number of damaged files over all formats
     * @param seed the seed of the damage
     * @throws AssertionError listing each kind of failure with its seed and the file that reproduces it
     */
    public static void run(Format format, int inAllFormats, long seed) {
        try {
            new Fuzzing(format).run((inAllFormats + FORMATS - 1) / FORMATS, seed);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void run(int count, long seed) throws IOException {
        Files.createDirectories(file.getParent());
        for (byte[] valid : format.seeds()) {
            read(valid, "a valid file", true);
        }
        for (Path input : corpus()) {
            read(Files.readAllBytes(input), "corpus " + input.getFileName(), false);
        }
        for (int i = 0; i < count && failures.size() < MAX_FAILURES; i++) {
            SplittableRandom random = new SplittableRandom(seed + i);
            byte[] damaged = Mutations.damaged(format.seeds(), random);
            read(random.nextInt(4) == 0 ? damaged : format.repaired().apply(damaged), "seed " + (seed + i), false);
        }
        if (!failures.isEmpty()) {
            throw new AssertionError(format.name() + ", inputs kept in " + failuresFolder + ":\n"
                    + String.join("\n", failures.values()));
        }
    }

    private List<Path> corpus() throws IOException {
        URL folder = Fuzzing.class.getResource("/fuzz-corpus/" + format.name());
        if (folder == null) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(Path.of(folder.toURI()))) {
            return files.sorted().toList();
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private void read(byte[] input, String what, boolean mustSucceed) throws IOException {
        Files.write(file, input);
        for (int i = 0; i < format.readers().size(); i++) {
            long bytes = THREADS.getCurrentThreadAllocatedBytes();
            long nanos = THREADS.getCurrentThreadCpuTime();
            String failure = "";
            Throwable cause = null;
            try {
                format.readers().get(i).read(file);
            } catch (PreceptorException e) {
                String message = String.valueOf(e.getMessage());
                if (mustSucceed && i == 0) {
                    failure = "a valid file is refused";
                    cause = e;
                } else if (FOREIGN.matcher(message).find()) {
                    failure = "foreign words at " + place(e);
                    cause = e;
                }
            } catch (Throwable e) {
                failure = e.getClass().getSimpleName() + " at " + place(e);
                cause = e;
            }
            nanos = THREADS.getCurrentThreadCpuTime() - nanos;
            bytes = THREADS.getCurrentThreadAllocatedBytes() - bytes;
            if (failure.isEmpty() && nanos > MAX_NANOS) {
                failure = "slow";
            }
            if (failure.isEmpty() && bytes > format.maxBytes()) {
                failure = "greedy";
            }
            if (!failure.isEmpty()) {
                keep(
                        input,
                        "reader " + i + ": " + failure,
                        what + ", " + nanos / 1_000_000 + " ms, " + (bytes >> 10) + " KiB"
                                + (cause == null ? "" : ": " + cause));
            }
        }
    }

    private void keep(byte[] input, String failure, String circumstances) throws IOException {
        if (failures.containsKey(failure)) {
            return;
        }
        Path kept = failuresFolder.resolve(failure.replaceAll("[^A-Za-z0-9]+", "-"));
        Files.createDirectories(failuresFolder);
        Files.write(kept, input);
        failures.put(failure, failure + " (" + circumstances + ")");
    }

    /** The innermost stack frame in the code of Preceptor. */
    private static String place(Throwable e) {
        return Stream.of(e.getStackTrace())
                .filter(frame -> frame.getClassName().startsWith("dev.preceptor.")
                        && !frame.getClassName().startsWith("dev.preceptor.fuzz."))
                .findFirst()
                .map(frame -> frame.getFileName() + " " + frame.getLineNumber())
                .orElse("?");
    }
}
