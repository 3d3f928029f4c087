package dev.preceptor.distill;

import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.network.Outputs;
import java.util.List;

/** The undistilled student: supervision by the labels alone, the yardstick of every method. */
public final class Baseline implements Method {
    private final Role student;
    private final Options options;

    /**
     * @param outputs what the channels mean
     * @param batchDice whether the sums of the Dice run over the batch
     */
    public record Options(Outputs outputs, boolean batchDice) {
        static final Options DEFAULTS = new Options(Outputs.REGIONS, false);
    }

    static final MethodKind KIND = MethodKind.of("baseline", Options.DEFAULTS, Baseline::new);

    Baseline(MethodSetup setup, Options options) {
        if (!setup.teachers().isEmpty()) {
            throw new InvalidRecipeException("teachers must be empty for the method baseline, not " + setup.teachers());
        }
        this.options = options;
        this.student = setup.student(options.outputs());
    }

    @Override
    public List<Role> roles() {
        return List.of(student);
    }

    @Override
    public List<Phase> phases() {
        return List.of(new SupervisedPhase(
                student, SegmentationLosses.diceAndCrossEntropy(options.outputs(), options.batchDice())));
    }
}
