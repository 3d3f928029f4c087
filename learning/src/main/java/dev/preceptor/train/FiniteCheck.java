package dev.preceptor.train;

import dev.preceptor.distill.ParameterGroup;
import dev.preceptor.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/**
 * Whether losses and weights are numbers still. A gradient that is none makes weights that are none, with every optimizer, so
 * that looking at the weights after a step finds it before the next batch is blamed; it reads each weight once.
 */
final class FiniteCheck {
    private FiniteCheck() {}

    /**
     * What is wrong after a batch, in words that follow "step 12:"; nothing if all is sound.
     *
     * @param values losses and figures by name
     * @param stepped whether the weights changed; until they do it is the gathered gradients that are looked at
     */
    static Optional<String> trouble(Map<String, Double> values, Map<String, ParameterGroup> learners, boolean stepped) {
        return values.entrySet().stream()
                .filter(value -> !Double.isFinite(value.getValue()))
                .findFirst()
                .map(value -> value.getKey() + " is " + value.getValue())
                .or(() -> broken(learners, stepped)
                        .map(name -> stepped
                                ? "its gradient left no finite numbers in the weights " + name
                                : "the gradient of the weights " + name + " is not finite"));
    }

    private static Optional<String> broken(Map<String, ParameterGroup> learners, boolean stepped) {
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            List<String> names = new ArrayList<>();
            List<Tensor> sums = new ArrayList<>();
            learners.forEach((learner, group) -> group.weights().forEach((name, weight) -> {
                Tensor looked = stepped ? weight : weight.grad();
                if (looked.defined()) {
                    names.add(learner + "." + name);
                    sums.add(looked.sum());
                }
            }));
            if (sums.isEmpty()) {
                return Optional.empty();
            }
            float[] values = Tensors.toFloats(Tensors.stack(sums, 0));
            for (int i = 0; i < values.length; i++) {
                if (!Float.isFinite(values[i])) {
                    return Optional.of(names.get(i));
                }
            }
            return Optional.empty();
        }
    }
}
