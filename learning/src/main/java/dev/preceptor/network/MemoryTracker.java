package dev.preceptor.network;

import java.util.HashMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/** Counts the bytes of the tensors that a tape owns; storage that several tensors share counts once. */
final class MemoryTracker {
    /**
     * @param bytes of the largest tensor on this storage
     * @param tensors that share it
     */
    private record Storage(long bytes, int tensors) {}

    private final Map<Long, Storage> storages = new HashMap<>();
    private long owned;
    private long peak;
    private long largest;

    void add(Tensor tensor) {
        Storage before = storages.getOrDefault(address(tensor), new Storage(0, 0));
        Storage after = new Storage(Math.max(before.bytes(), tensor.nbytes()), before.tensors() + 1);
        storages.put(address(tensor), after);
        owned += after.bytes() - before.bytes();
        peak = Math.max(peak, owned);
        addTransient(tensor);
    }

    /** A tensor that is created and not owned. */
    void addTransient(Tensor tensor) {
        largest = Math.max(largest, tensor.numel() * Float.BYTES);
    }

    void remove(Tensor tensor) {
        Storage before = storages.get(address(tensor));
        if (before == null) {
            return;
        }
        if (before.tensors() > 1) {
            storages.put(address(tensor), new Storage(before.bytes(), before.tensors() - 1));
        } else {
            storages.remove(address(tensor));
            owned -= before.bytes();
        }
    }

    /** Counts the peak of another tracker, whose tensors are freed by now, on top of what this one counts. */
    void addPeakOf(MemoryTracker other) {
        peak = Math.max(peak, owned + other.peak);
        largest = Math.max(largest, other.largest);
    }

    MemoryUsage usage() {
        return new MemoryUsage(owned, peak, largest);
    }

    private static long address(Tensor tensor) {
        return tensor.data_ptr().address();
    }
}
