package dev.preceptor.distill;

import dev.preceptor.network.TargetEncoding;
import dev.preceptor.tensor.Tensors;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Tempered divergence KL(teacher || student) between logits (methods.md 2.4 and 2.9). Teacher tensors must carry no
 * gradient.
 *
 * @param outputs what the channels mean
 * @param temperature T, divides both logits
 * @param scale from voxels to one number
 * @param perRegion whether classes are regrouped to the regions, each a distribution of two outcomes
 */
record TemperedKlDivergence(TargetEncoding outputs, double temperature, MtcmKdOptions.Scale scale, boolean perRegion) {
    /**
     * The divergences, by region [3] (WT, TC, ET) if {@code perRegion}, else one number for the outputs together [1].
     *
     * @param student [B, K, X, Y, Z]
     * @param teacher [B, K, X, Y, Z]
     */
    Tensor divergence(Tensor student, Tensor teacher) {
        Scalar t = new Scalar(temperature);
        Tensor tempered = student.div(t);
        Tensor target = teacher.div(t);
        Tensor sums;
        if (outputs == TargetEncoding.CLASSES && !perRegion) {
            Tensor logTarget = torch.log_softmax(target, 1);
            sums = logTarget
                    .exp()
                    .mul(logTarget.sub(torch.log_softmax(tempered, 1)))
                    .sum()
                    .view(1);
        } else {
            Tensor channels = bernoulli(regions(tempered), regions(target)).sum(new long[] {0, 2, 3, 4});
            sums = perRegion ? channels : channels.mean().view(1);
        }
        return sums.mul(new Scalar(factor(student)));
    }

    private double factor(Tensor student) {
        long batch = student.size(0);
        long voxels = student.size(2) * student.size(3) * student.size(4);
        return switch (scale) {
            case VOXEL_SUM -> temperature / batch;
            case VOXEL_MEAN -> temperature * temperature / batch / voxels;
        };
    }

    /** KL between sigmoid(a), the target, and sigmoid(b), from logits: sigmoid(a) (a - b) - softplus(a) + softplus(b). */
    private static Tensor bernoulli(Tensor b, Tensor a) {
        return a.sigmoid().mul(a.sub(b)).sub(torch.softplus(a)).add(torch.softplus(b));
    }

    /** The logit of each region [B, 3, X, Y, Z]: the odds of its classes together against the others together. */
    private Tensor regions(Tensor logits) {
        if (outputs == TargetEncoding.REGIONS) {
            return logits;
        }
        Tensor background = logits.narrow(1, 0, 1);
        Tensor necrosis = logits.narrow(1, 1, 1);
        Tensor oedema = logits.narrow(1, 2, 1);
        Tensor enhancing = logits.narrow(1, 3, 1);
        Tensor core = torch.logaddexp(necrosis, enhancing);
        Tensor notCore = torch.logaddexp(background, oedema);
        Tensor notEnhancing = torch.logaddexp(notCore, necrosis);
        return Tensors.cat(
                List.of(torch.logaddexp(core, oedema).sub(background), core.sub(notCore), enhancing.sub(notEnhancing)),
                1);
    }
}
