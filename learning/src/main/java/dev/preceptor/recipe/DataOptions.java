package dev.preceptor.recipe;

import dev.preceptor.base.Settings;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where preprocessed subjects are cached and how many threads build batches. The trained weights do not depend on it.
 *
 * @param cache the folder of preprocessed subjects, which several runs may share; empty for a folder within the run that is
 *     removed when the run finishes
 * @param threads number of threads that build batches; 0 for the cores of the process that the networks leave free, at least one
 */
public record DataOptions(Optional<Path> cache, int threads) {
    /** A cache within the run, and one thread for each free core. */
    public static final DataOptions DEFAULTS = new DataOptions(Optional.empty(), 0);

    public DataOptions {
        Settings.require(threads >= 0 && threads <= 1024, "--data-threads", "0 or a number of threads", threads);
    }

    /**
     * The number of threads that build batches, at least 1.
     *
     * @param cores number of cores of this process
     * @param networkCores number of them that the networks use
     */
    public int threadsBeside(int cores, int networkCores) {
        return threads > 0 ? threads : Math.max(cores - networkCores, 1);
    }
}
