package dev.preceptor.report;

import dev.preceptor.base.PreceptorException;
import dev.preceptor.cohort.Cohort;
import dev.preceptor.cohort.LabelMapFiles;
import dev.preceptor.cohort.Subject;
import dev.preceptor.html.Block;
import dev.preceptor.metrics.Evaluation;
import dev.preceptor.metrics.RegionScore;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Region;
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
import java.util.stream.Collectors;

/**
 * The slices in the report of an evaluation, in ascending order of Dice.
 *
 * @param evaluation whose subjects are shown
 * @param references file or folder of the references; if it is a cohort, its images are drawn under the outlines
 * @param predictionSchema of the predictions; empty if it is that of the references
 */
record EvaluationGallery(Evaluation evaluation, Path references, Optional<LabelSpace> predictionSchema) {
    /** How many subjects are drawn at most; the table holds all. */
    static final int DRAWN = 12;

    /** A note and the gallery; or a note alone that says why nothing could be drawn. */
    List<Block> blocks() {
        List<Evaluation.Case> worst = worst();
        int left = evaluation.cases().size() - worst.size();
        Map<String, Evaluation.Case> byId = new LinkedHashMap<>();
        worst.forEach(c -> byId.put(c.subject(), c));
        Optional<Cohort> cohort = cohort();
        String lead = "Sorted by the mean of Dice over " + regions() + ", worst first"
                + (left > 0 ? "; the " + left + " better ones are left out here" : "")
                + ". The slices are those with most labelled voxels, the patient's right on the left. The numbers are volumetric Dice,"
                + " and ml of the reference."
                + (cohort.isEmpty() ? " The references are no cohort, so that no images are drawn." : "");
        try {
            return List.of(
                    new Block.Note(lead), Gallery.of(List.copyOf(byId.keySet()), id -> subject(byId.get(id), cohort)));
        } catch (PreceptorException e) {
            return List.of(new Block.Note("The slices could not be drawn: " + e.getMessage()));
        }
    }

    private String regions() {
        return evaluation.cases().stream()
                .flatMap(scored -> scored.scores().keySet().stream())
                .map(Region::name)
                .distinct()
                .collect(Collectors.joining(", "));
    }

    /** The subjects that are drawn. */
    List<Evaluation.Case> worst() {
        return evaluation.cases().stream()
                .sorted(Comparator.comparingDouble(EvaluationGallery::meanDice).thenComparing(Evaluation.Case::subject))
                .limit(DRAWN)
                .toList();
    }

    /** Over the regions whose Dice is defined; above every Dice if there is none. */
    private static double meanDice(Evaluation.Case scored) {
        return scored.scores().values().stream()
                .mapToDouble(RegionScore::dice)
                .filter(d -> !Double.isNaN(d))
                .average()
                .orElse(2);
    }

    /** Empty for a file, and for a folder of label maps alone. */
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

    private Gallery.Patient subject(Evaluation.Case scored, Optional<Cohort> cohort) {
        LabelMap truth =
                LabelMapFiles.read(scored.reference(), evaluation.schema().schema(), true);
        LabelMap predicted = LabelMapFiles.read(
                scored.prediction(), predictionSchema.orElse(evaluation.schema().schema()), true);
        LabelMap aligned = truth.grid().matchesWithinOneVoxel(predicted.grid())
                ? new LabelMap(truth.grid(), predicted.voxels(), predicted.schema())
                : Resampling.nearest(predicted, truth.grid());
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
        return new Gallery.Patient(
                scored.subject(),
                shown.map(Sequence::name).orElse("no image"),
                image,
                truth,
                Map.of("prediction", aligned),
                // A label map that does not declare its labels would be read with the schema of the references.
                shown.filter(sequence -> predictionSchema.isEmpty())
                        .flatMap(sequence -> ViewCommandLine.of(
                                subject.get().images().get(sequence),
                                List.of(scored.prediction(), scored.reference()),
                                evaluation.schema().schema())));
    }
}
