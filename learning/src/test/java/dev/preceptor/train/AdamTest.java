package dev.preceptor.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.preceptor.distill.Learner;
import dev.preceptor.distill.Objective;
import dev.preceptor.network.Parameters;
import dev.preceptor.tensor.ArrayData;
import dev.preceptor.tensor.Tensors;
import dev.preceptor.tensor.Torch;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Adam;
import org.bytedeco.pytorch.AdamOptions;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Our Adam against libtorch's own. */
class AdamTest {
    private static final float[] START = {0.5f, -1.25f, 2, 1e-3f};
    private static final float[] TARGET = {1, 1, -1, 0};

    @BeforeAll
    static void open() {
        Torch.open();
    }

    @Test
    void tenStepsWithWeightDecayAreThoseOfLibtorch() {
        Optimization settings = settings(0.05, 0.01);
        try (PointerScope scope = new PointerScope();
                Parameters parameters = new Parameters();
                AdamOptions options = new AdamOptions(settings.learningRate())) {
            options.weight_decay().put(settings.weightDecay());
            Tensor ours = parameters.declare("w", Tensors.of(START, 4));
            Tensor theirs = Tensors.of(START, 4);
            theirs.set_requires_grad(true);
            Adam reference = new Adam(new TensorVector(theirs), options);
            try (dev.preceptor.train.Adam adam = new dev.preceptor.train.Adam(Learner.of(parameters), settings)) {
                for (int i = 0; i < 10; i++) {
                    adam.minimise(List.of(() -> new Objective(loss(ours), List.of())));
                    reference.zero_grad();
                    loss(theirs).backward();
                    reference.step();
                }
            }
            assertArrayEquals(Tensors.toFloats(theirs), Tensors.toFloats(ours), 1e-6f);
        }
    }

    @Test
    void aRestoredAdamGoesOnToTheBit() {
        try (PointerScope scope = new PointerScope();
                Parameters parameters = new Parameters();
                Parameters copy = new Parameters()) {
            Tensor weight = parameters.declare("w", Tensors.of(START, 4));
            Optimization settings = settings(0.1, 0);
            try (dev.preceptor.train.Adam first = new dev.preceptor.train.Adam(Learner.of(parameters), settings);
                    dev.preceptor.train.Adam second = new dev.preceptor.train.Adam(
                            Learner.of(withOne(copy, weight, first, parameters)), settings)) {
                Map<String, ArrayData> moments = new LinkedHashMap<>();
                first.save("learner", moments);
                second.restore("learner", moments, first.learningRate());
                Tensor other = copy.asMap().get("w");
                for (int i = 0; i < 5; i++) {
                    first.minimise(List.of(() -> new Objective(loss(weight), List.of())));
                    second.minimise(List.of(() -> new Objective(loss(other), List.of())));
                }
                assertArrayEquals(Tensors.toFloats(weight), Tensors.toFloats(other), 0);
            }
        }
    }

    private static Parameters withOne(
            Parameters copy, Tensor weight, dev.preceptor.train.Adam adam, Parameters parameters) {
        for (int i = 0; i < 3; i++) {
            adam.minimise(List.of(() -> new Objective(loss(parameters.asMap().get("w")), List.of())));
        }
        copy.declare("w", Tensors.of(Tensors.toFloats(weight), 4));
        return copy;
    }

    private static Tensor loss(Tensor weight) {
        Tensor off = weight.sub(Tensors.of(TARGET, 4));
        return off.mul(off).sum();
    }

    private static Optimization settings(double rate, double decay) {
        return new Optimization(1, 0, rate, 0.9, 0.999, decay, new Optimization.Plateau(0.5, 1, 1e-4, 0, 0), 0);
    }
}
