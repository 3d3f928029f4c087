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
 * Checks losses and weights for NaN and infinity. With every optimizer a gradient that is not finite makes weights that are
 * not finite, so that a check of the weights after the step blames the right batch; it reads each weight once.
 */
final class FiniteCheck {
    private FiniteCheck() {}

    /**
     * The first problem of a batch, in words that follow "step 12:"; empty if every number is finite.
     *
     * @param values losses and metrics by name
     * @param groups the trained weights, by name of the parameter group
     * @param stepped whether the weights were updated; if not, their gradients are checked
     */
    static Optional<String> problem(Map<String, Double> values, Map<String, ParameterGroup> groups, boolean stepped) {
        return values.entrySet().stream()
                .filter(value -> !Double.isFinite(value.getValue()))
                .findFirst()
                .map(value -> value.getKey() + " is " + value.getValue())
                .or(() -> firstNotFinite(groups, stepped)
                        .map(name -> stepped
                                ? "its gradient left no finite numbers in the weights " + name
                                : "the gradient of the weights " + name + " is not finite"));
    }

    private static Optional<String> firstNotFinite(Map<String, ParameterGroup> groups, boolean stepped) {
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            List<String> names = new ArrayList<>();
            List<Tensor> sums = new ArrayList<>();
            groups.forEach((groupName, group) -> group.weights().forEach((name, weight) -> {
                Tensor checked = stepped ? weight : weight.grad();
                if (checked.defined()) {
                    names.add(groupName + "." + name);
                    sums.add(checked.sum());
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
