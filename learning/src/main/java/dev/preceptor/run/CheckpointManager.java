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
 * Writes the checkpoints of a run, and says when one is due by the clock. One that cannot be written, on a full disk for
 * instance, costs a line and not the training: the last good one stays, and the next is tried as if nothing had been. For
 * one thread.
 */
public final class CheckpointManager {
    private final RunFolder folder;
    private final MetricsLog metrics;
    private final double minutes;
    private final Consumer<TrainingEvent> listener;
    private final LongSupplier nanos;
    private Optional<Path> last;
    private long tried;
    private boolean failing;

    /**
     * @param minutes between checkpoints, apart from those that are due after an epoch; 0 for no others
     * @param last the good one that is there
     * @param nanos a clock, as {@link System#nanoTime()}
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
        this.tried = nanos.getAsLong();
    }

    /** Whether it has been long since the last one was written or tried. */
    public boolean isDue() {
        return minutes > 0 && nanos.getAsLong() - tried >= minutes * TimeUnit.MINUTES.toNanos(1);
    }

    /** Writes a checkpoint of a training that goes on in any case. */
    public void write(Checkpoints.Checkpoint checkpoint) {
        write(
                checkpoint,
                "the training goes on and tries again at the next one" + (minutes > 0 ? nextInMinutes() : ""));
    }

    /** Writes the checkpoint of a training that stops. */
    public void writeLast(Checkpoints.Checkpoint checkpoint) {
        write(checkpoint, "--resume goes on from there");
    }

    private String nextInMinutes() {
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
                    + room(checkpoint.bytes()) + "; "
                    + last.map(good -> "the last good one is " + good).orElse("there is none yet") + ", "
                    + consequence);
        } finally {
            tried = nanos.getAsLong();
        }
    }

    private void notice(String line) {
        listener.accept(new TrainingEvent.Notice(line));
    }

    /** How much the disk lacks, where it does. */
    private String room(long needed) {
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
