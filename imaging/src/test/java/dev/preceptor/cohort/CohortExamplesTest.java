package dev.preceptor.cohort;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.metrics.Convention;
import dev.preceptor.metrics.Evaluation;
import dev.preceptor.metrics.EvaluationFiles;
import dev.preceptor.metrics.EvaluationOptions;
import dev.preceptor.metrics.LesionWise;
import dev.preceptor.metrics.RegionScore;
import dev.preceptor.nifti.Nifti;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Region;
import dev.preceptor.volume.Sequence;
import dev.preceptor.volume.Volume;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The examples in the Javadoc of {@link Cohort} and {@link Evaluation}, line by line. */
class CohortExamplesTest {
    @TempDir
    Path folder;

    @Test
    void aCohortIsOpenedAndRead() {
        CohortFixture.brats2021(folder, 2);

        Cohort cohort = Cohort.open(folder);
        for (Subject subject : cohort.subjects()) {
            System.out.println(subject.id() + ": " + subject.images().keySet());
        }
        Subject first = cohort.subjects().get(0);
        Volume t1ce = first.volume(Sequence.T1CE);
        double tumourMl =
                first.labels().mask(Region.WT).cardinality() * t1ce.grid().voxelVolume() / 1000;

        assertEquals(0.064, tumourMl, 1e-9);
    }

    @Test
    void aCohortIsSummarisedAndDividedIntoFolds() {
        CohortFixture.brats2021(folder, 6);
        Cohort cohort = Cohort.open(folder);

        CohortSummary summary = CohortSummary.of(cohort);
        summary.problems().forEach(System.out::println);
        Folds folds = Folds.of(summary.foregroundMl(), 5, 42);
        Cohort training = cohort.only(folds.fold(0).training());

        assertEquals(6 - folds.fold(0).heldOut().size(), training.subjects().size());
    }

    @Test
    void predictionsAreScored() {
        Path references = folder.resolve("references");
        Path predictions = folder.resolve("predictions");
        Path scores = folder.resolve("scores");
        CohortFixture.brats2021(references, 1);
        Nifti.write(predictions.resolve("BraTS2021_00001.nii.gz"), CohortFixture.labels(1, LabelSpace.BRATS_2018));

        EvaluationOptions options = EvaluationOptions.DEFAULT.withConvention(Convention.LESIONWISE_2023);
        Evaluation evaluation = Evaluation.of(predictions, references, options);
        double meanDice = evaluation.mean(Region.ET, RegionScore::dice);
        for (Evaluation.Case scored : evaluation.cases()) {
            LesionWise lesions = scored.brats().get(Region.ET).lesions();
            System.out.println(scored.subject() + ": " + lesions.missed() + " lesions missed");
        }
        EvaluationFiles.write(evaluation, scores);

        assertEquals(1, meanDice);
        assertTrue(Files.exists(scores.resolve("scores.csv")));
    }
}
