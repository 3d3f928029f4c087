package dev.preceptor.loss;

import dev.preceptor.network.TargetEncoding;
import dev.preceptor.network.Targets;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * KL(teacher || student) between tempered logits (Hinton, Vinyals, Dean 2015, arXiv 1503.02531), as MTCM-KD uses it
 * (docs/methods/mtcm-kd.md). Tensors of the teacher carry no gradient.
 *
 * @param outputs what the channels of the logits mean
 * @param temperature T, above 0; divides both logits
 * @param scale how the divergences of the voxels become one number
 * @param perRegion whether to compare the regions, each a distribution of two outcomes, in place of the classes
 */
public record TemperedKlDivergence(Targets outputs, double temperature, Scale scale, boolean perRegion) {
    /** How the divergences of the voxels become one number. */
    public enum Scale {
        /** T times their sum over the voxels, divided by the batch (deviation KD_SUM_T20 with T = 20). */
        VOXEL_SUM,
        /** T squared times their mean over the voxels. */
        VOXEL_MEAN
    }

    /**
     * The divergences: [R] by region if {@code perRegion}, else [1].
     *
     * @param student [B, K, X, Y, Z]
     * @param teacher [B, K, X, Y, Z]
     */
    public Tensor divergence(Tensor student, Tensor teacher) {
        Scalar t = new Scalar(temperature);
        Tensor tempered = student.div(t);
        Tensor target = teacher.div(t);
        Tensor sums;
        if (outputs.encoding() == TargetEncoding.CLASSES && !perRegion) {
            Tensor logTarget = torch.log_softmax(target, 1);
            sums = logTarget
                    .exp()
                    .mul(logTarget.sub(torch.log_softmax(tempered, 1)))
                    .sum()
                    .view(1);
        } else {
            Tensor channels = bernoulliKl(outputs.regionLogits(tempered), outputs.regionLogits(target))
                    .sum(new long[] {0, 2, 3, 4});
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

    /** KL(sigmoid(a) || sigmoid(b)) of two outcomes, from logits: sigmoid(a) (a - b) - softplus(a) + softplus(b). */
    static Tensor bernoulliKl(Tensor b, Tensor a) {
        return a.sigmoid().mul(a.sub(b)).sub(torch.softplus(a)).add(torch.softplus(b));
    }
}
