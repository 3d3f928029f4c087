package dev.preceptor.train;

import dev.preceptor.distill.ParameterGroup;
import dev.preceptor.tensor.Tensors;
import java.util.LinkedHashMap;
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
     * The sum of all trained weights, or of their gradients, on their device: finite if they are and their sum is not too large for
     * float32. It tells most steps that {@link #problem}, which waits for a GPU, would find nothing.
     *
     * @return one number, owned by the innermost scope; empty if there are no gradients
     */
    static Optional<Tensor> sum(Map<String, ParameterGroup> groups, boolean stepped) {
        List<Tensor> sums = Tensors.scopedList(() -> {
            Map<String, Tensor> each = sums(groups, stepped);
            try (NoGradGuard guard = new NoGradGuard()) {
                return each.isEmpty()
                        ? List.of()
                        : List.of(Tensors.stack(List.copyOf(each.values()), 0).sum());
            }
        });
        return sums.stream().findFirst();
    }

    /** The sum of each checked tensor by the name of its weight. */
    private static Map<String, Tensor> sums(Map<String, ParameterGroup> groups, boolean stepped) {
        Map<String, Tensor> sums = new LinkedHashMap<>();
        try (NoGradGuard guard = new NoGradGuard()) {
            groups.forEach((groupName, group) -> group.weights().forEach((name, weight) -> {
                Tensor checked = stepped ? weight : weight.grad();
                if (checked.defined()) {
                    sums.put(groupName + "." + name, checked.sum());
                }
            }));
        }
        return sums;
    }

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
        try (PointerScope scope = new PointerScope()) {
            Map<String, Tensor> sums = sums(groups, stepped);
            if (sums.isEmpty()) {
                return Optional.empty();
            }
            float[] values = Tensors.toFloats(Tensors.stack(List.copyOf(sums.values()), 0));
            List<String> names = List.copyOf(sums.keySet());
            for (int i = 0; i < values.length; i++) {
                if (!Float.isFinite(values[i])) {
                    return Optional.of(names.get(i));
                }
            }
            return Optional.empty();
        }
    }
}
