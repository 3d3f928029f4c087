package dev.preceptor.train;

import dev.preceptor.distill.LossTerm;
import dev.preceptor.distill.Phase;
import dev.preceptor.distill.Role;
import dev.preceptor.loss.LossTerms;
import dev.preceptor.network.Features;
import dev.preceptor.run.RunState;
import dev.preceptor.tensor.Tensors;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Measures, before the update of the leading network, the gradient of each term of its loss over its weights: the L2 norm, and the
 * cosine with the first term, which is the supervision. Terms are taken without their weights in the total. A backward pass for
 * each term is added; the update is the same to the bit. For one batch.
 */
final class GradientDiagnosis implements Phase.Optimizers {
    /** One of this many steps is measured, the first of each epoch among them. */
    static final int EVERY = 10;

    private static final String TOTAL = "loss";

    private final Phase.Optimizers optimizers;
    private final Role leading;
    private final Map<String, Double> values = new LinkedHashMap<>();

    /** @param optimizers that update the weights */
    GradientDiagnosis(Phase.Optimizers optimizers, Role leading) {
        this.optimizers = optimizers;
        this.leading = leading;
    }

    /** The measured values by their names in {@code metrics.jsonl}; empty if the leading network reported no terms. */
    Map<String, Double> values() {
        return values;
    }

    @Override
    public void backwardAndStep(String group, List<Supplier<LossTerm>> losses) {
        optimizers.backwardAndStep(group, losses);
    }

    @Override
    public void backwardAndStep(String group, LossTerms losses, Features... dependsOn) {
        if (group.equals(leading.name())) {
            measure(losses, List.of(dependsOn));
        }
        optimizers.backwardAndStep(group, losses, dependsOn);
    }

    private void measure(LossTerms losses, List<Features> dependsOn) {
        Map<String, Tensor> terms = new LinkedHashMap<>(losses.terms());
        // What was detached is for the log alone.
        terms.values().removeIf(term -> !term.requires_grad());
        if (terms.size() > 1) {
            terms.put(TOTAL, losses.total());
        }
        try (PointerScope scope = new PointerScope()) {
            List<Tensor> gradients = new ArrayList<>();
            terms.values().forEach(term -> gradients.add(gradient(term, dependsOn)));
            List<String> names = List.copyOf(terms.keySet());
            for (int i = 0; i < gradients.size(); i++) {
                double norm = norm(gradients.get(i));
                values.put(RunState.Epoch.DIAGNOSIS + "norm_" + names.get(i), norm);
                if (i > 0) {
                    double product =
                            gradients.get(0).dot(gradients.get(i)).item().toDouble();
                    double norms = norm(gradients.get(0)) * norm;
                    values.put(RunState.Epoch.DIAGNOSIS + "cosine_" + names.get(i), norms == 0 ? 0 : product / norms);
                }
            }
        }
        if (!values.isEmpty()) {
            values.put(RunState.Epoch.DIAGNOSED, 1.0);
        }
    }

    private static double norm(Tensor gradient) {
        return gradient.norm().item().toDouble();
    }

    /** The gradient of a term over all weights of the leading network, in one row. */
    private Tensor gradient(Tensor term, List<Features> dependsOn) {
        Collection<Tensor> weights = leading.network().parameters().asMap().values();
        Tensors.clearGradients(weights);
        dependsOn.forEach(features -> features.backwardKeeping(term));
        Tensor row = Tensors.scoped(() -> {
            try (NoGradGuard guard = new NoGradGuard()) {
                return Tensors.cat(
                        weights.stream()
                                .map(weight -> weight.grad().defined() ? weight.grad() : torch.zeros_like(weight))
                                .map(gradient -> gradient.reshape(-1))
                                .toList(),
                        0);
            }
        });
        Tensors.clearGradients(weights);
        return row;
    }
}
