package dev.preceptor.loss;

import dev.preceptor.network.BlockMean;
import dev.preceptor.network.SegmentationCritic;
import dev.preceptor.network.UnitVectors;
import dev.preceptor.tensor.Tensors;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The structured losses of Liu, Chen, Liu, Qin, Luo, Wang, "Structured Knowledge Distillation for Semantic Segmentation" (CVPR 2019,
 * arXiv 1903.04197, section 3.1) in 3-D: pair-wise and holistic. The pixel-wise loss of the paper is {@link VoxelDivergence} with
 * T = 1. Tensors of the teacher carry no gradient.
 */
public final class StructuredLosses {
    private static final double EPSILON = 1e-6;

    private StructuredLosses() {}

    /**
     * The pair-wise loss: the mean squared difference of the cosine similarities between all pairs of nodes. A node is the mean of
     * the features over a block of voxels; both networks have the same nodes, whatever their channels.
     *
     * @param student features [B, C, X, Y, Z]
     * @param teacher features [B, D, U, V, W] of the same part of the image
     * @param nodes the largest number of nodes along an axis, at least 1; fewer where the extents have no such common divisor
     */
    public static Tensor pairWise(Tensor student, Tensor teacher, int nodes) {
        long[] grid = LongStream.rangeClosed(2, 4)
                .map(axis -> commonDivisor(student.size(axis), teacher.size(axis), nodes))
                .toArray();
        return similarities(student, grid)
                .sub(similarities(teacher, grid))
                .square()
                .mean();
    }

    private static long commonDivisor(long first, long second, long largest) {
        long divisor = largest;
        while (first % divisor != 0 || second % divisor != 0) {
            divisor--;
        }
        return divisor;
    }

    /** The cosine similarities between nodes, [B, N, N]. */
    private static Tensor similarities(Tensor features, long[] grid) {
        Tensor nodes = BlockMean.over(
                        features, features.size(2) / grid[0], features.size(3) / grid[1], features.size(4) / grid[2])
                .flatten(2, -1);
        Tensor units = UnitVectors.of(nodes, EPSILON);
        return units.transpose(1, 2).bmm(units);
    }

    /**
     * The holistic loss l_ho: the mean score of the student's segmentations minus that of the teacher's. The critic minimises it, the
     * student maximises it (Wasserstein distance of conditional GANs).
     *
     * @param student scores of {@link SegmentationCritic#scores}, [B, 1, X, Y, Z]
     * @param teacher scores of the same shape
     * @return a scalar
     */
    public static Tensor holistic(Tensor student, Tensor teacher) {
        return student.mean().sub(teacher.mean());
    }

    /**
     * The gradient penalty of WGAN-GP (Gulrajani et al., NeurIPS 2017, arXiv 1704.00028), the mean over samples of
     * {@code (|gradient of the sum of the scores| - 1)^2}, at segmentations between those of student and teacher.
     *
     * @param images [B, C, X, Y, Z]
     * @param student probabilities [B, K, X, Y, Z] without gradient
     * @param teacher probabilities [B, K, X, Y, Z]
     * @param share of the teacher in the mixture of each sample, [B, 1, 1, 1, 1], 0 to 1
     */
    public static Tensor gradientPenalty(
            SegmentationCritic critic, Tensor images, Tensor student, Tensor teacher, Tensor share) {
        Tensor mixed = student.add(teacher.sub(student).mul(share)).detach();
        mixed.set_requires_grad(true);
        Tensor gradient =
                Tensors.gradient(critic.scores(images, mixed).sum(), mixed).flatten(1, -1);
        Tensor norms = gradient.square()
                .sum(1)
                .clamp_min(new Scalar(EPSILON * EPSILON))
                .sqrt();
        return norms.sub(torch.ones_like(norms)).square().mean();
    }
}
