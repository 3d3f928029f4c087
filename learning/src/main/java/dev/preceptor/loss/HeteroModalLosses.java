package dev.preceptor.loss;

import dev.preceptor.network.Auxiliary;
import dev.preceptor.network.Gaussian;
import dev.preceptor.network.Input;
import dev.preceptor.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The losses of networks for any subset of their sequences, besides that of the segmentation from the subset: of U-HVED (Dorent et al.,
 * MICCAI 2019, arXiv 1907.11150, equations 5 to 7; the weighting of subsets is that of the authors' implementation), RFNet (Ding et
 * al., ICCV 2021, section 3.3) and Robust-MSeg (Chen et al., MICCAI 2019, arXiv 2002.09708, and the authors' implementation).
 */
public final class HeteroModalLosses {
    /** Keeps logarithms finite. */
    private static final double SMALLEST = 1e-7;

    private HeteroModalLosses() {}

    /**
     * The divergence of latents: the mean over samples and levels of the mean KL(q_all || q_S) over the proper subsets S of the
     * sequences of the subject, and the mean KL(q_S || N(0, 1)) over all subsets; each KL is the mean over elements. With four
     * sequences these are 14 and 15 subsets.
     *
     * @param auxiliary features of a training step with {@link Auxiliary#LATENT} of every level and channel
     * @param measured [B][C], the sequences that each subject has
     */
    public static Tensor divergence(Map<String, Tensor> auxiliary, boolean[][] measured) {
        List<Tensor> terms = new ArrayList<>();
        for (int level = 0; auxiliary.containsKey(Auxiliary.LATENT.of(level, 0)); level++) {
            for (int b = 0; b < measured.length; b++) {
                int[] channels = channels(measured[b]);
                List<Gaussian> latents = new ArrayList<>();
                for (int channel : channels) {
                    latents.add(Gaussian.of(
                            auxiliary.get(Auxiliary.LATENT.of(level, channel)).narrow(0, b, 1)));
                }
                terms.add(Tensors.scoped(() -> ofSubsets(latents)));
            }
        }
        return mean(terms);
    }

    private static Tensor ofSubsets(List<Gaussian> latents) {
        int all = (1 << latents.size()) - 1;
        Gaussian complete = product(latents, all);
        List<Tensor> fromSubsets = new ArrayList<>();
        List<Tensor> fromPrior = new ArrayList<>();
        for (int bits = 1; bits <= all; bits++) {
            Gaussian subset = bits == all ? complete : product(latents, bits);
            fromPrior.add(subset.divergenceFromPrior());
            if (bits != all) {
                fromSubsets.add(complete.divergenceFrom(subset));
            }
        }
        return fromSubsets.isEmpty() ? mean(fromPrior) : mean(fromSubsets).add(mean(fromPrior));
    }

    private static Gaussian product(List<Gaussian> latents, int bits) {
        return Gaussian.product(IntStream.range(0, latents.size())
                .filter(i -> (bits >> i & 1) == 1)
                .mapToObj(latents::get)
                .toList());
    }

    /**
     * The error of the reconstructions of the sequences that the subjects have; the mean over elements, then over sequences and
     * samples.
     *
     * @param auxiliary features of a training step with {@link Auxiliary#RECONSTRUCTION} of every channel
     * @param measured the images, and which of them the subjects have
     */
    public static Tensor reconstruction(Map<String, Tensor> auxiliary, Input measured, ReconstructionError error) {
        List<Tensor> terms = new ArrayList<>();
        for (int b = 0; b < measured.present().length; b++) {
            for (int channel : channels(measured.present()[b])) {
                Tensor image = measured.images().narrow(0, b, 1).narrow(1, channel, 1);
                terms.add(error.of(auxiliary
                        .get(Auxiliary.RECONSTRUCTION.of(0, channel))
                        .narrow(0, b, 1)
                        .sub(image)));
            }
        }
        return mean(terms);
    }

    /**
     * The divergence of the appearance of the sequences that the subjects have from the prior: KL(N(scale, shift²) || N(0, 1)), the
     * sum over channels, then the mean over sequences and samples. The scale is taken for a mean and the shift for a deviation, as in
     * the authors' implementation of Robust-MSeg; the logarithm is that of {@code shift² + 1e-7}.
     *
     * @param auxiliary features of a training step with {@link Auxiliary#STYLE} of every channel
     * @param measured [B][C], the sequences that each subject has
     */
    public static Tensor style(Map<String, Tensor> auxiliary, boolean[][] measured) {
        List<Tensor> terms = new ArrayList<>();
        for (int b = 0; b < measured.length; b++) {
            for (int channel : channels(measured[b])) {
                Tensor style = auxiliary.get(Auxiliary.STYLE.of(0, channel)).select(0, b);
                long half = style.size(0) / 2;
                Tensor mean = style.narrow(0, 0, half);
                Tensor variance = style.narrow(0, half, half).square();
                terms.add(mean.square()
                        .add(variance)
                        .sub(new Scalar(1.0))
                        .sub(variance.add(new Scalar(SMALLEST)).log())
                        .sum()
                        .mul(new Scalar(0.5)));
            }
        }
        return mean(terms);
    }

    /**
     * The loss of the segmentations from single sequences against the labels: the mean over the sequences that the subjects have.
     *
     * @param auxiliary features of a training step with {@link Auxiliary#SEPARATE} of every channel
     * @param measured [B][C], the sequences that each subject has
     * @param each the loss of one segmentation
     * @param classes [B, X, Y, Z], int64
     */
    public static Tensor separate(
            Map<String, Tensor> auxiliary, boolean[][] measured, SegmentationLoss each, Tensor classes) {
        List<Tensor> terms = new ArrayList<>();
        for (int b = 0; b < measured.length; b++) {
            for (int channel : channels(measured[b])) {
                Tensor logits = auxiliary.get(Auxiliary.SEPARATE.of(0, channel));
                terms.add(
                        each.of(logits.narrow(0, b, 1), classes.narrow(0, b, 1)).total());
            }
        }
        return mean(terms);
    }

    /**
     * The loss of the probability maps against the labels, the mean over the levels. The probabilities are upsampled to the full
     * resolution, trilinear with {@code align_corners}.
     *
     * @param auxiliary features of a training step with {@link Auxiliary#PROBABILITY_MAP} of every level
     * @param each the loss of logits of classes
     * @param classes [B, X, Y, Z], int64
     */
    public static Tensor probabilityMaps(Map<String, Tensor> auxiliary, SegmentationLoss each, Tensor classes) {
        List<Tensor> terms = new ArrayList<>();
        for (int level = 0; auxiliary.containsKey(Auxiliary.PROBABILITY_MAP.of(level, 0)); level++) {
            Tensor logits = auxiliary.get(Auxiliary.PROBABILITY_MAP.of(level, 0));
            terms.add(each.of(level == 0 ? logits : upsampled(logits, classes), classes)
                    .total());
        }
        return mean(terms);
    }

    /** Logits of the upsampled probabilities: their logarithms, for interpolated probabilities sum to 1 too. */
    private static Tensor upsampled(Tensor logits, Tensor classes) {
        long[] extents = {classes.size(1), classes.size(2), classes.size(3)};
        return torch.upsample_trilinear3d(torch.softmax(logits, 1), extents, true)
                .clamp_min(new Scalar(SMALLEST))
                .log();
    }

    private static int[] channels(boolean[] measured) {
        return IntStream.range(0, measured.length).filter(c -> measured[c]).toArray();
    }

    private static Tensor mean(List<Tensor> terms) {
        return terms.stream().reduce(Tensor::add).orElseThrow().div(new Scalar((double) terms.size()));
    }
}
