package dev.preceptor.network;

import dev.preceptor.base.PreceptorException;
import dev.preceptor.tensor.Tensors;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/**
 * The outputs of a network for an input [B, C, X, Y, Z]: logits, decoder features by level, bottleneck. All tensors are
 * float32 and belong to the scope in which the forward pass ran.
 *
 * <p>Where gradients are on, these tensors are the leaves of a loss's graph. The backward pass of a loss ends at them;
 * {@link #backward} continues it into the network:
 *
 * <pre>{@code
 * Features features = network.forward(input);
 * Tensor loss = features.logits().sub(target).square().mean();
 * loss.backward();
 * features.backward();
 * }</pre>
 */
public final class Features {
    private final Tape tape;
    private final Tape.Value logits;
    private final List<Tape.Value> decoder;
    private final Tape.Value bottleneck;
    private final List<Tape.Value> deep;
    private final Map<String, Tape.Value> auxiliary;
    private final Map<Tape.Value, Tensor> leaves = new IdentityHashMap<>();

    /**
     * @param tape that recorded the forward pass
     * @param logits [B, K, X, Y, Z]
     * @param decoder outputs of the decoder stages, from the full resolution down, each half as large as the one before
     * @param bottleneck the deepest features
     * @param deep logits of decoder stages 1, 2, ... for deep supervision; empty without
     */
    public Features(
            Tape tape, Tape.Value logits, List<Tape.Value> decoder, Tape.Value bottleneck, List<Tape.Value> deep) {
        this(tape, logits, decoder, bottleneck, deep, Map.of());
    }

    /**
     * The outputs of a network with further outputs.
     *
     * @param auxiliary latents, reconstructions and the like by name
     */
    public Features(
            Tape tape,
            Tape.Value logits,
            List<Tape.Value> decoder,
            Tape.Value bottleneck,
            List<Tape.Value> deep,
            Map<String, Tape.Value> auxiliary) {
        this.tape = tape;
        this.logits = logits;
        this.decoder = List.copyOf(decoder);
        this.bottleneck = bottleneck;
        this.deep = List.copyOf(deep);
        this.auxiliary = Collections.unmodifiableMap(new LinkedHashMap<>(auxiliary));
    }

    /** [B, K, X, Y, Z], before any sigmoid or softmax. */
    public Tensor logits() {
        return leaf(logits);
    }

    /**
     * The output of a decoder stage, [B, C, X/2^level, Y/2^level, Z/2^level] with the channels of the level.
     *
     * @param level from 0 at full resolution to {@link #levels()} - 1
     * @throws IndexOutOfBoundsException if there is no such level
     */
    public Tensor decoder(int level) {
        return leaf(decoder.get(level));
    }

    /** The number of decoder stages. */
    public int levels() {
        return decoder.size();
    }

    /** The deepest features, [B, C, X/s, Y/s, Z/s] with s = {@link Network#totalStride()}. */
    public Tensor bottleneck() {
        return leaf(bottleneck);
    }

    /**
     * Logits of decoder stages 1, 2, ... for deep supervision, index i [B, K, X/2^(i+1), Y/2^(i+1), Z/2^(i+1)]; as many as the
     * network has {@code heads}.
     */
    public List<Tensor> deep() {
        return IntStream.range(0, deep.size()).mapToObj(i -> leaf(deep.get(i))).toList();
    }

    /** Further outputs by name, such as latents and reconstructions; empty for networks that have none. */
    public Map<String, Tensor> auxiliary() {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        auxiliary.forEach((name, value) -> tensors.put(name, leaf(value)));
        return tensors;
    }

    /** The memory of this forward pass and of its backward pass so far. */
    public MemoryUsage memoryUsage() {
        return eager().memoryUsage();
    }

    /** The same with further outputs instead of those that it has. */
    Features with(Map<String, Tape.Value> further) {
        return new Features(tape, logits, decoder, bottleneck, deep, further);
    }

    /** The logits on the tape, for a network that goes on from them. */
    Tape.Value logitsValue() {
        return logits;
    }

    private Tensor leaf(Tape.Value value) {
        return leaves.computeIfAbsent(value, eager()::leaf);
    }

    /** The tape that computed these features; one that writes a graph has no tensors. */
    private EagerTape eager() {
        if (tape instanceof EagerTape eager) {
            return eager;
        }
        throw new PreceptorException("it reads its features outside the tape, which a graph cannot contain");
    }

    /**
     * Propagates the gradients that these tensors received from a loss's backward pass to the gradients of the network's
     * weights, and frees the memory of the forward pass. Runs once per forward pass.
     *
     * @throws IllegalStateException if gradients were off in the forward pass, or this method ran before
     */
    public void backward() {
        backward(() -> {});
    }

    /**
     * {@link #backward()} with a callback.
     *
     * @param onProgress called after each operation that may have changed gradients of weights
     */
    public void backward(Runnable onProgress) {
        EagerTape eager = eager();
        leaves.forEach(eager::addLeafGradient);
        eager.backward(onProgress);
    }

    /**
     * Adds the gradient of one of several losses to the gradients of the network's weights. The graphs and the memory of the
     * forward pass are kept, so that each loss can be propagated by itself before {@link #backward}.
     */
    public void backwardKeeping(Tensor loss) {
        Collection<Tensor> tensors = leaves.values();
        Tensors.backwardKeeping(loss, List.copyOf(tensors));
        EagerTape eager = eager();
        leaves.forEach(eager::addLeafGradient);
        eager.backwardKeeping();
        Tensors.clearGradients(tensors);
    }
}
