package dev.preceptor.train;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.InvalidFileException;
import dev.preceptor.base.MismatchException;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.base.Settings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
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

    /** Where the folds stand, if one is held out. */
    Path folds() {
        return path.resolve("folds.json");
    }

    /** The checkpoints. */
    Checkpoints checkpoints() {
        return new Checkpoints(path.resolve("checkpoints"));
    }

    /** Where the models of all roles stand. */
    Path models() {
        return path.resolve("models");
    }

    /** The model file of a role. */
    Path model(String role) {
        return models().resolve(role + ".safetensors");
    }

    /**
     * Makes the folder, or finds it to resume in, and writes what is to be done there.
     *
     * @param now what is to be done
     * @param notices hears of what keeps a resumed run from ending with the same bits
     * @return what stands in {@code run.json} now
     * @throws PreceptorException if there is something in it and nothing is to be resumed, or it cannot be written
     * @throws MismatchException if a run is to be resumed with another recipe, cohort or split
     */
    RunDescription claim(Recipe recipe, RunDescription now, boolean resume, Consumer<String> notices) {
        AtomicFiles.createFolder(path);
        RunDescription description = now;
        if (resume && Files.exists(recipe())) {
            requireSame(Recipe.read(recipe()).hash().equals(recipe.hash()), "recipe", recipe());
            RunDescription before = read();
            requireSame(before.cohortFingerprint().equals(now.cohortFingerprint()), "cohort", description());
            requireSame(before.split().equals(now.split()), "fold or split", description());
            if (before.threads() != now.threads() || !before.device().equals(now.device())) {
                notices.accept("resumed on " + now.device() + " with " + now.threads() + " threads, begun on "
                        + before.device() + " with " + before.threads() + ": the bits of the weights may differ");
            }
            description = now.startedAs(before.started());
        } else if (!isEmpty()) {
            throw new PreceptorException(path + ": there is something in this folder"
                    + (resume ? ", but no run to resume" : "; add --resume to go on")
                    + ", or name a new folder");
        } else {
            recipe.write(recipe());
        }
        describe(description);
        return description;
    }

    private void requireSame(boolean same, String what, Path where) {
        if (!same) {
            throw new MismatchException(
                    path + ": cannot be resumed with another recipe, cohort or fold than its own; the " + what + " in "
                            + where + " is another");
        }
    }

    private RunDescription read() {
        try {
            return Settings.JSON.readValue(Files.readString(description()), RunDescription.class);
        } catch (IOException | JacksonException e) {
            throw new InvalidFileException(description(), "cannot be read, so the run cannot be resumed", e);
        }
    }

    private Path description() {
        return path.resolve("run.json");
    }

    /** Overwrites {@code run.json}. */
    void describe(RunDescription description) {
        AtomicFiles.writeString(description(), Settings.JSON.writeValueAsString(description));
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
