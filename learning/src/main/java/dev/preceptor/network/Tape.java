package dev.preceptor.network;

import java.util.List;
import org.bytedeco.javacpp.PointerScope;

/**
 * What a network runs its forward pass on: the operations of which it consists, on values that only the tape can read. An
 * {@link EagerTape} computes them with libtorch; an {@link OnnxTape} writes them into a graph (docs/decisions/012, 018).
 *
 * <p>The outputs of {@link RecomputedOp}s (norms, activations, pooling, upsampling, attention) that only feed a convolution are not
 * stored: a backward pass computes them again.
 *
 * <pre>{@code
 * public Features forward(Tape tape, Input input) {
 *     Value x = tape.convolve(conv1, tape.input(input));
 *     Value features = tape.apply(norm, tape.convolve(conv2, activation, x));
 *     Value logits = tape.convolve(head, features);
 *     return new Features(tape, logits, List.of(features), features, List.of());
 * }
 * }</pre>
 */
public sealed interface Tape permits EagerTape, OnnxTape {
    /** A part of a network: a function from values to one value. */
    @FunctionalInterface
    interface Stage {
        Value run(Tape tape, List<Value> inputs);
    }

    /** What an operation on a tape gives: a tensor, or a node of a graph. Of use only to the tape that made it. */
    sealed interface Value permits EagerTape.TensorValue, OnnxTape.NodeValue {}

    /**
     * A tape that computes with libtorch, and records for a backward pass if libtorch's gradient mode is on.
     *
     * @throws IllegalStateException if no {@link PointerScope} is open
     */
    static Tape of(Computation computation) {
        return EagerTape.of(computation);
    }

    /** The images of an input [B, C, X, Y, Z]; they receive no gradient. */
    Value input(Input input);

    /** One channel of the images of an input, [B, 1, X, Y, Z]; it receives no gradient. */
    Value input(Input input, int channel);

    /** The input with zeros in the channels that are absent. */
    Input zeroAbsent(Input input);

    /** The output of an operation; the tape stores it. */
    Value apply(RecomputedOp op, Value... inputs);

    /** The output of a convolution. */
    Value convolve(ConvolutionOp convolution, Value x);

    /** The output of a convolution of {@code op(inputs)}; the tape does not store the output of {@code op}. */
    Value convolve(ConvolutionOp convolution, RecomputedOp op, Value... inputs);

    /**
     * The same value, of which the next operation is the last one. Without a backward pass the operation then takes over its memory,
     * or the memory is freed after it. Has no effect on a value from outside the {@link Stage} that calls this.
     */
    Value last(Value value);

    /** The same values as a constant: what is computed from it passes no gradient on to the value. */
    Value detached(Value value);

    /** The sum of two values. It takes over the memory of {@code a}: no other operation may use {@code a} or {@code b}. */
    Value sum(Value a, Value b);

    /**
     * Runs a part of a network. With {@link Computation.Recompute#STAGES} an eager tape stores only the inputs of the stage, and
     * the backward pass runs the stage again (activation checkpointing).
     */
    Value stage(Stage stage, Value... inputs);
}
