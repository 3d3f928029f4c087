package dev.preceptor.distill;

import dev.preceptor.base.Settings;
import dev.preceptor.loss.SupervisedLoss;
import dev.preceptor.network.TargetEncoding;
import java.util.List;

/**
 * The {@code distillation} block of a recipe of the method {@code structured-kd} (docs/methods/structured-kd.md).
 *
 * @param outputs what the channels of both networks mean
 * @param loss the summands of L_GT, for teacher and student alike
 * @param deepSupervision the number of decoder stages below the full resolution with a head that L_GT supervises
 * @param lambda1 weight of the pixel-wise and of the pair-wise loss, at least 0
 * @param lambda2 weight of the holistic loss, at least 0; 0 for no critic
 * @param nodes largest number of nodes of the pair-wise loss along an axis, 1 to 16
 * @param criticWidth channels after the first convolution of the critic, 1 to 256
 * @param penalty weight of the gradient penalty in the critic's loss, at least 0
 */
public record StructuredKdOptions(
        TargetEncoding outputs,
        List<SupervisedLoss> loss,
        int deepSupervision,
        double lambda1,
        double lambda2,
        int nodes,
        int criticWidth,
        double penalty)
        implements TaughtOptions {
    static final StructuredKdOptions DEFAULTS = new StructuredKdOptions(
            TargetEncoding.REGIONS, SupervisedLoss.DICE_AND_CROSS_ENTROPY, 0, 10, 0.1, 4, 16, 10);

    private static final int MAX_NODES = 16;
    private static final int MAX_WIDTH = 256;

    public StructuredKdOptions {
        loss = List.copyOf(loss);
        Settings.requireWeight("distillation.lambda1", lambda1);
        Settings.requireWeight("distillation.lambda2", lambda2);
        Settings.require(nodes >= 1 && nodes <= MAX_NODES, "distillation.nodes", "a number from 1 to 16", nodes);
        Settings.require(
                criticWidth >= 1 && criticWidth <= MAX_WIDTH,
                "distillation.criticWidth",
                "a number from 1 to 256",
                criticWidth);
        Settings.requireWeight("distillation.penalty", penalty);
    }
}
