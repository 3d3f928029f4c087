package dev.preceptor.train;

import dev.preceptor.distill.Learner;
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
final class Soundness {
    private Soundness() {}

    /** What is wrong after a step, in words that follow "step 12:"; nothing if all is sound. */
    static Optional<String> trouble(Map<String, Double> losses, Map<String, Learner> learners) {
        return losses.entrySet().stream()
                .filter(loss -> !Double.isFinite(loss.getValue()))
                .findFirst()
                .map(loss -> "the loss " + loss.getKey() + " is " + loss.getValue())
                .or(() -> brokenWeight(learners)
                        .map(name -> "its gradient left no finite numbers in the weights " + name));
    }

    private static Optional<String> brokenWeight(Map<String, Learner> learners) {
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            List<String> names = new ArrayList<>();
            List<Tensor> sums = new ArrayList<>();
            learners.forEach((learner, group) -> group.weights().forEach((name, weight) -> {
                names.add(learner + "." + name);
                sums.add(weight.sum());
            }));
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
