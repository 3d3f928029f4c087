package dev.preceptor.run;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.ErrorLine;
import dev.preceptor.base.JsonFiles;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.base.Reason;
import dev.preceptor.base.Settings;
import dev.preceptor.tensor.ArrayData;
import dev.preceptor.tensor.Safetensors;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * The folder {@code checkpoints/} of a run. Each checkpoint is a folder named by the steps done, made aside, forced to the
 * disk, summed and renamed, so that one that has its name is whole unless the disk lies; then its sums tell.
 *
 * @param folder the folder of the checkpoints
 */
public record Checkpoints(Path folder) {
    private static final String WEIGHTS = "weights.safetensors";
    private static final String OPTIMIZER = "optimizer.safetensors";
    private static final String STATE = "state.json";
    private static final String SUMS = "SHA256SUMS";
    private static final int KEPT = 2;

    /** What a checkpoint holds. */
    public record Checkpoint(RunState state, Map<String, ArrayData> weights, Map<String, ArrayData> optimizer) {
        /** What its arrays take on a disk. */
        long bytes() {
            return Stream.of(weights, optimizer)
                    .flatMap(arrays -> arrays.values().stream())
                    .mapToLong(array -> array.bytes().remaining())
                    .sum();
        }
    }

    /**
     * Writes a checkpoint and removes all but the newest two.
     *
     * @throws PreceptorException if that is not possible; the checkpoints that were there are as they were, and nothing of
     *     this one is left to take their room
     */
    public Path write(Checkpoint checkpoint) {
        long updates = checkpoint.state().updates();
        Path target = of(updates);
        Path aside = folder.resolve("." + name(updates) + ".part");
        try {
            fill(aside, checkpoint);
            replace(target, aside);
        } catch (IOException e) {
            remove(aside);
            throw refusal(target, e);
        } catch (PreceptorException e) {
            remove(aside);
            throw e.getCause() instanceof IOException cause ? refusal(target, cause) : e;
        }
        prune(updates);
        return target;
    }

    private static PreceptorException refusal(Path target, IOException cause) {
        return new PreceptorException(
                target + ": the checkpoint cannot be written: " + AtomicFiles.reason(cause), cause);
    }

    /** Where the checkpoint of a step stands, or would. */
    public Path of(long updates) {
        return folder.resolve(name(updates));
    }

    private static String name(long updates) {
        return String.format(Locale.ROOT, "%06d", updates);
    }

    private static void fill(Path aside, Checkpoint checkpoint) throws IOException {
        AtomicFiles.deleteFolder(aside);
        AtomicFiles.createFolder(aside);
        new Safetensors(Map.of(), checkpoint.weights()).write(aside.resolve(WEIGHTS));
        new Safetensors(Map.of(), checkpoint.optimizer()).write(aside.resolve(OPTIMIZER));
        AtomicFiles.writeString(aside.resolve(STATE), Settings.JSON.writeValueAsString(checkpoint.state()));
        AtomicFiles.writeString(aside.resolve(SUMS), sums(aside));
    }

    /** The one that has the name, if there is one, goes only when the other is ready to take it. */
    private void replace(Path target, Path aside) throws IOException {
        Path old = folder.resolve("." + target.getFileName() + ".old.part");
        AtomicFiles.deleteFolder(old);
        if (Files.exists(target)) {
            Files.move(target, old, StandardCopyOption.ATOMIC_MOVE);
        }
        Files.move(aside, target, StandardCopyOption.ATOMIC_MOVE);
        AtomicFiles.syncFolder(folder);
        remove(old);
    }

    /** What is not removed now is removed when the run is resumed, and its name is no checkpoint's. */
    private static void remove(Path part) {
        try {
            AtomicFiles.deleteFolder(part);
        } catch (PreceptorException e) {
            return;
        }
    }

    /** Removes what a killed process left half written. */
    void clean() {
        entries()
                .filter(entry -> entry.getFileName().toString().endsWith(".part"))
                .forEach(Checkpoints::remove);
    }

    /** A checkpoint that claims to be newer than the one just written was damaged when the run was resumed. */
    private void prune(long updates) {
        List<Path> all = newestFirst();
        List<Path> valid = all.stream().filter(p -> updates(p) <= updates).toList();
        List<Path> kept = valid.subList(0, Math.min(KEPT, valid.size()));
        // The checkpoint just written is safe; an old one that cannot go now is tried again after the next.
        all.stream().filter(p -> !kept.contains(p)).forEach(Checkpoints::remove);
    }

    private static long updates(Path checkpoint) {
        return Long.parseLong(checkpoint.getFileName().toString());
    }

    /**
     * The newest whole checkpoint; each that is damaged is skipped with a notice.
     *
     * @throws PreceptorException if there are checkpoints and none is whole
     */
    public Optional<Checkpoint> newest(Consumer<String> notices) {
        for (Path candidate : newestFirst()) {
            try {
                verify(candidate);
                RunState state = Settings.bind(JsonFiles.read(candidate.resolve(STATE)), RunState.class, "");
                return Optional.of(new Checkpoint(
                        state, copies(candidate.resolve(WEIGHTS)), copies(candidate.resolve(OPTIMIZER))));
            } catch (IOException e) {
                skip(candidate, AtomicFiles.reason(e), notices);
            } catch (PreceptorException e) {
                skip(candidate, ErrorLine.first(e.getMessage()), notices);
            }
        }
        if (!newestFirst().isEmpty()) {
            throw new PreceptorException(
                    folder + ": no checkpoint is whole; nothing was changed, begin anew in another folder");
        }
        return Optional.empty();
    }

    private static void skip(Path damaged, String why, Consumer<String> notices) {
        notices.accept("checkpoint " + damaged + " is damaged and skipped: " + why);
    }

    /** Not mapped: some file systems do not let go of a file that is, and old checkpoints are to be removed. */
    private static Map<String, ArrayData> copies(Path file) {
        Map<String, ArrayData> copies = new LinkedHashMap<>();
        Safetensors.read(file).arrays().forEach((name, array) -> {
            ByteBuffer copy = ByteBuffer.allocate(array.bytes().remaining());
            copies.put(
                    name,
                    new ArrayData(
                            array.type(), array.shape(), copy.put(array.bytes()).flip()));
        });
        return copies;
    }

    /** Refuses a checkpoint in which a byte is not as it was written. */
    private static void verify(Path checkpoint) throws IOException {
        for (String file : List.of(SUMS, OPTIMIZER, STATE, WEIGHTS)) {
            if (!Files.exists(checkpoint.resolve(file))) {
                throw new IOException(file + " is missing");
            }
        }
        String written = Files.readString(checkpoint.resolve(SUMS));
        String found = sums(checkpoint);
        if (!written.equals(found)) {
            throw new IOException(found.lines()
                    .filter(line -> !written.contains(line))
                    .map(line -> "the sum of " + line.split("  ", 2)[1] + " is wrong")
                    .findFirst()
                    .orElse(SUMS + " is no list of three sums"));
        }
    }

    /** The lines that {@code sha256sum} would write. */
    private static String sums(Path checkpoint) throws IOException {
        StringBuilder sums = new StringBuilder();
        for (String file : List.of(OPTIMIZER, STATE, WEIGHTS)) {
            sums.append(sum(checkpoint.resolve(file))).append("  ").append(file).append('\n');
        }
        return sums.toString();
    }

    private List<Path> newestFirst() {
        return entries()
                .filter(p -> p.getFileName().toString().matches("\\d{6,18}"))
                .sorted(Comparator.comparingLong(Checkpoints::updates).reversed())
                .toList();
    }

    private Stream<Path> entries() {
        if (!Files.isDirectory(folder)) {
            return Stream.empty();
        }
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.toList().stream();
        } catch (IOException | UncheckedIOException e) {
            throw new PreceptorException(folder + ": cannot be listed: " + Reason.of(e), e);
        }
    }

    private static String sum(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file);
                DigestInputStream digest = new DigestInputStream(in, MessageDigest.getInstance("SHA-256"))) {
            byte[] buffer = new byte[1 << 16];
            while (digest.read(buffer) >= 0) {
                continue;
            }
            return HexFormat.of().formatHex(digest.getMessageDigest().digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
