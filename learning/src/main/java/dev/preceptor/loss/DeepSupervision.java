package dev.preceptor.loss;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Deep supervision with nnU-Net's weights (Isensee et al., Nature Methods 2021): the sum of a loss over resolutions, with the
 * weight 1/2^i at 1/2^i of the full resolution, normalised to a sum of one. nnU-Net gives its coarsest head the weight 0;
 * here that head is not built.
 *
 * @param each the loss at each resolution
 * @param heads number of heads below the full resolution, at least 1
 */
public record DeepSupervision(SegmentationLoss each, int heads) implements SegmentationLoss {
    /** Deep supervision with this number of heads; for 0 heads the loss at full resolution alone. */
    public static SegmentationLoss of(SegmentationLoss each, int heads) {
        return heads == 0 ? each : new DeepSupervision(each, heads);
    }

    /** The weights from the full resolution down; their sum is one. */
    static double[] weights(int heads) {
        double[] weights = new double[heads + 1];
        double sum = 0;
        for (int i = 0; i <= heads; i++) {
            weights[i] = 1.0 / (1L << i);
            sum += weights[i];
        }
        for (int i = 0; i <= heads; i++) {
            weights[i] /= sum;
        }
        return weights;
    }

    /** Labels [B, X, Y, Z] / 2^i for each level i from 0 to {@code levels}, by taking every 2^i-th voxel of each axis. */
    public static List<Tensor> pyramid(Tensor classes, int levels) {
        List<Tensor> pyramid = new ArrayList<>(List.of(classes));
        for (int i = 1; i <= levels; i++) {
            Tensor coarse = classes;
            for (int axis = 1; axis <= 3; axis++) {
                coarse = coarse.slice(axis, new LongOptional(), new LongOptional(), 1L << i);
            }
            pyramid.add(coarse);
        }
        return pyramid;
    }

    @Override
    public LossTerms of(Tensor logits, Tensor classes) {
        return each.of(logits, classes);
    }

    /** @param logits from the full resolution down; one tensor more than heads */
    @Override
    public LossTerms of(List<Tensor> logits, Tensor classes) {
        List<Tensor> pyramid = pyramid(classes, heads);
        double[] weights = weights(heads);
        Map<String, Tensor> deepTerms = new LinkedHashMap<>();
        Tensor total = each.of(logits.get(0), classes).total().mul(new Scalar(weights[0]));
        for (int i = 1; i <= heads; i++) {
            Tensor loss = each.of(logits.get(i), pyramid.get(i)).total();
            deepTerms.put("deep" + i + "_gt", loss.detach());
            total = total.add(loss.mul(new Scalar(weights[i])));
        }
        Map<String, Tensor> terms = new LinkedHashMap<>();
        terms.put(LossTerms.SUPERVISED, total);
        terms.putAll(deepTerms);
        return new LossTerms(total, terms);
    }
}
