package dev.preceptor.distill;

import dev.preceptor.loss.LabelSupervision;
import dev.preceptor.loss.SegmentationLosses;
import dev.preceptor.network.TargetEncoding;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The losses of KD-Net (Hu et al., MICCAI 2020, arXiv 2106.09564; methods.md 1.3 and 1.4). Teacher tensors must carry no
 * gradient.
 *
 * @param options temperature, weights and the choices where the paper is silent
 */
record KdNetLosses(KdNetOptions options) {
    private static final double TINY = 1e-12;

    /** Response distillation L_KD: soft Dice to the tempered teacher plus cross-entropy to the binarised teacher. */
    Tensor response(Tensor teacher, Tensor student) {
        TargetEncoding targetEncoding = options.outputs();
        Scalar temperature = new Scalar(options.temperature());
        Tensor soft = SegmentationLosses.activation(targetEncoding, teacher.div(temperature));
        Tensor hard = switch (targetEncoding) {
            case REGIONS -> teacher.gt(new Scalar(0.0)).to(student.scalar_type());
            case CLASSES ->
                targetEncoding
                        .target(teacher.argmax(new LongOptional(1), false))
                        .to(student.scalar_type());
        };
        Tensor tempered = options.temperStudent() ? student.div(temperature) : student;
        Tensor loss = SegmentationLosses.dice(
                        SegmentationLosses.activation(targetEncoding, tempered), soft, options.batchDice())
                .add(SegmentationLosses.crossEntropy(targetEncoding, tempered, hard));
        return options.temperStudent() ? loss.mul(new Scalar(options.temperature() * options.temperature())) : loss;
    }

    /** Supervision L_GT by the labels at full resolution. */
    Tensor supervised(Tensor target, Tensor student) {
        return new LabelSupervision(options.outputs(), options.loss(), options.batchDice()).against(target, student);
    }

    /** Feature distillation L_KL: KL(teacher || student) of the normalised bottlenecks [B, C, X, Y, Z], mean over B. */
    Tensor bottleneck(Tensor teacher, Tensor student) {
        long batch = student.size(0);
        return switch (options.bottleneck()) {
            case SOFTMAX ->
                divergence(
                        torch.log_softmax(teacher.reshape(batch, -1), 1),
                        torch.log_softmax(student.reshape(batch, -1), 1),
                        batch);
            case CHANNEL_SOFTMAX -> divergence(torch.log_softmax(teacher, 1), torch.log_softmax(student, 1), batch);
            case L1 ->
                divergence(share(teacher, batch).log(), share(student, batch).log(), batch);
        };
    }

    /** L = lambda L_KD + (1 - lambda) L_GT + alpha L_KL; without L_KD the weight of L_GT is 1. */
    Tensor total(Tensor response, Tensor supervised, Tensor bottleneck) {
        Tensor total = supervised;
        if (options.uses(KdNetOptions.Term.KD)) {
            total = supervised.mul(new Scalar(1 - options.lambda())).add(response.mul(new Scalar(options.lambda())));
        }
        return options.uses(KdNetOptions.Term.KL) ? total.add(bottleneck.mul(new Scalar(options.alpha()))) : total;
    }

    private static Tensor share(Tensor features, long batch) {
        Tensor size = features.reshape(batch, -1).abs();
        Scalar tiny = new Scalar(TINY);
        return size.div(size.sum(new long[] {1}, true, new ScalarTypeOptional()).add(tiny))
                .add(tiny);
    }

    private static Tensor divergence(Tensor logTeacher, Tensor logStudent, long batch) {
        return logTeacher.exp().mul(logTeacher.sub(logStudent)).sum().div(new Scalar((double) batch));
    }
}
