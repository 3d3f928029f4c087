package dev.preceptor.network;

import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * One operation after another, such as the norm of an upsampled and concatenated map; the backward pass computes both a second
 * time.
 *
 * @param first from the inputs to one tensor; {@link RecomputedOp#forward} must save nothing
 * @param second from that tensor to the output
 */
public record ComposedOp(RecomputedOp first, RecomputedOp second) implements RecomputedOp {
    @Override
    public Tensor apply(List<Tensor> inputs) {
        return second.apply(List.of(first.apply(inputs)));
    }

    @Override
    public ForwardResult forward(List<Tensor> inputs) {
        ForwardResult between = first.forward(inputs);
        if (!between.savedTensors().isEmpty()) {
            throw new IllegalStateException(first + " saves tensors, and only the second of two operations may");
        }
        return second.forward(List.of(between.output()));
    }

    @Override
    public Recomputation recompute(List<Tensor> inputs, List<Tensor> savedTensors, List<Boolean> requiresGrad) {
        Recomputation inner = first.recompute(inputs, List.of(), requiresGrad);
        Recomputation outer = second.recompute(List.of(inner.output().get()), savedTensors, List.of(true));
        return new Recomputation(
                outer.output(),
                gradient ->
                        inner.backward().apply(outer.backward().apply(gradient).get(0)),
                outer.overwrites());
    }
}
