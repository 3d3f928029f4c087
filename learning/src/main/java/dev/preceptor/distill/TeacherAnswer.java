package dev.preceptor.distill;

import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/**
 * What frozen teachers answer to a batch; no tensor carries a gradient.
 *
 * @param logits [B, K, X, Y, Z], the mean over the networks
 * @param bottleneck the deepest features of a single network; empty for an ensemble
 * @param decoder the decoder features of a single network at the levels asked for; empty for an ensemble
 */
public record TeacherAnswer(Tensor logits, Optional<Tensor> bottleneck, List<Tensor> decoder) {
    public TeacherAnswer {
        decoder = List.copyOf(decoder);
    }
}
