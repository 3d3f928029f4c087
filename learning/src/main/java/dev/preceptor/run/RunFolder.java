package dev.preceptor.run;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.InvalidFileException;
import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.base.JsonFiles;
import dev.preceptor.base.MismatchException;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.base.Settings;
import dev.preceptor.parallel.DistributedEnvironment;
import dev.preceptor.recipe.Recipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * The folder of a run, as design.md lays it out.
 *
 * @param path the folder
 */
public record RunFolder(Path path) {
    /** Where the resolved recipe stands. */
    public Path recipe() {
        return path.resolve("recipe.yaml");
    }

    /** Where the folds stand, if one is held out. */
    public Path folds() {
        return path.resolve("folds.json");
    }

    /** The checkpoints. */
    public Checkpoints checkpoints() {
        return new Checkpoints(path.resolve("checkpoints"));
    }

    /** Where the models of all roles stand. */
    public Path models() {
        return path.resolve("models");
    }

    /** The model file of a role. */
    public Path model(String role) {
        return models().resolve(role + ".safetensors");
    }

    /** Where the steps that broke a training stand. */
    public Path broken() {
        return path.resolve("broken");
    }

    /** Where prepared subjects stand until the run is finished. */
    public Path cache() {
        return path.resolve("cache");
    }

    /** One line an epoch. */
    public Path metrics() {
        return path.resolve("metrics.jsonl");
    }

    /**
     * Refuses a folder in which no run can begin or go on. One that a kill left before the run was described is as good as new.
     *
     * @throws PreceptorException if there is something in it and nothing is to be resumed
     */
    public void requireClaimable(boolean resume) {
        boolean begun = resume && isBegun();
        if (!begun
                && !(resume
                        ? entries().allMatch(this::isLeftover)
                        : entries().findAny().isEmpty())) {
            throw new PreceptorException(path + ": there is something in this folder"
                    + (resume ? ", but no run to resume" : "; add --resume to go on")
                    + ", or name a new folder");
        }
    }

    /** Whether a run can be resumed here. */
    public boolean isBegun() {
        return Files.exists(recipe());
    }

    /**
     * Refuses to resume a run with another recipe than its own, or one whose description is damaged. Reads no cohort.
     *
     * @throws PreceptorException if the run cannot be resumed with this recipe
     */
    public void requireResumable(Recipe recipe) {
        requireSame(Recipe.read(recipe()), recipe);
        read();
    }

    private boolean isLeftover(Path entry) {
        String name = entry.getFileName().toString();
        return isPart(entry) || name.equals(RunLock.NAME) || entry.equals(description());
    }

    private static boolean isPart(Path entry) {
        return entry.getFileName().toString().matches("\\..*\\.part");
    }

    /**
     * Begins a run in the folder, or finds the one to go on with, and writes what is to be done there.
     *
     * @param now what is to be done
     * @param notices hears of what keeps a resumed run from ending with the same bits
     * @return what stands in {@code run.json} now
     * @throws PreceptorException if it cannot be written
     * @throws MismatchException if a run is to be resumed with another recipe, cohort or split
     */
    public RunDescription claim(Recipe recipe, RunDescription now, boolean resume, Consumer<String> notices) {
        RunDescription description = now;
        boolean begun = resume && isBegun();
        if (begun) {
            requireResumable(recipe);
            RunDescription before = read();
            requireSame(before.cohortFingerprint().equals(now.cohortFingerprint()), "cohort");
            requireSame(before.split().equals(now.split()), "fold or split");
            if (before.threads() != now.threads() || !before.device().equals(now.device())) {
                notices.accept("resumed on " + now.device() + " with " + now.threads() + " threads, begun on "
                        + before.device() + " with " + before.threads() + ": the bits of the weights may differ");
            }
            description = now.startedAs(before.started());
        }
        clean();
        describe(description);
        if (!begun) {
            // Last, for the recipe is what marks the folder of a run that can be resumed.
            recipe.write(recipe());
        }
        return description;
    }

    /** Removes what a killed process left half written. */
    private void clean() {
        checkpoints().clean();
        for (Path folder : List.of(path, models(), broken())) {
            new RunFolder(folder).entries().filter(RunFolder::isPart).forEach(AtomicFiles::deleteFolder);
        }
    }

    private void requireSame(Recipe before, Recipe now) {
        Map<String, JsonNode> old = Settings.leaves(Settings.JSON.valueToTree(before));
        Map<String, JsonNode> given = Settings.leaves(Settings.JSON.valueToTree(now));
        Stream.concat(old.keySet().stream(), given.keySet().stream())
                .filter(key -> !Objects.equals(old.get(key), given.get(key)))
                .findFirst()
                .ifPresent(key -> {
                    throw new MismatchException(path + ": cannot be resumed with another recipe than its own: " + key
                            + " is " + text(old.get(key)) + " in " + recipe() + " and " + text(given.get(key))
                            + " now; give the settings that it began with, or name a new folder");
                });
    }

    private static String text(JsonNode value) {
        return value == null ? "absent" : Settings.line(value);
    }

    private void requireSame(boolean same, String what) {
        if (!same) {
            throw new MismatchException(path + ": cannot be resumed with another cohort or fold than its own; the "
                    + what + " in " + description() + " is another");
        }
    }

    private RunDescription read() {
        try {
            return Settings.bind(JsonFiles.read(description()), RunDescription.class, "");
        } catch (InvalidRecipeException e) {
            throw new InvalidFileException(
                    description(),
                    e.getMessage() + "; without it the run cannot be resumed: restore it from a copy",
                    e);
        }
    }

    private Path description() {
        return path.resolve("run.json");
    }

    /** Overwrites {@code run.json}. */
    public void describe(RunDescription description) {
        AtomicFiles.writeString(description(), Settings.JSON.writeValueAsString(description));
    }

    private Stream<Path> entries() {
        if (!Files.isDirectory(path)) {
            return Stream.empty();
        }
        try (Stream<Path> entries = Files.list(path)) {
            // The secret of several processes that find each other is none of the run's own files.
            return entries
                    .filter(entry -> !entry.getFileName().toString().startsWith(DistributedEnvironment.SECRET_FILE))
                    .toList()
                    .stream();
        } catch (IOException e) {
            throw new PreceptorException(path + ": cannot be listed: " + AtomicFiles.reason(e), e);
        }
    }
}
