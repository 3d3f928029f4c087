package dev.preceptor.loss;

import dev.preceptor.data.Batch;
import dev.preceptor.data.Sample;
import java.util.Optional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * The voxels of a batch that count in losses and scores: all but those that the annotators left open
 * ({@link Sample#IGNORED}). Where all count, every method gives back what it is given.
 *
 * @param mask [B, 1, X, Y, Z], booleans, true where a voxel counts; empty if all do
 */
public record ValidVoxels(Optional<Tensor> mask) {
    /** All voxels. */
    public static final ValidVoxels ALL = new ValidVoxels(Optional.empty());

    /** @param classes [B, X, Y, Z], int64, see {@link Batch#classes} */
    public static ValidVoxels in(Tensor classes) {
        return classes.max().item().toLong() < Sample.IGNORED
                ? ALL
                : new ValidVoxels(Optional.of(
                        classes.ne(new Scalar((long) Sample.IGNORED)).unsqueeze(1)));
    }

    /** Whether every voxel counts. */
    public boolean isAll() {
        return mask.isEmpty();
    }

    /** The classes [B, X, Y, Z] with background in place of ignored voxels. */
    public Tensor ignoredAsBackground(Tensor classes) {
        return mask.map(valid -> classes.mul(valid.squeeze(1))).orElse(classes);
    }

    /** Values [B, K, X, Y, Z] with 0 at ignored voxels. */
    public Tensor of(Tensor values) {
        return mask.map(values::mul).orElse(values);
    }

    /** Booleans [B, K, X, Y, Z] with false at ignored voxels. */
    public Tensor within(Tensor masks) {
        return mask.map(masks::logical_and).orElse(masks);
    }

    /** The values at voxels that count, [B, K, X, Y, Z] or [B, X, Y, Z], in one row; all in their shape if every voxel counts. */
    public Tensor selected(Tensor values) {
        return mask.map(valid -> values.masked_select(values.dim() == 4 ? valid.squeeze(1) : valid.expand_as(values)))
                .orElse(values);
    }

    /** The mean of values [B, K, X, Y, Z] or [B, X, Y, Z] over the voxels that count, a scalar; 0 if none does. */
    public Tensor mean(Tensor values) {
        if (isAll()) {
            return values.mean();
        }
        Tensor some = selected(values);
        return some.numel() == 0 ? values.mul(new Scalar(0.0)).sum() : some.mean();
    }
}
