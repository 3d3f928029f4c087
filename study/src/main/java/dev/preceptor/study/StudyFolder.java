package dev.preceptor.study;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.MismatchException;
import dev.preceptor.base.PreceptorException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.stream.Stream;

/**
 * The folder of a study: {@code study.yaml}; {@code cells/NAME} for each cell; {@code jobs} with what the cells were told and
 * what they said; {@code cohort} and {@code unseen} of a phantom; and the results.
 *
 * @param path the folder
 */
record StudyFolder(Path path) {
    Path study() {
        return path.resolve("study.yaml");
    }

    Path cell(String name) {
        return path.resolve("cells").resolve(name);
    }

    /** A file of a cell outside its folder: its recipe, job, lock or log. */
    Path job(String name, String extension) {
        return path.resolve("jobs").resolve(name + "." + extension);
    }

    /** Works on the folder. */
    @FunctionalInterface
    interface Work<R> {
        R run();
    }

    /**
     * Makes the folder or finds the same study in it, and keeps others out during the work.
     *
     * @throws PreceptorException if something else is in it, or another process is at work there
     * @throws MismatchException if a study is in it that cannot go on as this one
     */
    <R> R claimed(Study study, Work<R> work) {
        if (!Files.exists(study()) && !isEmpty()) {
            throw new PreceptorException(
                    path + ": there is something in this folder, and it is no study; name a new folder");
        }
        AtomicFiles.createFolder(path.resolve("jobs"));
        Path lock = path.resolve("jobs").resolve("study.lock");
        try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock held = channel.tryLock()) {
            if (held == null) {
                throw atWork(null);
            }
            if (Files.exists(study())) {
                requireContinued(study);
            }
            AtomicFiles.writeString(study(), study.toYaml());
            return work.run();
        } catch (OverlappingFileLockException e) {
            throw atWork(e);
        } catch (IOException e) {
            throw new PreceptorException(lock + ": cannot be locked: " + AtomicFiles.reason(e), e);
        }
    }

    private PreceptorException atWork(Exception cause) {
        return new PreceptorException(
                path + ": another process is at work on this study; wait for it, or end it", cause);
    }

    /** Arms, seeds and folds to be run may be added or left out; what would change the cells that stand here may not. */
    private void requireContinued(Study now) {
        Study before = Study.load(study().toString());
        requireSame(before.phantom().equals(now.phantom()), "phantom");
        requireSame(before.folds().count() == now.folds().count(), "folds.count");
        requireSame(before.convention() == now.convention(), "convention");
    }

    private void requireSame(boolean same, String what) {
        if (!same) {
            throw new MismatchException(path + ": holds a study with another " + what
                    + " than this one; name a new folder, or the study that was begun here");
        }
    }

    /** Empty but for what a killed beginning leaves. */
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
