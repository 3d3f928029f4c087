package dev.preceptor.optim;

import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.distill.ParameterGroup;
import dev.preceptor.tensor.Operators;
import java.util.List;
import org.bytedeco.pytorch.GenericList;
import org.bytedeco.pytorch.IValue;

/** How gradients become steps: one native call for all weights, by libtorch's fused kernels. */
public sealed interface UpdateRule {
    /**
     * The rule that a recipe asks for.
     *
     * @throws InvalidRecipeException if the learner has a beta1 of its own and the optimizer none
     */
    static UpdateRule of(Optimization settings, ParameterGroup parameterGroup) {
        if (settings.optimizer() instanceof OptimizerKind.Sgd sgd) {
            if (parameterGroup.beta1().isPresent()) {
                throw new InvalidRecipeException(
                        "optimization.optimizer.name must be adam or adamw for a method that has a"
                                + " beta1 of its own (distillation.oneCycleSideEffect of mtcm-kd), not sgd");
            }
            return new Sgd(sgd.momentum(), sgd.nesterov(), settings.weightDecay());
        }
        return new Adam(
                parameterGroup.beta1().orElse(settings.beta1()),
                settings.beta2(),
                settings.weightDecay(),
                settings.optimizer() instanceof OptimizerKind.AdamW);
    }

    /** Names of what is remembered of each weight, each a tensor of its shape that begins as zeros. */
    List<String> moments();

    /**
     * Takes one step, in the care of the innermost scope.
     *
     * @param lists weights and all that belongs to them, in the same order
     * @param rate learning rate
     * @param divisor of the gradients, a float tensor with one number, or none
     */
    void step(Lists lists, double rate, IValue divisor);

    /**
     * Tensors of the same weights, list by list.
     *
     * @param moments in the order of their names
     * @param steps how many steps each weight has taken, this one included
     */
    record Lists(GenericList weights, GenericList gradients, List<GenericList> moments, GenericList steps) {}

    /**
     * Adam (Kingma and Ba, ICLR 2015) as PyTorch computes it: bias-corrected, eps 1e-8 outside the square root.
     *
     * @param beta1 decay of the first moment
     * @param beta2 decay of the second moment
     * @param weightDecay what weights shrink by
     * @param isDecoupled whether they shrink by themselves (AdamW) instead of through the gradient
     */
    record Adam(double beta1, double beta2, double weightDecay, boolean isDecoupled) implements UpdateRule {
        private static final double EPSILON = 1e-8;

        @Override
        public List<String> moments() {
            return List.of("first", "second");
        }

        @Override
        public void step(Lists lists, double rate, IValue divisor) {
            Operators.call(
                    isDecoupled ? "aten::_fused_adamw_" : "aten::_fused_adam_",
                    "",
                    new IValue(lists.weights()),
                    new IValue(lists.gradients()),
                    new IValue(lists.moments().get(0)),
                    new IValue(lists.moments().get(1)),
                    new IValue(Operators.list()),
                    new IValue(lists.steps()),
                    new IValue(rate),
                    new IValue(beta1),
                    new IValue(beta2),
                    new IValue(weightDecay),
                    new IValue(EPSILON),
                    new IValue(false),
                    new IValue(false),
                    divisor,
                    new IValue());
        }
    }

    /**
     * Stochastic gradient descent as PyTorch computes it (methods.md 8.3): no dampening, the buffer begins as the first
     * gradient.
     *
     * @param momentum decay of the buffer; 0 for none
     * @param nesterov whether a step looks ahead along the buffer
     * @param weightDecay L2 in the gradient
     */
    record Sgd(double momentum, boolean nesterov, double weightDecay) implements UpdateRule {
        @Override
        public List<String> moments() {
            return momentum == 0 ? List.of() : List.of("momentum");
        }

        @Override
        public void step(Lists lists, double rate, IValue divisor) {
            Operators.call(
                    "aten::_fused_sgd_",
                    "",
                    new IValue(lists.weights()),
                    new IValue(lists.gradients()),
                    new IValue(
                            momentum == 0 ? Operators.list() : lists.moments().get(0)),
                    new IValue(weightDecay),
                    new IValue(momentum),
                    new IValue(rate),
                    new IValue(0.0),
                    new IValue(nesterov),
                    new IValue(false),
                    new IValue(false),
                    divisor,
                    new IValue());
        }
    }
}
