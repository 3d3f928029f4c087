package dev.preceptor.network;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.tensor.Tensors;
import dev.preceptor.tensor.Torch;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Operations that handle a large tensor slab by slab give what they give for the whole. */
class LargeTensorsTest {
    @BeforeAll
    static void open() {
        Torch.open();
        torch.manual_seed(3);
    }

    private static Tensor large(long channels, long x, long y, long z) {
        Tensor tensor = torch.randn(1, channels, x, y, z).contiguous(torch.MemoryFormat.ChannelsLast3d);
        assertTrue(Slabs.of(tensor).count() > 1);
        return tensor;
    }

    private static NormActivation norm(long channels, int groups) {
        return new NormActivation(
                groups, Optional.of(new NormActivation.ScaleShift(torch.rand(channels), torch.randn(channels))), 0.01);
    }

    /** The norm of the whole tensor in float64. */
    private static Tensor reference(NormActivation norm, Tensor x) {
        Tensor inGroups = x.contiguous().view(1, norm.groups(), -1).to(torch.ScalarType.Double);
        Tensor mean = inGroups.mean(new long[] {2}, true, new ScalarTypeOptional());
        Tensor centred = inGroups.sub(mean);
        Tensor variance = centred.square().mean(new long[] {2}, true, new ScalarTypeOptional());
        Tensor normed = centred.div(variance.add(new Scalar(1e-5)).sqrt()).view(Tensors.shape(x));
        Tensor affine = normed.mul(
                        Layers.perChannel(norm.affine().orElseThrow().weight().unsqueeze(0)))
                .add(Layers.perChannel(norm.affine().orElseThrow().bias().unsqueeze(0)));
        return torch.leaky_relu(affine, new Scalar(0.01)).to(torch.ScalarType.Float);
    }

    @ParameterizedTest
    @CsvSource({"3, 1, 1", "3, 2, 1", "1, 1, 0"})
    void aConvolutionOfANormInSlabsIsThatOfTheWhole(int kernel, int stride, int padding) {
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            Tensor x = large(20, 61, 128, 128);
            NormActivation norm = norm(20, 4);
            Convolution convolution = new Convolution(
                    torch.randn(2, 20, kernel, kernel, kernel), Optional.of(torch.randn(2)), stride, padding);
            Tensor expected = convolution.apply(reference(norm, x).contiguous(torch.MemoryFormat.ChannelsLast3d));
            Tensor found = convolution.apply(norm, List.of(x));
            assertArrayEquals(Tensors.shape(expected), Tensors.shape(found));
            assertEquals(0, largestDifference(expected, found), 2e-4);
        }
    }

    @Test
    void aNormInSlabsThatTakesOverItsInputIsThatOfTheWhole() {
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            Tensor x = large(20, 61, 128, 128);
            NormActivation norm = norm(20, 20);
            Tensor expected = norm.apply(List.of(x));
            assertEquals(0, largestDifference(reference(norm, x), expected), 1e-4);
            long address = x.data_ptr().address();
            Tensor found = norm.applyLast(List.of(x));
            assertEquals(address, found.data_ptr().address());
            assertEquals(0, largestDifference(expected, found), 0);
        }
    }

    @Test
    void aTransposedConvolutionInSlabsIsThatOfTheWhole() {
        try (PointerScope scope = new PointerScope()) {
            Tensor x = torch.randn(1, 16, 26, 32, 40).contiguous(torch.MemoryFormat.ChannelsLast3d);
            TransposedConvolution up = new TransposedConvolution(torch.randn(16, 64, 2, 2, 2), torch.randn(64));
            Tensor expected = torch.conv_transpose3d(
                    x,
                    up.weight(),
                    new TensorOptional(up.bias()),
                    new long[] {2, 2, 2},
                    new long[] {0, 0, 0},
                    new long[] {0, 0, 0},
                    1,
                    new long[] {1, 1, 1});
            assertTrue(Slabs.of(expected).count() > 1);
            assertEquals(0, largestDifference(expected, up.apply(x)), 1e-4);
            try (NoGradGuard guard = new NoGradGuard()) {
                assertEquals(0, largestDifference(expected, up.apply(x)), 1e-4);
            }
        }
    }

    @Test
    void slabsCoverEachRowOnce() {
        List<Long> rows = new ArrayList<>();
        new Slabs(23, 5).forEach((first, count) -> {
            for (long row = first; row < first + count; row++) {
                rows.add(row);
            }
        });
        assertEquals(LongStream.range(0, 23).boxed().toList(), rows);
    }

    private static double largestDifference(Tensor a, Tensor b) {
        return a.sub(b).abs().max().item_double();
    }
}
