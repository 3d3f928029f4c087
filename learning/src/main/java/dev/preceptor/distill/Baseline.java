package dev.preceptor.distill;

import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.loss.DeepSupervision;
import dev.preceptor.loss.LabelSupervision;
import dev.preceptor.loss.SegmentationLoss;
import dev.preceptor.loss.SupervisedLoss;
import dev.preceptor.network.TargetEncoding;
import java.util.List;

/** The undistilled student: supervision by the labels alone, the yardstick of every method. */
public final class Baseline implements Method {
    private final Role student;
    private final SegmentationLoss segmentationLoss;

    /**
     * @param outputs what the channels mean
     * @param loss the summands of the loss
     * @param batchDice whether the sums of the Dice run over the batch
     * @param deepSupervision how many decoder stages below the full resolution learn by a head of their own; 0 for none
     */
    public record Options(TargetEncoding outputs, List<SupervisedLoss> loss, boolean batchDice, int deepSupervision) {
        static final Options DEFAULTS =
                new Options(TargetEncoding.REGIONS, SupervisedLoss.DICE_AND_CROSS_ENTROPY, false, 0);

        public Options {
            loss = List.copyOf(loss);
        }
    }

    public static final MethodKind KIND = MethodKind.of("baseline", Options.DEFAULTS, Baseline::new);

    Baseline(MethodSetup setup, Options options) {
        if (!setup.teachers().isEmpty()) {
            throw new InvalidRecipeException("teachers must be empty for the method baseline, not " + setup.teachers());
        }
        setup.requireMeans(options.batchDice(), "distillation.batchDice");
        setup.requireMeans(
                options.loss().stream().anyMatch(SupervisedLoss.TopK.class::isInstance),
                "the loss top-k in distillation.loss");
        this.segmentationLoss = DeepSupervision.of(
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
        return List.of(new SupervisedPhase(student, segmentationLoss));
    }
}
