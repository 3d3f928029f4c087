package dev.preceptor.train;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.base.Settings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import tools.jackson.databind.SerializationFeature;

/**
 * The folder of a run, as design.md lays it out.
 *
 * @param path the folder
 */
record RunFolder(Path path) {
    /** Where the resolved recipe stands. */
    Path recipe() {
        return path.resolve("recipe.yaml");
    }

    /** The checkpoints. */
    Checkpoints checkpoints() {
        return new Checkpoints(path.resolve("checkpoints"));
    }

    /** The model file of a role. */
    Path model(String role) {
        return path.resolve("models").resolve(role + ".safetensors");
    }

    /**
     * Makes the folder, or finds it to resume in.
     *
     * @throws PreceptorException if there is something in it and nothing is to be resumed, or another recipe was used, or
     *     it cannot be written
     */
    void claim(Recipe recipe, boolean resume) {
        AtomicFiles.createFolder(path);
        if (resume && Files.exists(recipe())) {
            if (!Recipe.read(recipe()).hash().equals(recipe.hash())) {
                throw new PreceptorException(path
                        + ": cannot be resumed with another recipe than its own; use the one in " + recipe()
                        + ", or a new folder");
            }
            return;
        }
        if (!resume && !isEmpty()) {
            throw new PreceptorException(
                    path + ": there is something in this folder; add --resume to go on, or name a new folder");
        }
        recipe.write(recipe());
    }

    /** Overwrites {@code run.json}. */
    void describe(RunDescription description) {
        AtomicFiles.writeString(path.resolve("run.json"), Settings.JSON.writeValueAsString(description));
    }

    /** Adds a line to {@code metrics.jsonl}. */
    void addMetrics(Map<String, Object> line) {
        String text = Settings.JSON
                        .writer()
                        .without(SerializationFeature.INDENT_OUTPUT)
                        .writeValueAsString(line)
                + "\n";
        try {
            Files.writeString(
                    metrics(), text, StandardCharsets.UTF_8, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new PreceptorException(metrics() + ": cannot be written: " + AtomicFiles.reason(e), e);
        }
    }

    /** Drops the lines of {@code metrics.jsonl} that a resumed run will write again. */
    void keepMetrics(int lines) {
        try {
            List<String> all = Files.exists(metrics()) ? Files.readAllLines(metrics()) : List.of();
            StringBuilder kept = new StringBuilder();
            all.stream().limit(lines).forEach(line -> kept.append(line).append('\n'));
            AtomicFiles.writeString(metrics(), kept.toString());
        } catch (IOException e) {
            throw new PreceptorException(metrics() + ": cannot be read: " + AtomicFiles.reason(e), e);
        }
    }

    private Path metrics() {
        return path.resolve("metrics.jsonl");
    }

    private boolean isEmpty() {
        try (Stream<Path> entries = Files.list(path)) {
            return entries.findAny().isEmpty();
        } catch (IOException e) {
            throw new PreceptorException(path + ": cannot be listed: " + AtomicFiles.reason(e), e);
        }
    }
}
