package dev.preceptor.run;

import dev.preceptor.base.Settings;
import dev.preceptor.parallel.Communicator;
import dev.preceptor.tensor.ArrayData;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Sends a checkpoint from rank 0 to the other processes: only rank 0 decides which one is the newest intact checkpoint, and the
 * folder of the run need not be on a shared disk.
 */
public final class CheckpointBroadcast {
    private CheckpointBroadcast() {}

    private record Header(RunState state, List<Entry> weights, List<Entry> optimizer) {}

    private record Entry(String name, ArrayData.Type type, List<Long> shape) {}

    /**
     * The same checkpoint on every process.
     *
     * @param newest reads the newest checkpoint; called on rank 0 only
     * @return empty if there is no checkpoint
     */
    public static Optional<Checkpoints.Checkpoint> read(
            Communicator communicator, Supplier<Optional<Checkpoints.Checkpoint>> newest) {
        if (communicator.size() == 1) {
            return newest.get();
        }
        Optional<Checkpoints.Checkpoint> own = communicator.isLeader() ? newest.get() : Optional.empty();
        byte[] header = communicator.broadcast(
                () -> own.map(CheckpointBroadcast::header).orElse(new byte[0]));
        if (header.length == 0) {
            return Optional.empty();
        }
        Header decoded = Settings.JSON.readValue(header, Header.class);
        return Optional.of(new Checkpoints.Checkpoint(
                decoded.state(),
                arrays(communicator, decoded.weights(), own.map(Checkpoints.Checkpoint::weights)),
                arrays(communicator, decoded.optimizer(), own.map(Checkpoints.Checkpoint::optimizer))));
    }

    private static byte[] header(Checkpoints.Checkpoint checkpoint) {
        return Settings.JSON
                .writeValueAsString(
                        new Header(checkpoint.state(), entries(checkpoint.weights()), entries(checkpoint.optimizer())))
                .getBytes(StandardCharsets.UTF_8);
    }

    private static List<Entry> entries(Map<String, ArrayData> arrays) {
        List<Entry> entries = new ArrayList<>();
        arrays.forEach((name, array) -> {
            List<Long> shape = new ArrayList<>();
            for (long extent : array.shape()) {
                shape.add(extent);
            }
            entries.add(new Entry(name, array.type(), shape));
        });
        return entries;
    }

    private static Map<String, ArrayData> arrays(
            Communicator communicator, List<Entry> entries, Optional<Map<String, ArrayData>> own) {
        Map<String, ArrayData> arrays = new LinkedHashMap<>();
        for (Entry entry : entries) {
            byte[] bytes = communicator.broadcast(() -> bytes(own.orElseThrow().get(entry.name())));
            long[] shape = entry.shape().stream().mapToLong(Long::longValue).toArray();
            arrays.put(entry.name(), new ArrayData(entry.type(), shape, ByteBuffer.wrap(bytes)));
        }
        return arrays;
    }

    private static byte[] bytes(ArrayData array) {
        byte[] bytes = new byte[array.bytes().remaining()];
        array.bytes().get(bytes);
        return bytes;
    }
}
