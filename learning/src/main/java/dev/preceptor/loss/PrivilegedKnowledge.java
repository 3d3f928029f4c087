package dev.preceptor.loss;

import dev.preceptor.network.TargetEncoding;
import dev.preceptor.network.Targets;
import dev.preceptor.tensor.Tensors;
import java.util.List;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The losses of PMKL (Chen, Dou, Jin, Liu, Heng, "Learning With Privileged Multimodal Knowledge for Unimodal Segmentation", IEEE TMI
 * 2021): distillation where the teacher is right and better than the student, and a contrast of embeddings. Tensors of the teacher
 * carry no gradient.
 *
 * @param outputs what the channels of the logits mean
 * @param temperature T of the distillation, above 0; divides both logits
 */
public record PrivilegedKnowledge(Targets outputs, double temperature) {
    private static final double EPSILON = 1e-12;

    /**
     * The distillation loss: the cross-entropy of the tempered student to the tempered teacher at each voxel (of regions, at each
     * voxel and region), weighted by {@code relu(CE_student - CE_teacher)} against the labels where the teacher predicts the label,
     * divided by the sum of the weights; 0 where all weights are. The weights carry no gradient.
     *
     * @param student logits [B, K, X, Y, Z]
     * @param teacher logits [B, K, X, Y, Z]
     * @param classes [B, X, Y, Z], int64
     */
    public Tensor selective(Tensor student, Tensor teacher, Tensor classes) {
        ValidVoxels valid = ValidVoxels.in(classes);
        TargetEncoding encoding = outputs.encoding();
        Tensor known = valid.ignoredAsBackground(classes);
        Tensor target = outputs.target(known).to(student.scalar_type());
        Tensor right = encoding == TargetEncoding.REGIONS
                ? teacher.gt(new Scalar(0.0)).to(student.scalar_type()).eq(target)
                : teacher.argmax(new LongOptional(1), false).eq(known);
        Tensor better = SegmentationLosses.voxelwise(encoding, student.detach(), target)
                .sub(SegmentationLosses.voxelwise(encoding, teacher, target))
                .relu();
        Tensor weights = valid.selected(better.mul(right));
        Scalar t = new Scalar(temperature);
        Tensor divergence = valid.selected(SegmentationLosses.voxelwise(
                encoding, student.div(t), SegmentationLosses.activation(encoding, teacher.div(t))));
        return weights.mul(divergence).sum().div(weights.sum().clamp_min(new Scalar(EPSILON)));
    }

    /**
     * The contrastive loss (Hadsell, Chopra, LeCun, CVPR 2006): the mean of d^2 over pairs of student and teacher of one patch and of
     * {@code max(margin - d, 0)^2} over pairs of different patches, d the L2 distance. With one patch there are no such pairs.
     *
     * @param student embeddings [B, D]
     * @param teacher embeddings [B, D]
     * @param margin above 0
     */
    public static Tensor contrast(Tensor student, Tensor teacher, double margin) {
        int batch = Math.toIntExact(student.size(0));
        Tensor sum = Tensors.zero(student);
        for (int shift = 0; shift < batch; shift++) {
            Tensor other = shift == 0
                    ? teacher
                    : Tensors.cat(List.of(teacher.narrow(0, shift, batch - shift), teacher.narrow(0, 0, shift)), 0);
            Tensor squares = student.sub(other).square().sum(new long[] {1}, false, new ScalarTypeOptional());
            Tensor distances = squares.clamp_min(new Scalar(EPSILON)).sqrt();
            Tensor pairs = shift == 0
                    ? squares
                    : torch.full_like(distances, new Scalar(margin))
                            .sub(distances)
                            .relu()
                            .square();
            sum = sum.add(pairs.sum());
        }
        return sum.div(new Scalar((double) batch * batch));
    }
}
