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
import tools.jackson.databind.node.ObjectNode;

/**
 * The folder of a run.
 *
 * @param path the folder
 */
public record RunFolder(Path path) {
    /** The resolved recipe; its existence marks a run that can be resumed. */
    public Path recipe() {
        return path.resolve("recipe.yaml");
    }

    /** The folds, if one is held out. */
    public Path folds() {
        return path.resolve("folds.json");
    }

    /** The checkpoints of the run. */
    public Checkpoints checkpoints() {
        return new Checkpoints(path.resolve("checkpoints"));
    }

    /** The folder of the model files. */
    public Path models() {
        return path.resolve("models");
    }

    /** The model file of a role. */
    public Path model(String role) {
        return models().resolve(role + ".safetensors");
    }

    /** The folder of the steps at which the training broke. */
    public Path broken() {
        return path.resolve("broken");
    }

    /** The folder of the preprocessed subjects, which is deleted when the run is finished. */
    public Path cache() {
        return path.resolve("cache");
    }

    /** The log with one line for each epoch. */
    public Path metrics() {
        return path.resolve("metrics.jsonl");
    }

    /**
     * Refuses a folder in which a run can neither start nor resume. A folder left by a run that was killed before {@code
     * recipe.yaml} was written counts as empty.
     *
     * @throws PreceptorException if the folder is not empty and there is no run to resume
     */
    public void requireClaimable(boolean resume) {
        boolean resumes = resume && isBegun();
        if (!resumes
                && !(resume
                        ? entries().allMatch(this::isLeftover)
                        : entries().findAny().isEmpty())) {
            throw new PreceptorException(path + ": this folder is not empty"
                    + (resume
                            ? ", but has no run to resume; name a new folder"
                            : "; add --resume to continue, or name a new folder"));
        }
    }

    /** Whether there is a run that can be resumed. */
    public boolean isBegun() {
        return Files.exists(recipe());
    }

    /**
     * Refuses to resume the run with another recipe, or with a damaged description. Reads no cohort.
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
     * Starts a run in the folder, or resumes the run in it, and writes {@code run.json} and {@code recipe.yaml}.
     *
     * @param now the description of the run as started now
     * @param notices receives a line if the resumed run may end with other weights
     * @return the content of {@code run.json}
     * @throws PreceptorException if the files cannot be written
     * @throws MismatchException if the run in the folder has another recipe, cohort or split
     */
    public RunDescription claim(Recipe recipe, RunDescription now, boolean resume, Consumer<String> notices) {
        RunDescription description = now;
        boolean resumes = resume && isBegun();
        if (resumes) {
            requireResumable(recipe);
            RunDescription before = read();
            requireSame(before.cohortFingerprint().equals(now.cohortFingerprint()), "cohort");
            requireSame(before.split().equals(now.split()), "fold or split");
            if (before.threads() != now.threads() || !before.device().equals(now.device())) {
                notices.accept("resumed on " + now.device() + " with " + now.threads() + " threads, started on "
                        + before.device() + " with " + before.threads() + ": the last bits of the weights may differ");
            }
            if (!before.builds().equals(now.builds())) {
                notices.accept("resumed with Preceptor " + String.join(", ", now.builds()) + ", trained so far with "
                        + String.join(", ", before.builds())
                        + ": the weights may differ from those of one version alone");
            }
            description = now.resuming(before);
        }
        clean();
        describe(description);
        if (!resumes) {
            // Last, for the recipe marks a run that can be resumed.
            recipe.write(recipe());
        }
        return description;
    }

    /** Removes the incomplete files of a killed process. */
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
                    throw new MismatchException(path + ": cannot be resumed with another recipe: " + key
                            + " is " + text(old.get(key)) + " in " + recipe() + " and " + text(given.get(key))
                            + " now; give the settings of the first start, or name a new folder");
                });
    }

    private static String text(JsonNode value) {
        return value == null ? "absent" : Settings.line(value);
    }

    private void requireSame(boolean same, String what) {
        if (!same) {
            throw new MismatchException(path + ": cannot be resumed with another cohort or fold; the " + what + " in "
                    + description() + " differs");
        }
    }

    private RunDescription read() {
        try {
            return Settings.bind(completed(JsonFiles.read(description())), RunDescription.class, "");
        } catch (InvalidRecipeException e) {
            throw new InvalidFileException(
                    description(),
                    e.getMessage() + "; without it the run cannot be resumed: restore it from a copy",
                    e);
        }
    }

    /** Adds what {@code run.json} of earlier versions does not hold. */
    private static JsonNode completed(JsonNode json) {
        if (json instanceof ObjectNode run) {
            if (!run.has("leftOut")) {
                run.putArray("leftOut");
            }
            if (!run.has("builds") && run.has("version") && run.has("commit")) {
                run.putArray("builds")
                        .add(RunDescription.build(
                                run.get("version").asString(), run.get("commit").asString()));
            }
            if (run.get("split") instanceof ObjectNode split && !split.has("unlabelled")) {
                split.putArray("unlabelled");
            }
        }
        return json;
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
            // The secret of a training with several processes is there before the run starts.
            return entries
                    .filter(entry -> !entry.getFileName().toString().startsWith(DistributedEnvironment.SECRET_FILE))
                    .toList()
                    .stream();
        } catch (IOException e) {
            throw new PreceptorException(path + ": cannot be listed: " + AtomicFiles.reason(e), e);
        }
    }
}
