package dev.preceptor.distill;

import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.loss.DeepSupervision;
import dev.preceptor.loss.LabelSupervision;
import dev.preceptor.loss.SegmentationLoss;
import java.util.List;

/** The student without a teacher, trained on the labels alone: the baseline of every comparison. */
public final class Baseline implements Method {
    /** The method {@code baseline}. */
    public static final MethodKind KIND = MethodKind.of("baseline", BaselineOptions.DEFAULTS, Baseline::new);

    private final Role student;
    private final SegmentationLoss loss;

    Baseline(MethodSetup setup, BaselineOptions options) {
        if (!setup.teachers().isEmpty()) {
            throw new InvalidRecipeException("teachers must be empty for the method baseline, not " + setup.teachers());
        }
        setup.requireMeans(options.batchDice(), "distillation.batchDice");
        setup.requireMeans(options.loss());
        this.loss = DeepSupervision.of(
                new LabelSupervision(setup.targets(options.outputs()), options.loss(), options.batchDice()),
                options.deepSupervision());
        this.student = setup.student(options.outputs(), options.deepSupervision());
    }

    @Override
    public List<Role> roles() {
        return List.of(student);
    }

    @Override
    public List<Phase> phases() {
        return List.of(new SupervisedPhase(student, loss));
    }
}
