package dev.preceptor.loss;

import dev.preceptor.network.Targets;
import java.util.List;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The two distillation losses of KD-Net (Hu et al., MICCAI 2020, arXiv 2106.09564): L_KD between logits, {@link #response},
 * and L_KL between bottlenecks, {@link #bottleneck}. The third loss of the paper, L_GT, is {@link LabelSupervision}. Tensors
 * of the teacher carry no gradient.
 *
 * @param outputs what the channels of the logits mean
 * @param comparison how L_KD compares the student with the tempered teacher
 * @param temperature T of L_KD, above 0; divides the teacher's logits
 * @param temperStudent whether T divides the student's logits too; L_KD is then multiplied by T squared
 * @param batchDice whether the sums of the Dice in L_KD run over the batch too
 * @param normalisation how bottlenecks become distributions for L_KL
 */
public record KdNetLosses(
        Targets outputs,
        ResponseComparison comparison,
        double temperature,
        boolean temperStudent,
        boolean batchDice,
        BottleneckNormalisation normalisation) {
    private static final double EPSILON = 1e-12;

    /** How L_KD compares the probabilities of the student with those of the tempered teacher. */
    public enum ResponseComparison {
        /** One minus the soft Dice, as in the paper. */
        SOFT_DICE,
        /** One minus the Dice as a semimetric ({@link SegmentationLosses#diceSemimetric}). */
        DICE_SEMIMETRIC,
        /** KL(teacher || student) of each region and voxel, two outcomes each; their mean. */
        BERNOULLI_KL
    }

    /** How a bottleneck [B, C, X, Y, Z] becomes a distribution. */
    public enum BottleneckNormalisation {
        /** Softmax over all elements of a sample. */
        SOFTMAX,
        /** Softmax over the channels of each voxel; the divergences of the voxels are summed. */
        CHANNEL_SOFTMAX,
        /** Absolute values divided by their sum over the sample. */
        L1
    }

    /**
     * L_KD: the comparison with the tempered teacher plus cross-entropy to the binarised teacher.
     *
     * @param teacher logits [B, K, X, Y, Z]
     * @param student logits [B, K, X, Y, Z]
     */
    public Tensor response(Tensor teacher, Tensor student) {
        Scalar t = new Scalar(temperature);
        Tensor hard = switch (outputs.encoding()) {
            case REGIONS -> teacher.gt(new Scalar(0.0)).to(student.scalar_type());
            case CLASSES ->
                outputs.target(teacher.argmax(new LongOptional(1), false)).to(student.scalar_type());
        };
        Tensor tempered = temperStudent ? student.div(t) : student;
        Tensor loss = compared(teacher.div(t), tempered)
                .add(SegmentationLosses.crossEntropy(outputs.encoding(), tempered, hard));
        return temperStudent ? loss.mul(new Scalar(temperature * temperature)) : loss;
    }

    /**
     * L_KD of regions with weights of their own: the sum of weight times L_KD of a region, divided by their number.
     *
     * @param teacher logits of the regions, [B, R, X, Y, Z]
     * @param student logits of the regions, [B, R, X, Y, Z]
     * @param weights in the order of the regions, 0 or more
     */
    public Tensor response(Tensor teacher, Tensor student, List<Double> weights) {
        return WeightedRegions.mean(weights, student, r -> response(teacher.narrow(1, r, 1), student.narrow(1, r, 1)));
    }

    private Tensor compared(Tensor temperedTeacher, Tensor temperedStudent) {
        return switch (comparison) {
            case SOFT_DICE ->
                SegmentationLosses.dice(probabilities(temperedStudent), probabilities(temperedTeacher), batchDice);
            case DICE_SEMIMETRIC ->
                SegmentationLosses.diceSemimetric(
                        probabilities(temperedStudent), probabilities(temperedTeacher), batchDice);
            case BERNOULLI_KL ->
                TemperedKlDivergence.bernoulliKl(
                                outputs.regionLogits(temperedStudent), outputs.regionLogits(temperedTeacher))
                        .mean();
        };
    }

    private Tensor probabilities(Tensor logits) {
        return SegmentationLosses.activation(outputs.encoding(), logits);
    }

    /**
     * L_KL: KL(teacher || student) of the normalised bottlenecks, the mean over the batch.
     *
     * @param teacher bottleneck [B, C, X, Y, Z]
     * @param student bottleneck [B, C, X, Y, Z]
     */
    public Tensor bottleneck(Tensor teacher, Tensor student) {
        return klDivergence(logDistribution(teacher), logDistribution(student), student.size(0));
    }

    private Tensor logDistribution(Tensor bottleneck) {
        long batch = bottleneck.size(0);
        return switch (normalisation) {
            case SOFTMAX -> torch.log_softmax(bottleneck.reshape(batch, -1), 1);
            case CHANNEL_SOFTMAX -> torch.log_softmax(bottleneck, 1);
            case L1 -> {
                Tensor size = bottleneck.reshape(batch, -1).abs();
                Scalar epsilon = new Scalar(EPSILON);
                Tensor sum = size.sum(new long[] {1}, true, new ScalarTypeOptional());
                yield size.div(sum.add(epsilon)).add(epsilon).log();
            }
        };
    }

    private static Tensor klDivergence(Tensor logTeacher, Tensor logStudent, long batch) {
        return logTeacher.exp().mul(logTeacher.sub(logStudent)).sum().div(new Scalar((double) batch));
    }
}
