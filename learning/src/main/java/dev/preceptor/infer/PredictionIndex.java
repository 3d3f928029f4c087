package dev.preceptor.infer;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.InvalidFileException;
import dev.preceptor.base.JsonFiles;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.base.Settings;
import dev.preceptor.base.Sha256;
import dev.preceptor.cohort.ImageSet;
import dev.preceptor.quality.Guard;
import dev.preceptor.volume.ImageSource;
import dev.preceptor.volume.Sequence;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/**
 * The index of a folder of predictions, {@code predictions.json}: for each subject a hash of its images, one of models and
 * options, and one of each output file. With it a later prediction into the folder skips the subjects whose outputs are
 * current. The file is rewritten after each subject. Thread-safe.
 */
public final class PredictionIndex {
    private static final String NAME = "predictions.json";
    private static final String FORMAT = "preceptor/predictions/1";

    /** Some hundred thousand subjects, each with all guards. */
    private static final int MAX_BYTES = 1 << 30;

    private final Path folder;
    private final PredictionRecords records;

    /**
     * Opens the index of a folder, which may not exist yet.
     *
     * @throws InvalidFileException if the folder has a {@code predictions.json} that Preceptor did not write
     */
    PredictionIndex(Path folder) {
        this(folder, new InFile(folder.resolve(NAME)));
        read(folder);
    }

    /** The index of a folder whose entries are kept elsewhere. */
    PredictionIndex(Path folder, PredictionRecords records) {
        this.folder = folder;
        this.records = records;
    }

    /**
     * The entries of {@code predictions.json} in a folder, none if it does not exist.
     *
     * @throws InvalidFileException if the folder has a {@code predictions.json} that Preceptor did not write
     */
    public static Map<String, JsonNode> read(Path folder) {
        return InFile.read(folder.resolve(NAME));
    }

    /** Writes {@code predictions.json} of a folder anew. */
    public static void write(Path folder, Map<String, JsonNode> entries) {
        InFile.write(folder.resolve(NAME), entries);
    }

    /** A hash of the images of a subject that a model sees, headers included. Reads the files without decompressing them. */
    static String inputHash(ImageSet subject, List<Sequence> inputs) {
        StringBuilder identity = new StringBuilder();
        Map<Path, String> hashes = new HashMap<>();
        for (Sequence sequence : inputs) {
            ImageSource image = subject.image(sequence);
            identity.append(sequence).append(' ').append(image.selector());
            image.files().forEach(path -> identity.append(' ').append(hashes.computeIfAbsent(path, Sha256::of)));
            identity.append('\n');
        }
        return Sha256.of(identity.toString());
    }

    /** The entries by subject. */
    Map<String, JsonNode> entries() {
        return records.entries();
    }

    /** A subject is about to be read. */
    void begin(String id) {
        records.begin(id);
    }

    /**
     * Whether a guard that would have refused a subject was accepted for its outputs, but is not any more.
     *
     * @param accepted the guards that are accepted now
     */
    boolean isNoLongerAccepted(String id, Set<Guard> accepted) {
        List<String> labels = accepted.stream().map(Guard::label).toList();
        JsonNode entry = entries().get(id);
        return entry != null
                && entry.path(SubjectRecord.ACCEPTED)
                        .valueStream()
                        .anyMatch(guard -> !labels.contains(guard.asString("")));
    }

    /** Whether the outputs of a subject were made from this input by this predictor and have not changed since. */
    boolean isCurrent(String id, String input, String predictor, List<Path> outputs) {
        JsonNode entry = entries().get(id);
        if (entry == null
                || !entry.path("input").asString("").equals(input)
                || !entry.path("predictor").asString("").equals(predictor)) {
            return false;
        }
        return outputs.stream().allMatch(output -> {
            String hash = entry.path("outputs").path(name(output)).asString("");
            return Files.isRegularFile(output) && Sha256.of(output).equals(hash);
        });
    }

    /**
     * Removes the outputs of an earlier call that are not current any more, so that they do not pass for those of this call: the files
     * that the entry of the subject names, unless somebody has changed them since.
     */
    void discard(String id) {
        JsonNode entry = entries().get(id);
        if (entry == null) {
            return;
        }
        List<String> removed = new ArrayList<>();
        entry.path("outputs").properties().forEach(output -> {
            Path file = folder.resolve(output.getKey()).normalize();
            if (file.startsWith(folder.normalize())
                    && Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
                    && Sha256.of(file).equals(output.getValue().asString(""))) {
                delete(file);
                removed.add(name(file));
            }
        });
        records.remove(id, removed);
    }

    private static void delete(Path file) {
        try {
            Files.delete(file);
        } catch (IOException e) {
            throw new PreceptorException(file + ": cannot be removed: " + AtomicFiles.reason(e), e);
        }
    }

    /**
     * Records the outputs of a subject after they were written.
     *
     * @param used the sequences from which a model of any subset segmented; empty for other models
     * @param about volumes, expected Dice and guards
     */
    void record(
            String id,
            String input,
            String predictor,
            List<Sequence> used,
            List<Path> outputs,
            Map<String, Object> about) {
        Map<String, String> hashes = new LinkedHashMap<>();
        outputs.forEach(output -> hashes.put(name(output), Sha256.of(output)));
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put("input", input);
        entry.put("predictor", predictor);
        if (!used.isEmpty()) {
            entry.put("sequences", used.stream().map(Sequence::name).toList());
        }
        entry.put("outputs", hashes);
        entry.putAll(about);
        records.put(id, Settings.JSON.valueToTree(entry));
    }

    private String name(Path output) {
        return folder.relativize(output).toString().replace('\\', '/');
    }

    /**
     * The entries in {@code predictions.json}, read once: a run has its folder for itself. The next subject is read while the outputs of
     * the last one are recorded.
     */
    private static final class InFile implements PredictionRecords {
        private final Path file;
        private Optional<Map<String, JsonNode>> known = Optional.empty();

        InFile(Path file) {
            this.file = file;
        }

        @Override
        public synchronized Map<String, JsonNode> entries() {
            return new TreeMap<>(known());
        }

        private Map<String, JsonNode> known() {
            if (known.isEmpty()) {
                known = Optional.of(read(file));
            }
            return known.get();
        }

        static Map<String, JsonNode> read(Path file) {
            Map<String, JsonNode> subjects = new TreeMap<>();
            if (Files.exists(file)) {
                JsonNode index = JsonFiles.read(file, MAX_BYTES);
                if (!index.path("format").asString("").equals(FORMAT)
                        || !index.path("subjects").isObject()) {
                    throw new InvalidFileException(
                            file,
                            "is not an index of predictions and would be overwritten by one; move it or name another folder with"
                                    + " --out");
                }
                index.path("subjects").properties().forEach(entry -> subjects.put(entry.getKey(), entry.getValue()));
            }
            return subjects;
        }

        @Override
        public synchronized void put(String id, JsonNode entry) {
            known().put(id, entry);
            write(file, known());
        }

        @Override
        public synchronized void remove(String id, List<String> removed) {
            if (known().remove(id) != null) {
                write(file, known());
            }
        }

        static void write(Path file, Map<String, JsonNode> entries) {
            Map<String, Object> index = new LinkedHashMap<>();
            index.put("format", FORMAT);
            index.put("subjects", new TreeMap<>(entries));
            JsonFiles.write(file, index);
        }
    }
}
