package dev.preceptor.infer;

import dev.preceptor.base.InvalidFileException;
import dev.preceptor.base.JsonFiles;
import dev.preceptor.base.Sha256;
import dev.preceptor.cohort.Subject;
import dev.preceptor.nifti.Nifti;
import dev.preceptor.volume.Sequence;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/**
 * What a folder of predictions was made from: {@code predictions.json} in it holds for each subject the hash of its images, that
 * of models and options, and those of the files written. Whoever predicts into the folder again keeps what is still right. The
 * file is written anew after each subject, with what others have written meanwhile.
 */
final class PredictionIndex {
    private static final String NAME = "predictions.json";
    private static final String FORMAT = "preceptor/predictions/1";

    private final Path folder;
    private final Path file;

    /** @throws InvalidFileException if there is a file of this name that Preceptor did not write */
    PredictionIndex(Path folder) {
        this.folder = folder;
        this.file = folder.resolve(NAME);
        subjects();
    }

    /** The hash of the images that a model sees of a subject, headers included. */
    static String inputHash(Subject subject, List<Sequence> inputs) {
        StringBuilder all = new StringBuilder();
        for (Sequence sequence : inputs) {
            all.append(sequence).append(' ').append(subject.image(sequence).frame());
            Nifti.files(subject.image(sequence).path())
                    .forEach(path -> all.append(' ').append(Sha256.of(path)));
            all.append('\n');
        }
        return Sha256.of(all.toString());
    }

    /** Whether these outputs of a subject were made from this input and are as they were written. */
    boolean holds(String id, String input, String predictor, List<Path> outputs) {
        JsonNode entry = subjects().get(id);
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

    /** Records the outputs of a subject, which have been written. */
    void record(String id, String input, String predictor, List<Path> outputs) {
        Map<String, String> hashes = new LinkedHashMap<>();
        outputs.forEach(output -> hashes.put(name(output), Sha256.of(output)));
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put("input", input);
        entry.put("predictor", predictor);
        entry.put("outputs", hashes);
        Map<String, Object> subjects = new TreeMap<>(subjects());
        subjects.put(id, entry);
        Map<String, Object> index = new LinkedHashMap<>();
        index.put("format", FORMAT);
        index.put("subjects", subjects);
        JsonFiles.write(file, index);
    }

    private String name(Path output) {
        return folder.relativize(output).toString().replace('\\', '/');
    }

    private Map<String, JsonNode> subjects() {
        Map<String, JsonNode> subjects = new TreeMap<>();
        if (Files.exists(file)) {
            JsonNode index = JsonFiles.read(file);
            if (!index.path("format").asString("").equals(FORMAT)
                    || !index.path("subjects").isObject()) {
                throw new InvalidFileException(
                        file,
                        "is no index of predictions, but would be overwritten by one; move it or name another folder with"
                                + " --out");
            }
            index.path("subjects").properties().forEach(entry -> subjects.put(entry.getKey(), entry.getValue()));
        }
        return subjects;
    }
}
