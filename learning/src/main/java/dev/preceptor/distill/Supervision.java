package dev.preceptor.distill;

import org.bytedeco.pytorch.Tensor;

/** What a network's outputs cost against the labels. */
@FunctionalInterface
interface Supervision {
    /**
     * @param logits [B, K, X, Y, Z]
     * @param classes [B, X, Y, Z], int64
     */
    LossTerms of(Tensor logits, Tensor classes);
}
