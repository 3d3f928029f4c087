package dev.preceptor.loss;

import dev.preceptor.network.TargetEncoding;
import dev.preceptor.network.Targets;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * KL(teacher || student) of each voxel between tempered logits (Hinton, Vinyals, Dean 2015, arXiv 1503.02531): of the classes, or
 * of each region with its two outcomes. No factor of T. Tensors of the teacher carry no gradient.
 *
 * @param outputs what the channels of the logits mean
 * @param temperature T, above 0; divides both logits
 */
public record VoxelDivergence(Targets outputs, double temperature) {
    /**
     * The divergences: [B, 1, X, Y, Z] of classes, [B, R, X, Y, Z] of regions.
     *
     * @param student logits [B, K, X, Y, Z]
     * @param teacher logits [B, K, X, Y, Z]
     */
    public Tensor of(Tensor student, Tensor teacher) {
        Scalar t = new Scalar(temperature);
        if (outputs.encoding() == TargetEncoding.REGIONS) {
            return TemperedKlDivergence.bernoulliKl(student.div(t), teacher.div(t));
        }
        Tensor logTarget = torch.log_softmax(teacher.div(t), 1);
        return logTarget
                .exp()
                .mul(logTarget.sub(torch.log_softmax(student.div(t), 1)))
                .sum(new long[] {1}, true, new ScalarTypeOptional());
    }

    /**
     * The mean of the divergences over voxels that count and, of regions, over regions.
     *
     * @param student logits [B, K, X, Y, Z]
     * @param teacher logits [B, K, X, Y, Z]
     * @return a scalar
     */
    public Tensor mean(Tensor student, Tensor teacher, ValidVoxels valid) {
        return valid.mean(of(student, teacher));
    }

    /** The number of outcomes of a distribution: that of the classes and background, or two. */
    public int outcomes() {
        return outputs.encoding() == TargetEncoding.REGIONS ? 2 : outputs.channels();
    }
}
