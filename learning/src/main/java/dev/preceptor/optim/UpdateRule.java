package dev.preceptor.optim;

import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.distill.ParameterGroup;
import dev.preceptor.tensor.Operators;
import java.util.List;
import org.bytedeco.pytorch.GenericList;
import org.bytedeco.pytorch.IValue;

/** The update of weights from gradients: one native call of libtorch's fused kernels for all weights. */
public sealed interface UpdateRule {
    /**
     * The update rule of a recipe.
     *
     * @throws InvalidRecipeException if the parameter group has a beta1 of its own and the optimizer is not Adam
     */
    static UpdateRule of(Optimization settings, ParameterGroup parameterGroup) {
        if (settings.optimizer() instanceof OptimizerKind.Sgd sgd) {
            if (parameterGroup.beta1().isPresent()) {
                throw new InvalidRecipeException(
                        "optimization.optimizer.name must be adam or adamw for a method that has a"
                                + " beta1 of its own (distillation.oneCycleSideEffect of mtcm-kd), not sgd");
            }
            return new SgdRule(sgd.momentum(), sgd.nesterov(), settings.weightDecay());
        }
        return new AdamRule(
                parameterGroup.beta1().orElse(settings.beta1()),
                settings.beta2(),
                settings.weightDecay(),
                settings.optimizer() instanceof OptimizerKind.AdamW);
    }

    /** The names of the state tensors of each weight, which have the shape of the weight and are 0 at the start. */
    List<String> moments();

    /**
     * Updates the weights. Temporary tensors belong to the innermost scope.
     *
     * @param lists weights, gradients, moments and step counts
     * @param rate learning rate
     * @param divisor divisor of the gradients, a float32 tensor of shape [1], or none
     */
    void step(Lists lists, double rate, IValue divisor);

    /**
     * The tensors of an update; every list has the same order of weights.
     *
     * @param moments one list for each name of {@link #moments()}
     * @param steps step count of each weight including this step
     */
    record Lists(GenericList weights, GenericList gradients, List<GenericList> moments, GenericList steps) {}

    /**
     * Adam (Kingma and Ba, ICLR 2015) as in PyTorch: with bias correction, and epsilon 1e-8 outside the square root.
     *
     * @param beta1 decay of the first moment
     * @param beta2 decay of the second moment
     * @param weightDecay weight decay
     * @param isDecoupled whether the weight decay is decoupled (AdamW) instead of an L2 term in the gradient
     */
    record AdamRule(double beta1, double beta2, double weightDecay, boolean isDecoupled) implements UpdateRule {
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
     * Stochastic gradient descent as in PyTorch, without dampening; the first momentum buffer is the first gradient.
     *
     * @param momentum decay of the momentum buffer; 0 for none
     * @param nesterov whether the momentum is Nesterov's
     * @param weightDecay factor of the L2 term in the gradient
     */
    record SgdRule(double momentum, boolean nesterov, double weightDecay) implements UpdateRule {
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
