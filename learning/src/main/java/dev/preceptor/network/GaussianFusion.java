package dev.preceptor.network;

import dev.preceptor.onnx.OnnxGraph;
import dev.preceptor.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/**
 * The fusion of U-HVED (Dorent et al., MICCAI 2019, arXiv 1907.11150, section 2.2): the features of each sequence, [B, 2C, X, Y, Z], are
 * {@link Gaussian} latents; the output [B, C, X, Y, Z] is a sample of their {@linkplain Gaussian#product product}, or its mean.
 *
 * @param present for each input, [B][inputs], whether the sequence is present; at least one in each row
 * @param noise standard normal [B, C, X, Y, Z]; empty for the mean
 */
record GaussianFusion(boolean[][] present, Optional<Tensor> noise) implements RecomputedOp {
    @Override
    public Tensor apply(List<Tensor> inputs) {
        List<Tensor> latents = new ArrayList<>();
        for (int b = 0; b < present.length; b++) {
            int row = b;
            Gaussian fused = Gaussian.product(IntStream.range(0, inputs.size())
                    .filter(c -> present[row][c])
                    .mapToObj(c -> Gaussian.of(inputs.get(c).narrow(0, row, 1)))
                    .toList());
            latents.add(noise.map(n -> fused.sample(n.narrow(0, row, 1))).orElse(fused.mean()));
        }
        return Tensors.cat(latents, 0);
    }

    /** The mean. All samples of a graph have the same sequences, which are those of the inputs. */
    @Override
    public String export(OnnxGraph graph, List<String> inputs) {
        return Gaussian.meanOfProduct(graph, inputs);
    }
}
