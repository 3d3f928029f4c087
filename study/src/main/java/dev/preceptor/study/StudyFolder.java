package dev.preceptor.study;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.MismatchException;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.base.Settings;
import dev.preceptor.phantom.PhantomVariant;
import dev.preceptor.recipe.YamlTree;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.stream.Stream;
import tools.jackson.databind.node.ObjectNode;

/**
 * The folder of a study: {@code study.yaml}; {@code cells/NAME} for each trial; {@code jobs} with the job files and logs of the
 * trials; {@code cohort} and {@code unseen} of a phantom; and the results. The folder of trials is called {@code cells} because
 * studies on disk and programs that read them use this name.
 *
 * @param path the folder
 */
record StudyFolder(Path path) {
    /** The file of the study. */
    Path study() {
        return path.resolve("study.yaml");
    }

    /** The folder of a trial. */
    Path trial(String name) {
        return path.resolve("cells").resolve(name);
    }

    /** The folder with the predictions of a network, in the folder of a trial. */
    static Path predictions(Path trial, String role) {
        return trial.resolve("predictions").resolve(role);
    }

    /** A predicted label map. */
    Path prediction(String trial, String role, String subject) {
        return predictions(trial(trial), role).resolve(subject + ".nii.gz");
    }

    /** A file of a trial outside its folder: recipe, job, lock or log. */
    Path job(String name, String extension) {
        return path.resolve("jobs").resolve(name + "." + extension);
    }

    /** Work on the claimed folder. */
    @FunctionalInterface
    interface Work<R> {
        R run();
    }

    /**
     * Makes the folder, or continues the same study in it, and locks it during the work.
     *
     * @throws PreceptorException if the folder holds something else, or another process has locked it
     * @throws MismatchException if the folder holds a study that differs in phantom, count of folds or convention
     */
    <R> R claimed(Study study, Work<R> work) {
        if (!Files.exists(study()) && !isEmpty()) {
            throw new PreceptorException(path + ": is not empty, and it is no study; name a new folder");
        }
        AtomicFiles.createFolder(path.resolve("jobs"));
        Path lock = path.resolve("jobs").resolve("study.lock");
        try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock held = channel.tryLock()) {
            if (held == null) {
                throw locked(null);
            }
            if (Files.exists(study())) {
                requireContinued(study);
            }
            AtomicFiles.writeString(study(), study.toYaml());
            return work.run();
        } catch (OverlappingFileLockException e) {
            throw locked(e);
        } catch (IOException e) {
            throw new PreceptorException(lock + ": cannot be locked: " + AtomicFiles.reason(e), e);
        }
    }

    private PreceptorException locked(Exception cause) {
        return new PreceptorException(path + ": another process works on this study; wait for it, or end it", cause);
    }

    /** Arms, seeds and folds may be added or removed; settings that would change the existing trials may not. */
    private void requireContinued(Study now) {
        Study before = Study.load(study().toString(), variantOfOldPhantoms());
        requireSame(before.phantom().equals(now.phantom()), "phantom");
        requireSame(before.folds().count() == now.folds().count(), "folds.count");
        requireSame(before.convention() == now.convention(), "convention");
    }

    /** Before phantoms had variants, all were uniform; the file of such a study names none. */
    private ObjectNode variantOfOldPhantoms() {
        ObjectNode changes = Settings.JSON.createObjectNode();
        if (!YamlTree.read(study()).path("phantom").has("variant")) {
            changes.putObject("phantom").put("variant", PhantomVariant.UNIFORM.name());
        }
        return changes;
    }

    private void requireSame(boolean same, String what) {
        if (!same) {
            throw new MismatchException(path + ": holds a study with another " + what
                    + " than this one; name a new folder, or the study that was started here");
        }
    }

    /** Whether the folder is empty, except for the files of a study that was killed at its start. */
    private boolean isEmpty() {
        if (!Files.exists(path)) {
            return true;
        }
        try (Stream<Path> entries = Files.list(path)) {
            return entries.map(entry -> entry.getFileName().toString())
                    .allMatch(name -> name.equals("jobs") || name.startsWith(".study.yaml."));
        } catch (IOException e) {
            throw new PreceptorException(path + ": cannot be read: " + AtomicFiles.reason(e), e);
        }
    }
}
