package dev.preceptor.network;

import dev.preceptor.onnx.OnnxGraph;
import dev.preceptor.onnx.OnnxGraph.Attribute;
import dev.preceptor.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Concatenates the features of all sequences, [B, C, X, Y, Z] each, along the channels, with zeros in place of those that are absent. The
 * inputs are the features of the sequences that are present in at least one sample, in the order of the channels.
 *
 * @param present [B][sequences], whether the sequence is present; at least one in each row
 */
record PresentConcat(boolean[][] present) implements RecomputedOp {
    @Override
    public Tensor apply(List<Tensor> inputs) {
        List<Tensor> parts = new ArrayList<>();
        int next = 0;
        for (int c = 0; c < present[0].length; c++) {
            int samples = samples(c);
            if (samples == 0) {
                parts.add(torch.zeros_like(inputs.get(0)));
            } else {
                Tensor features = inputs.get(next);
                next++;
                parts.add(samples == present.length ? features : features.mul(rows(c, features)));
            }
        }
        return Tensors.cat(parts, 1);
    }

    @Override
    public String export(OnnxGraph graph, List<String> inputs) {
        return graph.node("Concat", parts(graph, inputs), Attribute.of("axis", 1));
    }

    /** The features of each sequence, zeros for those that are absent. All samples of a graph have the same sequences. */
    List<String> parts(OnnxGraph graph, List<String> inputs) {
        List<String> parts = new ArrayList<>();
        int next = 0;
        for (boolean isPresent : present[0]) {
            if (isPresent) {
                parts.add(inputs.get(next));
                next++;
            } else {
                parts.add(graph.node("ConstantOfShape", List.of(graph.node("Shape", inputs.subList(0, 1)))));
            }
        }
        return parts;
    }

    /** The number of sequences, present or absent. */
    int sequences() {
        return present[0].length;
    }

    private int samples(int channel) {
        int count = 0;
        for (boolean[] row : present) {
            count += row[channel] ? 1 : 0;
        }
        return count;
    }

    /** 1 for samples in which a sequence is present, and 0 for others, [B, 1, 1, 1, 1]. */
    private Tensor rows(int channel, Tensor like) {
        float[] values = new float[present.length];
        for (int b = 0; b < values.length; b++) {
            values[b] = present[b][channel] ? 1 : 0;
        }
        return Tensors.of(values, values.length, 1, 1, 1, 1).to(like.device(), like.scalar_type());
    }
}
