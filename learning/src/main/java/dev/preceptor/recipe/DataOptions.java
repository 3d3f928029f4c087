package dev.preceptor.recipe;

import dev.preceptor.base.Settings;
import java.nio.file.Path;
import java.util.Optional;

/**
 * How subjects come to the networks. Nothing of it changes what is learned.
 *
 * @param cache the folder of prepared subjects, which runs may share; empty for one within the run, removed when it is finished
 * @param threads that make batches; 0 for as many cores as the networks leave, one at least
 */
public record DataOptions(Optional<Path> cache, int threads) {
    /** A cache within the run, and as many threads as there are cores to spare. */
    public static final DataOptions DEFAULTS = new DataOptions(Optional.empty(), 0);

    public DataOptions {
        Settings.require(threads >= 0 && threads <= 1024, "--data-threads", "0 or a number of threads", threads);
    }

    /** @param busy cores that the networks use */
    public int threadsBeside(int busy) {
        return threads > 0 ? threads : Math.max(Runtime.getRuntime().availableProcessors() - busy, 1);
    }
}
