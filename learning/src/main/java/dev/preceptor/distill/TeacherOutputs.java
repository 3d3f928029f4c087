package dev.preceptor.distill;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/**
 * The outputs of frozen teachers for a batch; no tensor carries a gradient.
 *
 * @param logits [B, K, X, Y, Z], the mean over the networks
 * @param bottleneck the deepest features of a single network; empty for an ensemble
 * @param decoder the decoder features of a single network at the levels asked for; empty for an ensemble
 */
public record TeacherOutputs(Tensor logits, Optional<Tensor> bottleneck, List<Tensor> decoder) {
    public TeacherOutputs {
        decoder = List.copyOf(decoder);
    }

    /** The outputs of a single network in the order of {@link #tensors()}. */
    static TeacherOutputs ofOne(List<Tensor> tensors) {
        return new TeacherOutputs(tensors.get(0), Optional.of(tensors.get(1)), tensors.subList(2, tensors.size()));
    }

    /** Logits, bottleneck and decoder features. */
    List<Tensor> tensors() {
        List<Tensor> tensors = new ArrayList<>(List.of(logits));
        bottleneck.ifPresent(tensors::add);
        tensors.addAll(decoder);
        return tensors;
    }
}
