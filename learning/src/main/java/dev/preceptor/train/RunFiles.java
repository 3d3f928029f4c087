package dev.preceptor.train;

import dev.preceptor.parallel.Communicator;
import dev.preceptor.run.CheckpointManager;
import dev.preceptor.run.Checkpoints;
import dev.preceptor.run.MetricsLog;
import dev.preceptor.run.RunFolder;
import java.nio.file.Path;
import java.util.Map;

/**
 * The files that a training writes while it runs. Rank 0 alone writes metrics and checkpoints.
 *
 * @param folder the folder of the run
 * @param metrics the log of the epochs
 * @param checkpoints writes the checkpoints
 * @param communicator the processes of the training
 */
record RunFiles(RunFolder folder, MetricsLog metrics, CheckpointManager checkpoints, Communicator communicator) {
    /** Adds a line to {@code metrics.jsonl}. */
    void addMetrics(Map<String, Object> line) {
        communicator.onLeader(() -> metrics.add(line));
    }

    /** Whether a checkpoint is due by the clock of rank 0; the same on all processes. */
    boolean isCheckpointDue() {
        return checkpoints.isTimed() && communicator.anyRank(communicator.isLeader() && checkpoints.isDue());
    }

    /** Writes a checkpoint of a training that continues. */
    void write(Checkpoints.Checkpoint checkpoint) {
        communicator.onLeader(() -> checkpoints.write(checkpoint));
    }

    /** Writes the checkpoint of a training that stops. */
    void writeLast(Checkpoints.Checkpoint checkpoint) {
        communicator.onLeader(() -> checkpoints.writeLast(checkpoint));
    }

    /** The folder for the broken steps of this process. */
    Path brokenSteps() {
        Path all = folder.broken();
        return communicator.size() == 1
                ? all
                : all.resolve("rank-" + communicator.shard().rank());
    }
}
