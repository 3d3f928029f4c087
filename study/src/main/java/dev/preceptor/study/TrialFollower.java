package dev.preceptor.study;

import dev.preceptor.base.PreceptorException;
import dev.preceptor.distill.Role;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.track.EpochRecord;
import dev.preceptor.track.MetricsReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/** Follows the log of a trial that runs in another process and reports its newest epoch. For one thread. */
public final class TrialFollower {
    private static final int LINES = 10_000;
    private static final long EVERY_NANOS = 1_000_000_000;

    private final Path log;
    private final Recipe recipe;
    private final Consumer<String> listener;
    private MetricsReader reader;
    private long next = System.nanoTime();

    /** @param listener receives a phrase such as {@code student, epoch 3 of 30} */
    public TrialFollower(TrialJob job, Consumer<String> listener) {
        this(job.folder().resolve("metrics.jsonl"), Recipe.read(job.recipe()), listener);
    }

    /**
     * Follows a training that is no trial.
     *
     * @param log its {@code metrics.jsonl}, which may not exist yet
     * @param listener receives a phrase such as {@code student, epoch 3 of 30}
     */
    public TrialFollower(Path log, Recipe recipe, Consumer<String> listener) {
        this.log = log;
        this.recipe = recipe;
        this.listener = listener;
    }

    /** Reads what was added; at most once a second. A log that cannot be read is the business of its process. */
    public void poll() {
        if (System.nanoTime() < next || (reader == null && !Files.exists(log))) {
            return;
        }
        next = System.nanoTime() + EVERY_NANOS;
        try {
            if (reader == null) {
                reader = new MetricsReader(log);
            }
            List<EpochRecord> added = reader.read(LINES);
            if (!added.isEmpty()) {
                EpochRecord last = added.get(added.size() - 1);
                listener.accept(last.role() + ", epoch " + last.epoch() + " of "
                        + recipe.optimization().epochsOf(last.role().equals(Role.STUDENT)));
            }
        } catch (PreceptorException e) {
            reader = null;
        }
    }
}
