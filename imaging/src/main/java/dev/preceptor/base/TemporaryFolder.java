package dev.preceptor.base;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A folder of this machine that only its owner can read, for copies of patients' files. It is removed by {@link #close}, and also when a
 * signal ends the process.
 */
public final class TemporaryFolder implements AutoCloseable {
    private static final int REMOVALS = 20;

    private final Path path;
    private final Thread remover;

    private TemporaryFolder(Path path) {
        this.path = path;
        this.remover = new Thread(this::removeAtEnd, "remove temporary files");
    }

    /**
     * Creates a folder.
     *
     * @param parent of the folder; empty for the system's folder of temporary files
     * @param prefix of its name
     * @throws PreceptorException if there is no place for it, or the process is about to end
     */
    public static TemporaryFolder create(Optional<Path> parent, String prefix) {
        TemporaryFolder folder;
        try {
            // Only the owner can read a temporary folder that the JDK makes.
            folder = new TemporaryFolder(
                    parent.isPresent()
                            ? Files.createTempDirectory(parent.get(), prefix)
                            : Files.createTempDirectory(prefix));
        } catch (IOException e) {
            throw new PreceptorException("there is no folder for temporary files: " + Reason.of(e), e);
        }
        try {
            Runtime.getRuntime().addShutdownHook(folder.remover);
        } catch (IllegalStateException e) {
            AtomicFiles.deleteFolder(folder.path);
            throw new PreceptorException("interrupted: the process ends", e);
        }
        return folder;
    }

    /** The folder, which exists until this is closed. */
    public Path path() {
        return path;
    }

    /** Repeats the removal, for a task may still write while a signal ends the process. */
    private void removeAtEnd() {
        for (int i = 0; i < REMOVALS && !isRemoved(); i++) {
            Thread.onSpinWait();
        }
    }

    private boolean isRemoved() {
        try {
            AtomicFiles.deleteFolder(path);
        } catch (PreceptorException e) {
            return false;
        }
        return !Files.exists(path);
    }

    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(remover);
        } catch (IllegalStateException e) {
            // The process ends, and the hook removes the folder.
            return;
        }
        AtomicFiles.deleteFolder(path);
    }
}
