package dev.preceptor.train;

import dev.preceptor.base.Settings;
import dev.preceptor.parallel.Ranks;
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
 * A checkpoint that rank 0 reads and sends to the others: which one is the newest whole one is decided once, and the folder of
 * the run need not be on a disk that all share.
 */
final class SharedCheckpoint {
    private SharedCheckpoint() {}

    private record Header(RunState state, List<Entry> weights, List<Entry> optimizer) {}

    private record Entry(String name, ArrayData.Type type, List<Long> shape) {}

    /**
     * The same checkpoint on every process.
     *
     * @param newest asked on rank 0 alone
     */
    static Optional<Checkpoints.Checkpoint> read(Ranks ranks, Supplier<Optional<Checkpoints.Checkpoint>> newest) {
        if (ranks.size() == 1) {
            return newest.get();
        }
        Optional<Checkpoints.Checkpoint> own = ranks.leads() ? newest.get() : Optional.empty();
        byte[] header = ranks.fromFirst(() -> own.map(SharedCheckpoint::header).orElse(new byte[0]));
        if (header.length == 0) {
            return Optional.empty();
        }
        Header known = Settings.JSON.readValue(header, Header.class);
        return Optional.of(new Checkpoints.Checkpoint(
                known.state(),
                arrays(ranks, known.weights(), own.map(Checkpoints.Checkpoint::weights)),
                arrays(ranks, known.optimizer(), own.map(Checkpoints.Checkpoint::optimizer))));
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
            Ranks ranks, List<Entry> entries, Optional<Map<String, ArrayData>> own) {
        Map<String, ArrayData> arrays = new LinkedHashMap<>();
        for (Entry entry : entries) {
            byte[] bytes = ranks.fromFirst(() -> bytes(own.orElseThrow().get(entry.name())));
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
