package dev.preceptor.distill;

import dev.preceptor.loss.DeepSupervision;
import dev.preceptor.loss.LabelSupervision;
import dev.preceptor.loss.SegmentationLoss;
import dev.preceptor.loss.SupervisedLoss;
import dev.preceptor.network.TargetEncoding;
import dev.preceptor.network.Targets;
import java.util.List;

/** The settings that all methods of {@link TaughtStudent} have. */
public interface TaughtOptions {
    /** What the channels of both networks mean. */
    TargetEncoding outputs();

    /** The summands of L_GT, for teacher and student alike. */
    List<SupervisedLoss> loss();

    /** The number of decoder stages below the full resolution with a head that L_GT supervises. */
    int deepSupervision();

    /** L_GT. */
    default SegmentationLoss supervision(Targets targets) {
        return DeepSupervision.of(new LabelSupervision(targets, loss(), false), deepSupervision());
    }
}
