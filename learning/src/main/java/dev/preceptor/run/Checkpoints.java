package dev.preceptor.run;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.ErrorLine;
import dev.preceptor.base.JsonFiles;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.base.Reason;
import dev.preceptor.base.Settings;
import dev.preceptor.base.Sha256;
import dev.preceptor.distill.Method;
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
 * The folder {@code checkpoints/} of a run. Each checkpoint is a folder named by the number of finished steps. It is written under
 * a temporary name, synced to the disk with its SHA-256 sums, and renamed; a checkpoint that is damaged later fails its sums.
 *
 * @param folder the folder of the checkpoints
 */
public record Checkpoints(Path folder) {
    private static final String WEIGHTS = "weights.safetensors";
    private static final String OPTIMIZER = "optimizer.safetensors";
    private static final String STATE = "state.json";
    private static final String SUMS = "SHA256SUMS";
    private static final int RETAINED = 2;

    /**
     * The content of a checkpoint.
     *
     * @param state the state of the run
     * @param weights all weights as {@code role/weight}, and the selected weights of the leading role as {@code best/weight}
     * @param optimizer the arrays of the optimizers and of the moving average
     */
    public record Checkpoint(RunState state, Map<String, ArrayData> weights, Map<String, ArrayData> optimizer) {
        /**
         * A checkpoint with copies of all weights of a method.
         *
         * @param bestWeights the selected weights of the leading role so far; may be empty
         */
        public static Checkpoint of(
                RunState state,
                Method method,
                Map<String, ArrayData> bestWeights,
                Map<String, ArrayData> optimizerState) {
            Map<String, ArrayData> weights = new LinkedHashMap<>();
            Weights.parts(method).forEach((name, part) -> weights.putAll(Weights.of(name + "/", part)));
            bestWeights.forEach((name, array) -> weights.put("best/" + name, array));
            return new Checkpoint(state, weights, optimizerState);
        }

        /** The size of the arrays on a disk. */
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
     * @return the folder of the checkpoint
     * @throws PreceptorException if it cannot be written; then the earlier checkpoints are unchanged and no part of this one is left
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

    /** The folder of the checkpoint after this number of steps, which need not exist. */
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

    /** An existing checkpoint of the same step is removed only when the new one is complete. */
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

    /** A part that cannot be removed now is never read as a checkpoint, and is removed when the run is resumed. */
    private static void remove(Path part) {
        try {
            AtomicFiles.deleteFolder(part);
        } catch (PreceptorException e) {
            return;
        }
    }

    /** Removes the incomplete checkpoints of a killed process. */
    void clean() {
        entries()
                .filter(entry -> entry.getFileName().toString().endsWith(".part"))
                .forEach(Checkpoints::remove);
    }

    /** Keeps the newest two; a checkpoint of a later step than the one just written is damaged, for the run resumed before it. */
    private void prune(long updates) {
        List<Path> all = newestFirst();
        List<Path> valid = all.stream().filter(p -> updates(p) <= updates).toList();
        List<Path> retained = valid.subList(0, Math.min(RETAINED, valid.size()));
        // The checkpoint just written is safe; an old one that cannot be removed now is removed after the next.
        all.stream().filter(p -> !retained.contains(p)).forEach(Checkpoints::remove);
    }

    private static long updates(Path checkpoint) {
        return Long.parseLong(checkpoint.getFileName().toString());
    }

    /**
     * Reads the newest intact checkpoint.
     *
     * @param notices receives a line for each damaged checkpoint, which is skipped
     * @return empty if there is no checkpoint
     * @throws PreceptorException if all checkpoints are damaged
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
                    folder + ": all checkpoints are damaged; nothing was changed, start again in another folder");
        }
        return Optional.empty();
    }

    private static void skip(Path damaged, String why, Consumer<String> notices) {
        notices.accept("checkpoint " + damaged + " is damaged and skipped: " + why);
    }

    /** Copies, for some file systems cannot remove a file that is mapped, and old checkpoints are removed. */
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

    /** Refuses a checkpoint that differs from its sums. */
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

    /** The lines that {@code sha256sum} writes. */
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
                DigestInputStream digest = new DigestInputStream(in, Sha256.digest())) {
            byte[] buffer = new byte[1 << 16];
            while (digest.read(buffer) >= 0) {
                continue;
            }
            return HexFormat.of().formatHex(digest.getMessageDigest().digest());
        }
    }
}
