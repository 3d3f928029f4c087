package dev.preceptor.network;

import static dev.preceptor.network.Gradients.assertClose;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.preceptor.GoldenFiles;
import dev.preceptor.base.Settings;
import dev.preceptor.network.spi.Networks;
import dev.preceptor.tensor.Safetensors;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/** Compares a network with its second writing in PyTorch: a file of make_network_fixture.py, computed in float64. */
final class NetworkGolden {
    private static final String WEIGHTS = "weights/";
    private static final String GRADIENTS = "gradients/";

    private NetworkGolden() {}

    /** Asserts that all outputs agree to 1e-5 and the gradients of all weights to 1e-4 of the largest value. */
    static void assertAgrees(String network, String fixture) {
        Safetensors file = GoldenFiles.read(fixture);
        Map<String, Object> arguments = arguments(file);
        NetworkSpec spec = new NetworkSpec(
                network, (Integer) arguments.remove("inputs"), (Integer) arguments.remove("outputs"), arguments);
        try (PointerScope scope = new PointerScope();
                Network built = Networks.build(spec, 7)) {
            Map<String, Tensor> weights = new LinkedHashMap<>();
            file.arrays().forEach((name, array) -> {
                if (name.startsWith(WEIGHTS)) {
                    weights.put(name.substring(WEIGHTS.length()), array.toTensor());
                }
            });
            built.parameters().assign(weights);
            Features features = built.forward(file.arrays().get("input").toTensor());
            Tensor loss = null;
            for (Map.Entry<String, Tensor> output : outputs(features).entrySet()) {
                assertClose(file.arrays().get(output.getKey()).toTensor(), output.getValue(), 1e-5, output.getKey());
                Tensor squared = output.getValue().square().mean();
                loss = loss == null ? squared : loss.add(squared);
            }
            loss.backward();
            features.backward();
            long compared = built.parameters().asMap().entrySet().stream()
                    .filter(weight -> file.arrays().containsKey(GRADIENTS + weight.getKey()))
                    .peek(weight -> assertClose(
                            file.arrays().get(GRADIENTS + weight.getKey()).toTensor(),
                            weight.getValue().grad(),
                            1e-4,
                            "gradient of " + weight.getKey()))
                    .count();
            assertEquals(
                    file.arrays().keySet().stream()
                            .filter(name -> name.startsWith(GRADIENTS))
                            .count(),
                    compared);
        }
    }

    @SuppressWarnings("unchecked") // a JSON object has names as keys
    private static Map<String, Object> arguments(Safetensors file) {
        return new TreeMap<>((Map<String, Object>) Settings.JSON.convertValue(
                Settings.JSON.readTree(file.metadata().get("network")), Map.class));
    }

    private static Map<String, Tensor> outputs(Features features) {
        Map<String, Tensor> outputs = new LinkedHashMap<>();
        outputs.put("logits", features.logits());
        outputs.put("bottleneck", features.bottleneck());
        for (int level = 0; level < features.levels(); level++) {
            outputs.put("decoder" + level, features.decoder(level));
        }
        List<Tensor> deep = features.deep();
        for (int i = 0; i < deep.size(); i++) {
            outputs.put("deep" + (i + 1), deep.get(i));
        }
        return outputs;
    }
}
