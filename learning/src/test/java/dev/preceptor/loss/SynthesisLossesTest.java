package dev.preceptor.loss;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.preceptor.GoldenFiles;
import dev.preceptor.tensor.Safetensors;
import dev.preceptor.tensor.Tensors;
import dev.preceptor.tensor.Torch;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** make_synthesis_fixture.py computes the expected values with PyTorch in float64, window by window. */
class SynthesisLossesTest {
    @BeforeAll
    static void open() {
        Torch.open();
    }

    private static Tensor tensor(Safetensors file, String name) {
        return file.arrays().get("losses/" + name).toTensor();
    }

    private static void assertValue(Safetensors file, String name, Tensor found) {
        float expected = Tensors.toFloats(tensor(file, name))[0];
        assertEquals(expected, found.item().toDouble(), 1e-5 * Math.abs(expected), name);
    }

    /** The images are narrower than a window along one axis, and one is zero throughout. */
    @Test
    void bothAgreeWithPyTorchWithTheirGradient() {
        Safetensors file = GoldenFiles.read("synthesis.safetensors");
        try (PointerScope scope = new PointerScope()) {
            Tensor synthesised = tensor(file, "synthesised").set_requires_grad(true);
            Tensor real = tensor(file, "real");
            Tensor error = SynthesisLosses.absoluteError(synthesised, real);
            Tensor similarity = SynthesisLosses.similarity(synthesised, real);
            assertValue(file, "absolute_error", error);
            assertValue(file, "similarity", similarity);
            error.sub(similarity.mul(new Scalar(0.5))).backward();
            assertArrayEquals(Tensors.toFloats(tensor(file, "gradient")), Tensors.toFloats(synthesised.grad()), 1e-6f);
        }
    }

    @Test
    void equalImagesHaveNoErrorAndSimilarityOne() {
        try (PointerScope scope = new PointerScope()) {
            Tensor image = torch.randn(1, 2, 8, 8, 8);
            assertEquals(0, SynthesisLosses.absoluteError(image, image).item().toDouble());
            assertEquals(1, SynthesisLosses.similarity(image, image).item().toDouble(), 1e-6);
        }
    }
}
