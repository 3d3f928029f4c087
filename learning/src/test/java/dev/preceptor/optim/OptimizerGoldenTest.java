package dev.preceptor.optim;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.preceptor.GoldenFiles;
import dev.preceptor.base.Settings;
import dev.preceptor.distill.LossTerm;
import dev.preceptor.distill.ParameterGroup;
import dev.preceptor.network.Parameters;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.run.RunState;
import dev.preceptor.tensor.ArrayData;
import dev.preceptor.tensor.Safetensors;
import dev.preceptor.tensor.Tensors;
import dev.preceptor.tensor.Torch;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;

/** Compares steps and learning rates with float64 values of PyTorch, which make_optimizer_fixture.py computes. */
class OptimizerGoldenTest {
    private static final double TOLERANCE = 2e-6;
    private static final List<String> WEIGHTS = List.of("first", "second");

    private static Safetensors golden;

    @BeforeAll
    static void open() {
        Torch.open();
        golden = GoldenFiles.read("optimizers.safetensors");
    }

    @TestFactory
    Stream<DynamicTest> eightStepsEqualPyTorch() {
        List<DynamicTest> tests = new ArrayList<>();
        JsonNode cases = Settings.JSON.readTree(golden.metadata().get("cases"));
        cases.properties()
                .forEach(one -> tests.add(DynamicTest.dynamicTest(one.getKey(), () -> {
                    List<String> overrides = new ArrayList<>();
                    one.getValue().forEach(override -> overrides.add(override.stringValue()));
                    check(one.getKey(), Recipe.load("baseline", overrides).optimization());
                })));
        return tests.stream();
    }

    private static void check(String name, Optimization settings) {
        double decay = Double.parseDouble(golden.metadata().get("ema"));
        try (PointerScope scope = new PointerScope();
                Parameters weights = new Parameters()) {
            WEIGHTS.forEach(
                    weight -> weights.declare(weight, array("initial/" + weight).to(torch.ScalarType.Float)));
            try (Optimizer optimizer = new Optimizer(ParameterGroup.of(weights), settings);
                    MovingAverage average = new MovingAverage(weights.asMap(), decay)) {
                for (int step = 0; step < 8; step++) {
                    optimizer.backward(losses(step, weights));
                    OptionalDouble norm = optimizer.step();
                    average.update();
                    if (settings.clip() > 0) {
                        double expected = golden.arrays()
                                .get(name + "/norm/" + step)
                                .bytes()
                                .getDouble(0);
                        assertEquals(expected, norm.orElseThrow(), TOLERANCE * expected);
                    }
                    assertClose(name + "/" + step + "/", weights.asMap());
                }
                average.exchange();
                assertClose(name + "/average/", weights.asMap());
                average.exchange();
                assertClose(name + "/7/", weights.asMap());
            }
        }
    }

    /** Losses with the gradients of the fixture, one for each weight that has a gradient in this step. */
    private static List<Supplier<LossTerm>> losses(int step, Parameters weights) {
        List<Supplier<LossTerm>> losses = new ArrayList<>();
        weights.asMap().forEach((name, weight) -> {
            String gradient = "gradient/" + step + "/" + name;
            if (golden.arrays().containsKey(gradient)) {
                losses.add(() -> new LossTerm(
                        weight.mul(array(gradient).to(torch.ScalarType.Float)).sum(), List.of()));
            }
        });
        return losses;
    }

    private static void assertClose(String prefix, Map<String, Tensor> weights) {
        weights.forEach((name, weight) -> {
            float[] found = Tensors.toFloats(weight);
            float[] expected = Tensors.toFloats(array(prefix + name));
            for (int i = 0; i < expected.length; i++) {
                double tolerance = TOLERANCE * Math.max(1, Math.abs(expected[i]));
                assertEquals(expected[i], found[i], tolerance, prefix + name + "[" + i + "]");
            }
        });
    }

    private static Tensor array(String name) {
        return golden.arrays().get(name).toTensor();
    }

    @Test
    void polyEqualsPyTorchAndTheValuesOfNnUNet() {
        Schedule.Poly poly = new Schedule.Poly(0.9);
        assertRates("rate/poly", poly, 50);
        assertEquals(1e-2, poly.rate(0.01, 0, 1000));
        assertEquals(9.990999550e-3, poly.rate(0.01, 1, 1000), 1e-12);
        assertEquals(5.358867313e-3, poly.rate(0.01, 500, 1000), 1e-12);
        assertEquals(1.995262315e-5, poly.rate(0.01, 999, 1000), 1e-14);
    }

    @Test
    void cosineEqualsPyTorchWithAndWithoutWarmUp() {
        assertRates("rate/cosine", new Schedule.Cosine(0, 1e-4), 40);
        assertRates("rate/warm-cosine", new Schedule.Cosine(5, 1e-4), 40);
    }

    private static void assertRates(String name, Schedule.Timed schedule, int epochs) {
        ArrayData expected = golden.arrays().get(name);
        for (int epoch = 0; epoch < epochs; epoch++) {
            double rate = expected.bytes().getDouble(Double.BYTES * epoch);
            assertEquals(rate, schedule.rate(0.01, epoch, epochs), 1e-9 * 0.01, name + " in epoch " + epoch);
        }
    }

    @Test
    void plateauEqualsPyTorch() {
        Schedule.Plateau plateau = new Schedule.Plateau(0.3, 3, 0.01, 2e-4, 0);
        ArrayData losses = golden.arrays().get("losses");
        ArrayData rates = golden.arrays().get("rate/plateau");
        RunState.PlateauState plateauState = RunState.PlateauState.NONE;
        double rate = 0.01;
        for (int epoch = 0; epoch < 60; epoch++) {
            assertEquals(rates.bytes().getDouble(Double.BYTES * epoch), rate, 1e-12, "epoch " + epoch);
            plateauState = plateauState.after(losses.bytes().getDouble(Double.BYTES * epoch), plateau);
            if (plateauState.isDue(plateau)) {
                rate = Math.max(rate * plateau.factor(), plateau.minimum());
                plateauState = plateauState.restarted();
            }
        }
        assertEquals(2e-4, rate);
    }
}
