package dev.preceptor.report;

import dev.preceptor.base.PreceptorException;
import dev.preceptor.cohort.Cohort;
import dev.preceptor.cohort.Subject;
import dev.preceptor.metrics.Evaluation;
import dev.preceptor.metrics.RegionScore;
import dev.preceptor.nifti.Nifti;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.LabelSchema;
import dev.preceptor.volume.Resampling;
import dev.preceptor.volume.Sequence;
import dev.preceptor.volume.Volume;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The slices in the report of an evaluation, those with the lowest Dice first.
 *
 * @param evaluation what is shown
 * @param references where the references were found; images beside them lie under the outlines
 * @param predictionSchema of the predictions, where they were read in another one than the references
 */
record EvaluationGallery(Evaluation evaluation, Path references, Optional<LabelSchema> predictionSchema) {
    /** Patients whose slices are drawn; the others stand in the table. */
    static final int DRAWN = 12;

    /** The gallery, or a line that says why there is none. */
    List<Block> blocks() {
        List<Evaluation.Case> worst = evaluation.cases().stream()
                .sorted(Comparator.comparingDouble(EvaluationGallery::worth).thenComparing(Evaluation.Case::subject))
                .limit(DRAWN)
                .toList();
        int left = evaluation.cases().size() - worst.size();
        Map<String, Evaluation.Case> byId = new LinkedHashMap<>();
        worst.forEach(c -> byId.put(c.subject(), c));
        Optional<Cohort> cohort = cohort();
        String lead = "By the mean of Dice over WT, TC and ET, worst first"
                + (left > 0 ? "; the " + left + " better ones are left out here" : "")
                + ". The slices are those with most tumour, the patient's right on the left; figures are volumetric Dice,"
                + " and ml of the reference"
                + (cohort.isEmpty() ? ". There are no images beside the references to lie under the outlines." : ".");
        try {
            return List.of(
                    new Block.Note(lead), Gallery.of(List.copyOf(byId.keySet()), id -> subject(byId.get(id), cohort)));
        } catch (PreceptorException e) {
            return List.of(new Block.Note("The slices could not be drawn: " + e.getMessage()));
        }
    }

    private static double worth(Evaluation.Case scored) {
        return scored.scores().values().stream()
                .mapToDouble(RegionScore::dice)
                .filter(d -> !Double.isNaN(d))
                .average()
                .orElse(2);
    }

    /** References without images, in a flat folder or a file, are no cohort. */
    private Optional<Cohort> cohort() {
        if (!Files.isDirectory(references)) {
            return Optional.empty();
        }
        try {
            return Optional.of(
                    Cohort.open(references, Optional.of(evaluation.schema().schema())));
        } catch (PreceptorException e) {
            return Optional.empty();
        }
    }

    private Gallery.Subject subject(Evaluation.Case scored, Optional<Cohort> cohort) {
        LabelMap truth =
                Nifti.readLabelMap(scored.reference(), evaluation.schema().schema());
        LabelMap guess = Nifti.readLabelMap(
                scored.prediction(), predictionSchema.orElse(evaluation.schema().schema()));
        LabelMap aligned = truth.grid().matchesWithinOneVoxel(guess.grid())
                ? new LabelMap(truth.grid(), guess.voxels(), guess.schema())
                : Resampling.nearest(guess, truth.grid());
        Optional<Subject> subject = cohort.stream()
                .flatMap(all -> all.subjects().stream())
                .filter(one -> one.id().equals(scored.subject()))
                .findFirst();
        Optional<Sequence> shown = subject.flatMap(one -> one.images().containsKey(Sequence.T1CE)
                ? Optional.of(Sequence.T1CE)
                : one.images().keySet().stream().findFirst());
        Volume image = shown.map(sequence -> subject.get().volume(sequence))
                .orElseGet(() ->
                        new Volume(truth.grid(), new float[truth.grid().size().voxels()]));
        return new Gallery.Subject(
                scored.subject(),
                shown.map(Sequence::name).orElse("no image"),
                image,
                truth,
                Map.of("prediction", aligned));
    }
}
