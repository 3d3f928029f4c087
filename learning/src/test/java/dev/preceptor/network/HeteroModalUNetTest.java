package dev.preceptor.network;

import static dev.preceptor.network.Gradients.assertClose;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.GoldenFiles;
import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.network.spi.Networks;
import dev.preceptor.tensor.Safetensors;
import dev.preceptor.tensor.Tensors;
import dev.preceptor.tensor.Torch;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** U-HeMIS and U-HVED; make_hetero_modal_fixture.py computes the expected values with PyTorch in float64. */
class HeteroModalUNetTest {
    private static final boolean[][] PRESENT = {{true, false, true}, {false, true, false}};

    @BeforeAll
    static void open() {
        Torch.open();
    }

    private static Network network(String name, int inputs, List<Integer> widths) {
        return Networks.build(new NetworkSpec(name, inputs, 3, Map.of("widths", widths)), 7);
    }

    private static Network golden(String name, Safetensors file) {
        Network network = network(name, 3, List.of(4, 8, 12));
        new SubsetGolden(file).assign(network);
        return network;
    }

    @ParameterizedTest
    @ValueSource(strings = {HeteroModalUNet.U_HEMIS, HeteroModalUNet.U_HVED})
    void forwardAgreesWithPyTorchForSamplesWithDifferentSequences(String name) {
        Safetensors file = GoldenFiles.read(name + ".safetensors");
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard();
                Network network = golden(name, file)) {
            Features features =
                    network.forward(new Input(file.arrays().get("input").toTensor(), PRESENT), Computation.PLAIN);
            assertClose(file.arrays().get("logits").toTensor(), features.logits(), 1e-5, "logits");
            assertClose(file.arrays().get("bottleneck").toTensor(), features.bottleneck(), 1e-5, "bottleneck");
            assertTrue(features.auxiliary().isEmpty());
        }
    }

    @Test
    void inTrainingItGivesTheLatentsAndReconstructionsOfEverySequence() {
        Safetensors file = GoldenFiles.read("u-hved.safetensors");
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard();
                Network network = golden(HeteroModalUNet.U_HVED, file)) {
            Tensor images = file.arrays().get("input").toTensor();
            Map<String, Tensor> auxiliary = network.forward(
                            new Input(images, PRESENT, OptionalLong.of(1)), Computation.PLAIN)
                    .auxiliary();
            for (int c = 0; c < 3; c++) {
                for (int level = 0; level < 3; level++) {
                    String latent = Auxiliary.LATENT.of(level, c);
                    assertClose(file.arrays().get(latent).toTensor(), auxiliary.get(latent), 1e-5, latent);
                }
                assertArrayEquals(
                        new long[] {2, 1, 8, 4, 8}, Tensors.shape(auxiliary.get(Auxiliary.RECONSTRUCTION.of(0, c))));
            }
        }
    }

    @Test
    void samplesDependOnTheSeedAndTheirMeanIsThePrediction() {
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard();
                Network network = network(HeteroModalUNet.U_HVED, 2, List.of(4, 8))) {
            Tensor images = torch.randn(1, 2, 8, 8, 8);
            boolean[][] present = {{true, true}};
            Tensor mean = network.forward(new Input(images, present)).bottleneck();
            Tensor sum = torch.zeros_like(mean);
            int samples = 400;
            for (int seed = 0; seed < samples; seed++) {
                try (PointerScope inner = new PointerScope()) {
                    sum.add_(network.forward(new Input(images, present, OptionalLong.of(seed)))
                            .bottleneck());
                }
            }
            Tensor once = network.forward(new Input(images, present, OptionalLong.of(3)))
                    .bottleneck();
            Tensor again = network.forward(new Input(images, present, OptionalLong.of(3)))
                    .bottleneck();
            assertArrayEquals(Tensors.toFloats(once), Tensors.toFloats(again));
            assertFalse(Arrays.equals(Tensors.toFloats(once), Tensors.toFloats(mean)));
            // A latent has a variance of at most 1, the prior's.
            double largest = sum.div(new Scalar((double) samples))
                    .sub(mean)
                    .abs()
                    .max()
                    .item()
                    .toDouble();
            assertTrue(largest < 5 / Math.sqrt(samples), "deviation " + largest);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {HeteroModalUNet.U_HEMIS, HeteroModalUNet.U_HVED})
    void allFifteenSubsetsGiveDifferentPredictionsThatDoNotDependOnWhatIsAbsent(String name) {
        try (Network network = network(name, 4, List.of(4, 8))) {
            SubsetGolden.assertAbsentSequencesHaveNoInfluence(network);
        }
    }

    @Test
    void aSampleWithoutAnySequenceIsRefused() {
        try (PointerScope scope = new PointerScope();
                Network network = network(HeteroModalUNet.U_HEMIS, 2, List.of(4, 8))) {
            Input none = Input.of(torch.zeros(1, 2, 4, 4, 4), new boolean[2]);
            assertThrows(IllegalArgumentException.class, () -> network.forward(none));
        }
    }

    @Test
    void widthsThatCannotBeHalvedTwiceAreRefused() {
        String message = assertThrows(
                        InvalidRecipeException.class, () -> network(HeteroModalUNet.U_HVED, 2, List.of(4, 6)))
                .getMessage();
        assertEquals("network.widths of u-hved must be divisible by 4, the first by 2, not [4, 6]", message);
    }

    @Test
    void hasTheFeaturesThatItDeclares() {
        for (String name : List.of(HeteroModalUNet.U_HEMIS, HeteroModalUNet.U_HVED)) {
            try (PointerScope scope = new PointerScope();
                    NoGradGuard guard = new NoGradGuard();
                    Network network = network(name, 2, List.of(8, 16, 32, 64))) {
                assertEquals(List.of(4, 8, 16), network.decoderChannels());
                assertEquals(8, network.totalStride());
                Features features = network.forward(torch.zeros(1, 2, 8, 8, 8));
                assertArrayEquals(
                        new long[] {1, network.bottleneckChannels(), 1, 1, 1}, Tensors.shape(features.bottleneck()));
                for (int level = 0; level < 3; level++) {
                    assertEquals(network.decoderChannels().get(level), (int)
                            features.decoder(level).size(1));
                }
            }
        }
    }
}
