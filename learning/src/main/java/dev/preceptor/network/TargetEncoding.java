package dev.preceptor.network;

import dev.preceptor.tensor.Tensors;
import dev.preceptor.volume.Region;
import java.util.List;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** What the output channels of a network mean, and how they map to the nested regions WT, TC, ET (in this order). */
public enum TargetEncoding {
    /** Three channels WT, TC, ET, each with a sigmoid of its own. */
    REGIONS(Region.BRATS.size()) {
        @Override
        public Tensor probabilities(Tensor logits) {
            return logits.sigmoid();
        }

        @Override
        public Tensor masks(Tensor logits) {
            return logits.gt(new Scalar(0.0));
        }

        @Override
        public Tensor target(Tensor classes) {
            return regions(classes).to(torch.ScalarType.Float);
        }
    },
    /** Four channels background, NCR, ED, ET under one softmax. */
    CLASSES(4) {
        @Override
        public Tensor probabilities(Tensor logits) {
            Tensor p = torch.softmax(logits, 1);
            Tensor necrosis = p.select(1, 1);
            Tensor enhancing = p.select(1, 3);
            Tensor core = necrosis.add(enhancing);
            return Tensors.stack(List.of(core.add(p.select(1, 2)), core, enhancing), 1);
        }

        @Override
        public Tensor masks(Tensor logits) {
            return regions(logits.argmax(new LongOptional(1), false));
        }

        @Override
        public Tensor target(Tensor classes) {
            return torch.one_hot(classes, channels()).movedim(4, 1).to(torch.ScalarType.Float);
        }
    };

    private final int channels;

    TargetEncoding(int channels) {
        this.channels = channels;
    }

    /** K, the number of output channels. */
    public int channels() {
        return channels;
    }

    /** Probabilities of the regions, 0 to 1, [B, 3, X, Y, Z] from logits [B, K, X, Y, Z]. */
    public abstract Tensor probabilities(Tensor logits);

    /** The predicted regions as booleans [B, 3, X, Y, Z] from logits [B, K, X, Y, Z]. */
    public abstract Tensor masks(Tensor logits);

    /** The training target, float [B, K, X, Y, Z] of zeros and ones, from classes [B, X, Y, Z], int64. */
    public abstract Tensor target(Tensor classes);

    /** The regions as booleans [B, 3, X, Y, Z] from classes [B, X, Y, Z]: 0 background, 1 NCR, 2 ED, 3 ET. */
    public static Tensor regions(Tensor classes) {
        Tensor whole = classes.gt(new Scalar(0L));
        Tensor enhancing = classes.eq(new Scalar(3L));
        Tensor core = classes.eq(new Scalar(1L)).logical_or(enhancing);
        return Tensors.stack(List.of(whole, core, enhancing), 1);
    }
}
