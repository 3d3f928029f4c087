package dev.preceptor.optim;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import dev.preceptor.base.Choice;
import dev.preceptor.base.Settings;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** How gradients become steps; the {@code optimizer} block of a recipe's optimization. */
public sealed interface OptimizerKind {
    /** The optimizers by name, each with its defaults. */
    Choice<OptimizerKind> KINDS = new Choice<OptimizerKind>("optimization.optimizer")
            .or("adam", new Adam())
            .or("adamw", new AdamW())
            .or("sgd", new Sgd(0.99, true));

    /** The optimizer of a block. */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    static OptimizerKind read(JsonNode block) {
        return KINDS.read(block);
    }

    /** The block of this optimizer. */
    @JsonValue
    default ObjectNode write() {
        return KINDS.write(this);
    }

    /** Adam (Kingma and Ba, ICLR 2015) with the recipe's betas; weight decay is L2 in the gradient. */
    record Adam() implements OptimizerKind {}

    /** Adam whose weight decay is apart from the gradient (Loshchilov and Hutter, ICLR 2019). */
    record AdamW() implements OptimizerKind {}

    /**
     * Stochastic gradient descent; weight decay is L2 in the gradient.
     *
     * @param momentum 0 for none, below 1; nnU-Net: 0.99
     * @param nesterov whether a step looks ahead along the momentum
     */
    record Sgd(double momentum, boolean nesterov) implements OptimizerKind {
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
