package dev.preceptor.service;

import dev.preceptor.base.PreceptorException;
import dev.preceptor.infer.PredictionOptions;
import dev.preceptor.infer.Predictor;
import dev.preceptor.model.VerifyingKey;
import dev.preceptor.volume.Sequence;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A model that the service has loaded.
 *
 * @param name of its file and beginning of its hash
 * @param predictor for any number of threads
 */
public record ServedModel(ModelName name, Predictor predictor) implements AutoCloseable {
    private static final int VERSION_DIGITS = 12;

    /**
     * Loads a model.
     *
     * @param trusted keys of which one must have signed the file; if there are none, no signature is needed
     * @throws dev.preceptor.base.InvalidFileException if the file is no valid model, or not signed by one of them
     */
    public static ServedModel load(Path file, List<VerifyingKey> trusted, PredictionOptions options) {
        String name = file.getFileName().toString().replaceFirst("\\.safetensors$", "");
        if (!name.matches("[A-Za-z0-9_.-]{1,80}")) {
            throw new PreceptorException(file
                    + ": the name of a model that is served has 1 to 80 letters, digits, dots, hyphens and underscores;"
                    + " rename the file");
        }
        Predictor predictor = Predictor.read(List.of(file), trusted, options);
        String version = predictor.modelHashes().get(0).substring(0, VERSION_DIGITS);
        return new ServedModel(new ModelName(name, version), predictor);
    }

    /**
     * The model of a name, which may have the version behind an {@code @}.
     *
     * @param wanted empty for the first
     * @throws PreceptorException if there is none, or several versions of it
     */
    static ServedModel find(List<ServedModel> models, Optional<String> wanted) {
        if (wanted.isEmpty()) {
            return models.get(0);
        }
        List<ServedModel> found = models.stream()
                .filter(model -> model.name.name().equals(wanted.get())
                        || model.name.toString().equals(wanted.get()))
                .toList();
        if (found.size() == 1) {
            return found.get(0);
        }
        String known = models.stream().map(model -> model.name.toString()).collect(Collectors.joining(", "));
        throw new PreceptorException((found.isEmpty() ? "there is no such model" : "there are several versions of it")
                + "; the models are " + known);
    }

    /** The sequences that the model takes. */
    List<Sequence> inputs() {
        return predictor.inputs();
    }

    /** Frees the model after the predictions that have begun. */
    @Override
    public void close() {
        predictor.close();
    }
}
