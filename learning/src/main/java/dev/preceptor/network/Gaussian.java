package dev.preceptor.network;

import dev.preceptor.onnx.OnnxGraph;
import dev.preceptor.onnx.OnnxGraph.Attribute;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;

/**
 * A normal distribution of each element, with a diagonal covariance: the latents of a hetero-modal variational encoder-decoder
 * (Dorent et al., MICCAI 2019, arXiv 1907.11150).
 *
 * @param mean any shape
 * @param logVariance the same shape
 */
public record Gaussian(Tensor mean, Tensor logVariance) {
    /** The logarithm of a variance stays within these bounds, so that the variance is a finite number above 0. */
    private static final double BOUND = 50;

    private static final double EPSILON = 1e-7;

    /**
     * The two halves of the channels of a feature map: the mean, and the logarithm of the variance, clipped to [-50, 50].
     *
     * @param features [B, 2C, X, Y, Z]
     */
    public static Gaussian of(Tensor features) {
        long channels = features.size(1) / 2;
        return new Gaussian(
                features.narrow(1, 0, channels),
                features.narrow(1, channels, channels).clamp(scalarOptional(-BOUND), scalarOptional(BOUND)));
    }

    private static ScalarOptional scalarOptional(double value) {
        return new ScalarOptional(new Scalar(value));
    }

    /**
     * The product of independent experts and the prior N(0, 1) (equation 4 of the paper): the precisions add up, and the mean is that
     * of the experts weighted by precision.
     *
     * @param experts at least one, of equal shape
     */
    public static Gaussian product(List<Gaussian> experts) {
        Tensor precisions = null;
        Tensor weighted = null;
        for (Gaussian expert : experts) {
            Tensor precision = expert.logVariance.exp().add(new Scalar(EPSILON)).reciprocal();
            Tensor product = expert.mean.mul(precision);
            precisions = precisions == null ? precision : precisions.add(precision);
            weighted = weighted == null ? product : weighted.add(product);
        }
        Tensor total = precisions.add(new Scalar(1.0));
        return new Gaussian(
                weighted.div(total), total.reciprocal().add(new Scalar(EPSILON)).log());
    }

    /**
     * The nodes of the mean of the {@link #product} of features, each [B, 2C, X, Y, Z] as in {@link #of}.
     *
     * @return the name of the mean, [B, C, X, Y, Z]
     */
    static String meanOfProduct(OnnxGraph graph, List<String> features) {
        String precisions = graph.number(1);
        String weighted = "";
        for (String feature : features) {
            List<String> halves = graph.nodes("Split", List.of(feature), 2, Attribute.of("axis", 1));
            String logVariance = graph.node("Clip", List.of(halves.get(1), graph.number(-BOUND), graph.number(BOUND)));
            String variance =
                    graph.node("Add", List.of(graph.node("Exp", List.of(logVariance)), graph.number(EPSILON)));
            String precision = graph.node("Reciprocal", List.of(variance));
            String product = graph.node("Mul", List.of(halves.get(0), precision));
            precisions = graph.node("Add", List.of(precisions, precision));
            weighted = weighted.isEmpty() ? product : graph.node("Add", List.of(weighted, product));
        }
        return graph.node("Div", List.of(weighted, precisions));
    }

    /**
     * A sample by the reparametrisation {@code mean + deviation * noise}.
     *
     * @param noise from N(0, 1), [B, C, X, Y, Z]
     * @return [B, C, X, Y, Z]
     */
    public Tensor sample(Tensor noise) {
        return mean.add(logVariance.mul(new Scalar(0.5)).exp().mul(noise));
    }

    /** The Kullback-Leibler divergence of this distribution from another, KL(this || other), the mean over the elements: a scalar. */
    public Tensor divergenceFrom(Gaussian other) {
        Tensor distance = mean.sub(other.mean).square().add(logVariance.exp());
        return other.logVariance
                .sub(logVariance)
                .add(distance.mul(other.logVariance.neg().exp()))
                .sub(new Scalar(1.0))
                .mean()
                .mul(new Scalar(0.5));
    }

    /** {@link #divergenceFrom} N(0, 1): a scalar. */
    public Tensor divergenceFromPrior() {
        return mean.square()
                .add(logVariance.exp())
                .sub(logVariance)
                .sub(new Scalar(1.0))
                .mean()
                .mul(new Scalar(0.5));
    }
}
