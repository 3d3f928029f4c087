package dev.preceptor.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.preceptor.distill.LossTerm;
import dev.preceptor.distill.ParameterGroup;
import dev.preceptor.network.Parameters;
import dev.preceptor.tensor.ArrayData;
import dev.preceptor.tensor.Tensors;
import dev.preceptor.tensor.Torch;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Adam;
import org.bytedeco.pytorch.AdamOptions;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Compares Adam with the optimizer of libtorch. */
class OptimizerTest {
    private static final float[] START = {0.5f, -1.25f, 2, 1e-3f};
    private static final float[] TARGET = {1, 1, -1, 0};

    @BeforeAll
    static void open() {
        Torch.open();
    }

    @Test
    void tenStepsOfAdamWithWeightDecayEqualLibtorch() {
        Optimization settings = settings(0.05, 0.01);
        try (PointerScope scope = new PointerScope();
                Parameters parameters = new Parameters();
                AdamOptions options = new AdamOptions(settings.learningRate())) {
            options.weight_decay().put(settings.weightDecay());
            Tensor weight = parameters.declare("w", Tensors.of(START, 4));
            Tensor expected = Tensors.of(START, 4);
            expected.set_requires_grad(true);
            Adam reference = new Adam(new TensorVector(expected), options);
            try (Optimizer adam = new Optimizer(ParameterGroup.of(parameters), settings)) {
                for (int i = 0; i < 10; i++) {
                    minimise(adam, () -> loss(weight));
                    reference.zero_grad();
                    loss(expected).backward();
                    reference.step();
                }
            }
            assertArrayEquals(Tensors.toFloats(expected), Tensors.toFloats(weight), 1e-6f);
        }
    }

    @Test
    void aRestoredAdamGivesTheSameBytes() {
        try (PointerScope scope = new PointerScope();
                Parameters parameters = new Parameters();
                Parameters copy = new Parameters()) {
            Tensor weight = parameters.declare("w", Tensors.of(START, 4));
            Optimization settings = settings(0.1, 0);
            try (Optimizer first = new Optimizer(ParameterGroup.of(parameters), settings);
                    Optimizer second = new Optimizer(
                            ParameterGroup.of(afterThreeSteps(copy, weight, first, parameters)), settings)) {
                Map<String, ArrayData> moments = new LinkedHashMap<>();
                first.save("student", moments);
                second.restore("student", moments, first.learningRate());
                Tensor other = copy.asMap().get("w");
                for (int i = 0; i < 5; i++) {
                    minimise(first, () -> loss(weight));
                    minimise(second, () -> loss(other));
                }
                assertArrayEquals(Tensors.toFloats(weight), Tensors.toFloats(other), 0);
            }
        }
    }

    private static Parameters afterThreeSteps(Parameters copy, Tensor weight, Optimizer adam, Parameters parameters) {
        for (int i = 0; i < 3; i++) {
            minimise(adam, () -> loss(parameters.asMap().get("w")));
        }
        copy.declare("w", Tensors.of(Tensors.toFloats(weight), 4));
        return copy;
    }

    private static void minimise(Optimizer optimizer, Supplier<Tensor> loss) {
        optimizer.backward(List.of(() -> new LossTerm(loss.get(), List.of())));
        optimizer.step();
    }

    private static Tensor loss(Tensor weight) {
        Tensor difference = weight.sub(Tensors.of(TARGET, 4));
        return difference.mul(difference).sum();
    }

    private static Optimization settings(double rate, double decay) {
        return new Optimization(
                1, 0, new OptimizerKind.Adam(), rate, 0.9, 0.999, decay, new Schedule.Constant(), 0, 1, 0, 0);
    }
}
