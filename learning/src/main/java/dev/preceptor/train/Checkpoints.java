package dev.preceptor.train;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.base.Settings;
import dev.preceptor.tensor.ArrayData;
import dev.preceptor.tensor.Safetensors;
import java.io.IOException;
import java.io.InputStream;
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
import tools.jackson.core.JacksonException;

/**
 * The folder {@code checkpoints/} of a run. Each checkpoint is a folder named by the steps done, made aside, forced to the
 * disk, summed and renamed, so that one that has its name is whole unless the disk lies; then its sums tell.
 *
 * @param folder the folder of the checkpoints
 */
record Checkpoints(Path folder) {
    private static final String WEIGHTS = "weights.safetensors";
    private static final String OPTIMIZER = "optimizer.safetensors";
    private static final String STATE = "state.json";
    private static final String SUMS = "SHA256SUMS";
    private static final int KEPT = 2;

    /** What a checkpoint holds. */
    record Checkpoint(RunState state, Map<String, ArrayData> weights, Map<String, ArrayData> optimizer) {}

    /** Writes a checkpoint and removes all but the newest two. */
    Path write(Checkpoint checkpoint) {
        String name = String.format(Locale.ROOT, "%06d", checkpoint.state().updates());
        Path target = folder.resolve(name);
        Path aside = folder.resolve("." + name + ".part");
        try {
            AtomicFiles.deleteFolder(aside);
            AtomicFiles.createFolder(aside);
            new Safetensors(Map.of(), checkpoint.weights()).write(aside.resolve(WEIGHTS));
            new Safetensors(Map.of(), checkpoint.optimizer()).write(aside.resolve(OPTIMIZER));
            AtomicFiles.writeString(aside.resolve(STATE), Settings.JSON.writeValueAsString(checkpoint.state()));
            StringBuilder sums = new StringBuilder();
            for (String file : List.of(OPTIMIZER, STATE, WEIGHTS)) {
                sums.append(sum(aside.resolve(file))).append("  ").append(file).append('\n');
            }
            AtomicFiles.writeString(aside.resolve(SUMS), sums.toString());
            AtomicFiles.deleteFolder(target);
            Files.move(aside, target, StandardCopyOption.ATOMIC_MOVE);
            AtomicFiles.syncFolder(folder);
        } catch (IOException e) {
            throw new PreceptorException(target + ": the checkpoint cannot be written: " + AtomicFiles.reason(e), e);
        }
        prune();
        return target;
    }

    private void prune() {
        List<Path> all = newestFirst();
        for (Path old : all.subList(Math.min(KEPT, all.size()), all.size())) {
            try {
                AtomicFiles.deleteFolder(old);
            } catch (PreceptorException e) {
                // The checkpoint just written is safe; an old one that cannot go now is tried again after the next.
                return;
            }
        }
    }

    /**
     * The newest whole checkpoint; each that is damaged is skipped with a notice.
     *
     * @throws PreceptorException if there are checkpoints and none is whole
     */
    Optional<Checkpoint> newest(Consumer<String> notices) {
        for (Path candidate : newestFirst()) {
            try {
                verify(candidate);
                RunState state = Settings.JSON.readValue(Files.readString(candidate.resolve(STATE)), RunState.class);
                return Optional.of(new Checkpoint(
                        state, copies(candidate.resolve(WEIGHTS)), copies(candidate.resolve(OPTIMIZER))));
            } catch (IOException | JacksonException | PreceptorException e) {
                notices.accept("checkpoint " + candidate + " is damaged and skipped: " + e.getMessage());
            }
        }
        if (!newestFirst().isEmpty()) {
            throw new PreceptorException(
                    folder + ": no checkpoint is whole; nothing was changed, begin anew in another folder");
        }
        return Optional.empty();
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

    private static void verify(Path checkpoint) throws IOException {
        List<String> lines = Files.readAllLines(checkpoint.resolve(SUMS));
        if (lines.size() != 3) {
            throw new IOException(SUMS + " has " + lines.size() + " lines instead of 3");
        }
        for (String line : lines) {
            String[] parts = line.split("  ", 2);
            if (parts.length != 2 || !parts[0].equals(sum(checkpoint.resolve(parts[1])))) {
                throw new IOException("the sum of " + parts[parts.length - 1] + " is wrong");
            }
        }
    }

    private List<Path> newestFirst() {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.filter(p -> p.getFileName().toString().matches("\\d{6,}"))
                    .sorted(Comparator.<Path>comparingLong(
                                    p -> Long.parseLong(p.getFileName().toString()))
                            .reversed())
                    .toList();
        } catch (IOException e) {
            throw new PreceptorException(folder + ": cannot be listed: " + AtomicFiles.reason(e), e);
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
