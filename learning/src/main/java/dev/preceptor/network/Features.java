package dev.preceptor.network;

import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/**
 * What a network makes of an input [B, C, X, Y, Z]; the tensors belong to the scope in which the forward ran. Where gradients
 * are on they are the beginning of the graph of the losses; {@link #backward} goes on from there into the network.
 */
public final class Features {
    private final Tape tape;
    private final Tape.Value logits;
    private final List<Tape.Value> decoder;
    private final Tape.Value bottleneck;
    private final List<Tape.Value> deep;
    private final Map<Tape.Value, Tensor> leaves = new IdentityHashMap<>();

    Features(Tape tape, Tape.Value logits, List<Tape.Value> decoder, Tape.Value bottleneck, List<Tape.Value> deep) {
        this.tape = tape;
        this.logits = logits;
        this.decoder = List.copyOf(decoder);
        this.bottleneck = bottleneck;
        this.deep = List.copyOf(deep);
    }

    /** [B, K, X, Y, Z], before any sigmoid or softmax. */
    public Tensor logits() {
        return leaf(logits);
    }

    /**
     * The output of a decoder stage, at 1/2^level of the full resolution.
     *
     * @param level from 0 at full resolution to {@link #levels()} - 1
     */
    public Tensor decoder(int level) {
        return leaf(decoder.get(level));
    }

    /** How many decoder stages there are. */
    public int levels() {
        return decoder.size();
    }

    /** The deepest features. */
    public Tensor bottleneck() {
        return leaf(bottleneck);
    }

    /**
     * Logits made of decoder stages 1, 2, ... for deep supervision, index i at 1/2^(i+1) of the full resolution; as many as the
     * network has {@code heads}.
     */
    public List<Tensor> deep() {
        return IntStream.range(0, deep.size()).mapToObj(i -> leaf(deep.get(i))).toList();
    }

    /** What this forward holds, and what it and its way back have held. */
    public MemoryUsage memoryUsage() {
        return tape.memoryUsage();
    }

    private Tensor leaf(Tape.Value value) {
        return leaves.computeIfAbsent(value, tape::leaf);
    }

    /**
     * Adds what follows from the gradients that these tensors have received, from the backward pass of a loss, to the gradients
     * of the network's weights, and frees what was kept for it. Once for each forward.
     *
     * @throws IllegalStateException if gradients were off in the forward, or this was called before
     */
    public void backward() {
        backward(() -> {});
    }

    /**
     * The same, telling how it goes on.
     *
     * @param onProgress told whenever gradients of weights have been added to
     */
    public void backward(Runnable onProgress) {
        leaves.forEach(tape::receive);
        tape.backward(onProgress);
    }
}
