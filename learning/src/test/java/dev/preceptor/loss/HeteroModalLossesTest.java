package dev.preceptor.loss;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.preceptor.GoldenFiles;
import dev.preceptor.network.Input;
import dev.preceptor.tensor.Safetensors;
import dev.preceptor.tensor.Tensors;
import dev.preceptor.tensor.Torch;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** make_hetero_modal_fixture.py computes the expected values with PyTorch in float64. */
class HeteroModalLossesTest {
    /** The second subject lacks a sequence. */
    private static final boolean[][] MEASURED = {{true, true, true}, {true, false, true}};

    @BeforeAll
    static void open() {
        Torch.open();
    }

    private static Map<String, Tensor> auxiliary(Safetensors file) {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        file.arrays().forEach((name, array) -> tensors.put(name, array.toTensor()));
        return tensors;
    }

    private static void assertValue(Safetensors file, String name, Tensor found) {
        float expected = Tensors.toFloats(file.arrays().get(name).toTensor())[0];
        assertEquals(expected, found.item().toDouble(), 1e-5 * Math.abs(expected), name);
    }

    @Test
    void bothAgreeWithPyTorchForSubjectsWithDifferentSequences() {
        Safetensors file = GoldenFiles.read("u-hved.safetensors");
        try (PointerScope scope = new PointerScope()) {
            Map<String, Tensor> auxiliary = auxiliary(file);
            assertValue(file, "divergence", HeteroModalLosses.divergence(auxiliary, MEASURED));
            assertValue(
                    file,
                    "error",
                    HeteroModalLosses.reconstruction(auxiliary, new Input(auxiliary.get("input"), MEASURED)));
        }
    }
}
