package example;

import dev.preceptor.metrics.Convention;
import dev.preceptor.metrics.Evaluation;
import dev.preceptor.nifti.Nifti;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.LabelSpace;
import java.nio.file.Path;
import java.util.Locale;

/** Scores a label map against a reference: {@code Score PREDICTION REFERENCE}, both with the labels 1, 2, 4 of BraTS 2018. */
public final class Score {
    private Score() {}

    /** @param args NIfTI label map of the prediction, and of the reference */
    public static void main(String[] args) {
        LabelMap prediction = Nifti.readLabelMap(Path.of(args[0]), LabelSpace.BRATS_2018);
        LabelMap reference = Nifti.readLabelMap(Path.of(args[1]), LabelSpace.BRATS_2018);
        Evaluation.score(prediction, reference, Convention.BRATS_LEGACY)
                .forEach((region, score) -> System.out.println(String.format(
                        Locale.ROOT, "%s: Dice %.3f, HD95 %.1f mm", region, score.dice(), score.hd95Mm())));
    }
}
