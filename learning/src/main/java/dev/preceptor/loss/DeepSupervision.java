package dev.preceptor.loss;

import dev.preceptor.network.Features;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Supervision of a network at several resolutions, with nnU-Net's weights (methods.md 8.2): 1/2^i for the head at 1/2^i of
 * the resolution, normalised to a sum of one. The coarsest head of nnU-Net has no weight; here it is not built, so that
 * three heads are nnU-Net's five less one and the full resolution.
 *
 * @param each the loss at each resolution
 * @param heads how many heads learn below the full resolution, at least 1
 */
public record DeepSupervision(SegmentationLoss each, int heads) implements SegmentationLoss {
    /** Supervision at full resolution and, if there are to be any, by further heads. */
    public static SegmentationLoss of(SegmentationLoss each, int heads) {
        return heads == 0 ? each : new DeepSupervision(each, heads);
    }

    /** The weights from the full resolution down; they sum up to one. */
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

    /** Labels [B, X, Y, Z] / 2^i by level i, from the full resolution down, by the nearest voxel: every 2^i-th. */
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

    @Override
    public LossTerms of(Features features, Tensor classes) {
        List<Tensor> logits = new ArrayList<>(List.of(features.logits()));
        logits.addAll(features.deep());
        return of(logits, classes);
    }

    /** @param logits from the full resolution down, one more than heads */
    LossTerms of(List<Tensor> logits, Tensor classes) {
        List<Tensor> pyramid = pyramid(classes, heads);
        double[] weights = weights(heads);
        Map<String, Tensor> deeper = new LinkedHashMap<>();
        Tensor total = each.of(logits.get(0), classes).total().mul(new Scalar(weights[0]));
        for (int i = 1; i <= heads; i++) {
            Tensor loss = each.of(logits.get(i), pyramid.get(i)).total();
            deeper.put("deep" + i + "_gt", loss.detach());
            total = total.add(loss.mul(new Scalar(weights[i])));
        }
        Map<String, Tensor> terms = new LinkedHashMap<>();
        terms.put("gt", total);
        terms.putAll(deeper);
        return new LossTerms(total, terms);
    }
}
