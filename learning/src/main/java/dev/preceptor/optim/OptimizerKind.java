package dev.preceptor.optim;

import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.JsonTypeName;
import dev.preceptor.base.NamedBlock;
import dev.preceptor.base.Settings;

/** The optimizer of a recipe; its block {@code optimization.optimizer}. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "name")
@NamedBlock("optimization.optimizer")
public sealed interface OptimizerKind permits OptimizerKind.Adam, OptimizerKind.AdamW, OptimizerKind.Sgd {
    /** Adam (Kingma and Ba, ICLR 2015) with the betas of the recipe; weight decay is an L2 term in the gradient. */
    @JsonTypeName("adam")
    record Adam() implements OptimizerKind {}

    /** Adam with decoupled weight decay (Loshchilov and Hutter, ICLR 2019). */
    @JsonTypeName("adamw")
    record AdamW() implements OptimizerKind {}

    /**
     * Stochastic gradient descent; weight decay is an L2 term in the gradient.
     *
     * @param momentum at least 0 and below 1; 0 for none, 0.99 in nnU-Net
     * @param nesterov whether the momentum is Nesterov's; false without momentum
     */
    @JsonTypeName("sgd")
    record Sgd(double momentum, boolean nesterov) implements OptimizerKind {
        /** The default settings. */
        public Sgd() {
            this(0.99, true);
        }

        public Sgd {
            Settings.require(
                    momentum >= 0 && momentum < 1,
                    "optimization.optimizer.momentum",
                    "at least 0 and below 1",
                    momentum);
            Settings.require(
                    momentum > 0 || !nesterov, "optimization.optimizer.nesterov", "false without momentum", nesterov);
        }
    }
}
