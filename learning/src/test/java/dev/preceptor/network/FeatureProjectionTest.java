package dev.preceptor.network;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.network.spi.Networks;
import dev.preceptor.tensor.Tensors;
import dev.preceptor.tensor.Torch;
import java.util.Arrays;
import java.util.function.LongSupplier;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class FeatureProjectionTest {
    private static final LongSupplier SEED = () -> 7;
    private static final LongSupplier NEVER = () -> {
        throw new AssertionError("weights are drawn");
    };

    @BeforeAll
    static void open() {
        Torch.open();
    }

    @ParameterizedTest
    @MethodSource("dev.preceptor.network.TapeTest#networks")
    void aNetworkDeclaresTheShapeOfItsBottleneck(NetworkSpec spec) {
        try (PointerScope scope = new PointerScope();
                Network network = Networks.build(spec, 1)) {
            Tensor bottleneck =
                    network.forward(torch.randn(1, spec.inputs(), 8, 8, 8)).bottleneck();
            FeatureShape declared = FeatureShape.ofBottleneck(network);
            assertEquals(new FeatureShape((int) bottleneck.size(1), 8 / (int) bottleneck.size(2)), declared, spec + "");
        }
    }

    @Test
    void equalShapesStayAsTheyAreWithoutWeights() {
        try (PointerScope scope = new PointerScope()) {
            FeatureShape shape = new FeatureShape(4, 8);
            FeatureProjection projection = new FeatureProjection(shape, shape, NEVER);
            Tensor features = torch.randn(1, 4, 2, 2, 2);
            assertSame(features, projection.ofStudent(features));
            assertSame(features, projection.ofTeacher(features));
            assertEquals(0, projection.parameters().count());
        }
    }

    @ParameterizedTest
    @CsvSource({"3,8, 5,8, 2", "3,4, 5,8, 2", "5,8, 3,2, 2", "4,2, 4,8, 2"})
    void bothMapsHaveTheTeachersChannelsAtTheCoarserResolution(
            int channels, int stride, int teacherChannels, int teacherStride, long edge) {
        try (PointerScope scope = new PointerScope()) {
            FeatureProjection projection = new FeatureProjection(
                    new FeatureShape(channels, stride), new FeatureShape(teacherChannels, teacherStride), SEED);
            long[] expected = {2, teacherChannels, edge, edge, edge};
            assertArrayEquals(expected, Tensors.shape(projection.ofStudent(map(channels, 16 / stride))));
            assertArrayEquals(expected, Tensors.shape(projection.ofTeacher(map(teacherChannels, 16 / teacherStride))));
            assertEquals(
                    channels == teacherChannels ? 0 : (channels + 1L) * teacherChannels,
                    projection.parameters().count());
        }
    }

    private static Tensor map(int channels, int edge) {
        return torch.randn(2, channels, edge, edge, edge);
    }

    @Test
    void aFinerMapIsAveragedOverBlocks() {
        try (PointerScope scope = new PointerScope()) {
            FeatureProjection projection = new FeatureProjection(new FeatureShape(1, 4), new FeatureShape(1, 8), NEVER);
            Tensor features = torch.arange(new Scalar(64.0f)).reshape(1, 1, 4, 4, 4);
            float[] averaged = Tensors.toFloats(projection.ofStudent(features));
            // The first block has the voxels 0, 1, 4, 5, 16, 17, 20, 21.
            assertEquals(8, averaged.length);
            assertEquals(10.5f, averaged[0]);
            assertEquals(31.5, mean(averaged), 1e-5);
        }
    }

    private static double mean(float[] values) {
        double sum = 0;
        for (float value : values) {
            sum += value;
        }
        return sum / values.length;
    }

    @Test
    void gradientsReachTheStudentsFeaturesAndTheWeights() {
        try (PointerScope scope = new PointerScope()) {
            FeatureProjection projection = new FeatureProjection(new FeatureShape(3, 4), new FeatureShape(5, 8), SEED);
            Tensor student = map(3, 4).set_requires_grad(true);
            projection.ofStudent(student).square().sum().backward();
            assertTrue(student.grad().abs().sum().item_double() > 0);
            projection
                    .parameters()
                    .asMap()
                    .forEach((name, weight) ->
                            assertTrue(weight.grad().abs().sum().item_double() > 0, name));
            projection.parameters().close();
        }
    }

    @Test
    void theSeedDeterminesTheWeights() {
        assertArrayEquals(weights(7), weights(7));
        assertFalse(Arrays.equals(weights(7), weights(8)));
    }

    private static float[] weights(long seed) {
        try (PointerScope scope = new PointerScope();
                Parameters parameters = new FeatureProjection(
                                new FeatureShape(3, 4), new FeatureShape(5, 4), () -> seed)
                        .parameters()) {
            return Tensors.toFloats(parameters.asMap().get("conv.weight"));
        }
    }

    @Test
    void shapesWithoutACommonResolutionAreRefused() {
        FeatureShape third = new FeatureShape(4, 6);
        FeatureShape quarter = new FeatureShape(4, 4);
        assertFalse(third.hasResolutionInCommonWith(quarter));
        assertThrows(IllegalArgumentException.class, () -> new FeatureProjection(third, quarter, NEVER));
    }
}
