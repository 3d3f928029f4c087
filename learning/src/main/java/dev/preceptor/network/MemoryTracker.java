package dev.preceptor.network;

import java.util.HashMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/** Counts what a tape holds; memory that several tensors share counts once. */
final class MemoryTracker {
    /** How many tensors share a piece of memory, and the bytes of the largest. */
    private record Piece(long bytes, int tensors) {}

    private final Map<Long, Piece> pieces = new HashMap<>();
    private long kept;
    private long most;
    private long largest;

    void add(Tensor tensor) {
        long bytes = tensor.nbytes();
        Piece before = pieces.getOrDefault(address(tensor), new Piece(0, 0));
        Piece now = new Piece(Math.max(before.bytes(), bytes), before.tensors() + 1);
        pieces.put(address(tensor), now);
        kept += now.bytes() - before.bytes();
        most = Math.max(most, kept);
        seen(tensor);
    }

    /** A tensor that is made and not held. */
    void seen(Tensor tensor) {
        largest = Math.max(largest, tensor.numel() * Float.BYTES);
    }

    void remove(Tensor tensor) {
        Piece before = pieces.get(address(tensor));
        if (before == null) {
            return;
        }
        if (before.tensors() > 1) {
            pieces.put(address(tensor), new Piece(before.bytes(), before.tensors() - 1));
        } else {
            pieces.remove(address(tensor));
            kept -= before.bytes();
        }
    }

    /** Something that is over held so much for a while, besides what is held here. */
    void passed(MemoryTracker other) {
        most = Math.max(most, kept + other.most);
        largest = Math.max(largest, other.largest);
    }

    MemoryUsage holding() {
        return new MemoryUsage(kept, most, largest);
    }

    private static long address(Tensor tensor) {
        return tensor.data_ptr().address();
    }
}
