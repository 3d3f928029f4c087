package dev.preceptor.network;

import static dev.preceptor.network.Gradients.assertClose;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.preceptor.GoldenFiles;
import dev.preceptor.tensor.Safetensors;
import dev.preceptor.tensor.Tensors;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Compares a network for any subset of its sequences with its second writing in PyTorch, which gives all auxiliary features. */
record SubsetGolden(Safetensors file) {
    private static final String WEIGHTS = "weights/";
    private static final String GRADIENTS = "gradients/";

    static SubsetGolden read(String name) {
        return new SubsetGolden(GoldenFiles.read(name));
    }

    Tensor array(String name) {
        return file.arrays().get(name).toTensor();
    }

    void assign(Network network) {
        Map<String, Tensor> weights = new LinkedHashMap<>();
        file.arrays().forEach((name, array) -> {
            if (name.startsWith(WEIGHTS)) {
                weights.put(name.substring(WEIGHTS.length()), array.toTensor());
            }
        });
        network.parameters().assign(weights);
    }

    /** Asserts that all outputs of a step agree to 1e-5, and the gradients of weights to 1e-4 of the largest value. */
    void assertAgrees(Network network, Input input) {
        Features features = network.forward(input);
        Map<String, Tensor> outputs = new LinkedHashMap<>(features.auxiliary());
        outputs.put("logits", features.logits());
        outputs.put("bottleneck", features.bottleneck());
        for (int level = 0; level < features.levels(); level++) {
            outputs.put("decoder" + level, features.decoder(level));
        }
        outputs.forEach((name, output) -> assertClose(array(name), output, 1e-5, name));
        Tensor loss = outputs.values().stream()
                .map(output -> output.square().mean())
                .reduce(Tensor::add)
                .orElseThrow();
        loss.backward();
        features.backward();
        Map<String, Tensor> weights = network.parameters().asMap();
        file.arrays().keySet().stream()
                .filter(name -> name.startsWith(GRADIENTS))
                .forEach(name -> assertClose(
                        array(name),
                        weights.get(name.substring(GRADIENTS.length())).grad(),
                        1e-4,
                        name));
    }

    /** Asserts for a network of four sequences that each subset gives a prediction of its own, whatever absent channels contain. */
    static void assertAbsentSequencesHaveNoInfluence(Network network) {
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            torch.manual_seed(5);
            Tensor images = torch.randn(1, 4, 4, 4, 4);
            Map<List<Float>, Integer> seen = new LinkedHashMap<>();
            for (int bits = 1; bits < 16; bits++) {
                boolean[] present = new boolean[4];
                Tensor other = images.clone();
                for (int c = 0; c < 4; c++) {
                    present[c] = (bits >> c & 1) == 1;
                    if (!present[c]) {
                        other.select(1, c).fill_(new Scalar(100.0));
                    }
                }
                float[] logits = Tensors.toFloats(
                        network.forward(Input.of(images, present)).logits());
                float[] again = Tensors.toFloats(
                        network.forward(Input.of(other, present)).logits());
                assertArrayEquals(logits, again, "subset " + bits);
                seen.put(List.of(logits[0], logits[1], logits[2]), bits);
            }
            assertEquals(15, seen.size());
        }
    }
}
