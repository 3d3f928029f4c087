package dev.preceptor.distill;

import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.network.Outputs;
import java.util.List;

/** The undistilled student: supervision by the labels alone, the yardstick of every method. */
public final class Baseline implements Method {
    private final Role student;
    private final Supervision supervision;

    /**
     * @param outputs what the channels mean
     * @param loss the summands of the loss
     * @param batchDice whether the sums of the Dice run over the batch
     * @param deepSupervision how many decoder stages below the full resolution learn by a head of their own; 0 for none
     */
    public record Options(Outputs outputs, List<SupervisedLoss> loss, boolean batchDice, int deepSupervision) {
        static final Options DEFAULTS = new Options(Outputs.REGIONS, SupervisedLoss.DICE_AND_CROSS_ENTROPY, false, 0);

        public Options {
            loss = List.copyOf(loss);
        }
    }

    static final MethodKind KIND = MethodKind.of("baseline", Options.DEFAULTS, Baseline::new);

    Baseline(MethodSetup setup, Options options) {
        if (!setup.teachers().isEmpty()) {
            throw new InvalidRecipeException("teachers must be empty for the method baseline, not " + setup.teachers());
        }
        setup.requireMeans(options.batchDice(), "distillation.batchDice");
        setup.requireMeans(
                options.loss().stream().anyMatch(SupervisedLoss.TopK.class::isInstance),
                "the loss top-k in distillation.loss");
        this.supervision = DeepSupervision.of(
                new LabelSupervision(options.outputs(), options.loss(), options.batchDice()),
                options.deepSupervision());
        this.student = setup.student(options.outputs(), options.deepSupervision());
    }

    @Override
    public List<Role> roles() {
        return List.of(student);
    }

    @Override
    public List<Phase> phases() {
        return List.of(new SupervisedPhase(student, supervision));
    }
}
