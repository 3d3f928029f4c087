package dev.preceptor.run;

import dev.preceptor.base.ErrorLine;
import dev.preceptor.base.PreceptorException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Writes the checkpoints of a run and decides when one is due by the clock. A checkpoint that cannot be written, for instance on a
 * full disk, is reported and does not end the training: the last good one is kept, and the next is written when it is due. For one
 * thread.
 */
public final class CheckpointManager {
    private final RunFolder folder;
    private final MetricsLog metrics;
    private final double minutes;
    private final Consumer<TrainingEvent> listener;
    private final LongSupplier nanos;
    private Optional<Path> last;
    private long attempted;
    private boolean failing;

    /**
     * @param minutes minutes between checkpoints within an epoch; 0 for none
     * @param last the newest good checkpoint of the run
     * @param nanos a clock like {@link System#nanoTime()}
     */
    public CheckpointManager(
            RunFolder folder,
            MetricsLog metrics,
            double minutes,
            Optional<Path> last,
            Consumer<TrainingEvent> listener,
            LongSupplier nanos) {
        this.folder = folder;
        this.metrics = metrics;
        this.minutes = minutes;
        this.last = last;
        this.listener = listener;
        this.nanos = nanos;
        this.attempted = nanos.getAsLong();
    }

    /** Whether checkpoints are written by the clock at all. */
    public boolean isTimed() {
        return minutes > 0;
    }

    /** Whether the time between checkpoints has passed since the last one was written or failed. */
    public boolean isDue() {
        return isTimed() && nanos.getAsLong() - attempted >= minutes * TimeUnit.MINUTES.toNanos(1);
    }

    /** Writes a checkpoint of a training that continues. */
    public void write(Checkpoints.Checkpoint checkpoint) {
        write(
                checkpoint,
                "the training continues and tries again at the next one" + (isTimed() ? withinMinutes() : ""));
    }

    /** Writes the checkpoint of a training that stops. */
    public void writeLast(Checkpoints.Checkpoint checkpoint) {
        write(checkpoint, "--resume continues from there");
    }

    private String withinMinutes() {
        return String.format(Locale.ROOT, ", in %.3g minutes at the latest", minutes);
    }

    private void write(Checkpoints.Checkpoint checkpoint, String consequence) {
        try {
            metrics.sync();
            Path written = folder.checkpoints().write(checkpoint);
            last = Optional.of(written);
            if (failing) {
                failing = false;
                notice("checkpoints are written again: " + written);
            }
            listener.accept(new TrainingEvent.CheckpointWritten(written));
        } catch (PreceptorException e) {
            failing = true;
            notice("no checkpoint of step " + checkpoint.state().updates() + ": " + ErrorLine.of(e)
                    + missingSpace(checkpoint.bytes()) + "; "
                    + last.map(good -> "the last good one is " + good).orElse("there is none yet") + ", "
                    + consequence);
        } finally {
            attempted = nanos.getAsLong();
        }
    }

    private void notice(String line) {
        listener.accept(new TrainingEvent.Notice(line));
    }

    /** The needed and the free space, if the disk has too little. */
    private String missingSpace(long needed) {
        return free().filter(free -> free < needed)
                .map(free -> " (it needs " + size(needed) + ", " + size(free) + " are free)")
                .orElse("");
    }

    private static String size(long bytes) {
        return bytes < 1e6
                ? String.format(Locale.ROOT, "%.1f kB", bytes / 1e3)
                : bytes < 1e9
                        ? String.format(Locale.ROOT, "%.1f MB", bytes / 1e6)
                        : String.format(Locale.ROOT, "%.2f GB", bytes / 1e9);
    }

    private Optional<Long> free() {
        try {
            return Optional.of(Files.getFileStore(folder.path()).getUsableSpace());
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
