package dev.preceptor.metrics;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.InvalidCohortException;
import dev.preceptor.base.JsonFiles;
import dev.preceptor.base.MismatchException;
import dev.preceptor.base.Parallel;
import dev.preceptor.cohort.LabelFiles;
import dev.preceptor.cohort.SchemaDecision;
import dev.preceptor.nifti.Nifti;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.LabelSchema;
import dev.preceptor.volume.Region;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/**
 * Predictions scored against references, subject by subject and region by region.
 *
 * @param convention under which
 * @param schema what the labels mean, and how that was decided
 * @param cases what was scored, by id
 * @param predictionsAlone ids of predictions without a reference
 * @param referencesAlone ids of references without a prediction; they count in no mean
 */
public record Evaluation(
        Convention convention,
        SchemaDecision schema,
        List<Case> cases,
        List<String> predictionsAlone,
        List<String> referencesAlone) {

    /** One subject: its files, and its score in WT, TC and ET. */
    public record Case(String subject, Path prediction, Path reference, Map<Region, RegionScore> scores) {
        public Case {
            scores = Collections.unmodifiableMap(new LinkedHashMap<>(scores));
        }
    }

    /**
     * Pairs the label maps at two places by subject and scores them; two single files are a pair whatever their names.
     *
     * @param predictions a file or folder, see {@link LabelFiles}
     * @param references a file or folder
     * @throws InvalidCohortException if nothing pairs
     * @throws MismatchException if a pair lies on different grids, or a prediction says that it is in another schema
     * @throws dev.preceptor.base.InvalidFileException if a file is broken or holds a label that its schema does not know
     */
    public static Evaluation of(Path predictions, Path references, EvaluationOptions options) {
        LabelFiles predicted = LabelFiles.at(predictions);
        LabelFiles referenced = LabelFiles.at(references);
        SchemaDecision schema = options.schema()
                .map(given -> new SchemaDecision(given, "as given"))
                .or(referenced::described)
                .orElseGet(() -> SchemaDecision.forFiles(
                        references,
                        List.copyOf(referenced.byId().keySet()),
                        List.copyOf(referenced.byId().values())));
        Map<String, Path> partners = new LinkedHashMap<>();
        List<String> predictionsAlone = new ArrayList<>(predicted.byId().keySet());
        List<String> referencesAlone = new ArrayList<>();
        if (Files.isRegularFile(predictions) && Files.isRegularFile(references)) {
            partners.put(referenced.byId().firstKey(), predictions);
            predictionsAlone.clear();
        } else {
            for (String id : referenced.byId().keySet()) {
                Optional.ofNullable(predicted.byId().get(id))
                        .ifPresentOrElse(file -> partners.put(id, file), () -> referencesAlone.add(id));
            }
            predictionsAlone.removeAll(partners.keySet());
        }
        if (partners.isEmpty()) {
            throw new InvalidCohortException("no prediction in " + predictions + " has a reference in " + references
                    + ": ids there are " + predicted.byId().firstKey() + ", ... and "
                    + referenced.byId().firstKey() + ", ...");
        }
        List<Case> cases = Parallel.map(List.copyOf(partners.keySet()), options.threads(), id -> {
            Path prediction = partners.get(id);
            Path reference = referenced.byId().get(id);
            LabelMap truth = Nifti.readLabelMap(reference, schema.schema());
            LabelMap guess = readPrediction(prediction, schema.schema(), options.predictionSchema());
            if (!truth.grid().isTakenFor(guess.grid())) {
                truth.grid().requireMatches(guess.grid(), "subject " + id + ": " + reference, prediction.toString());
            }
            LabelMap aligned = new LabelMap(truth.grid(), guess.voxels(), guess.schema());
            return new Case(id, prediction, reference, score(aligned, truth, options.convention()));
        });
        return new Evaluation(
                options.convention(), schema, cases, List.copyOf(predictionsAlone), List.copyOf(referencesAlone));
    }

    /**
     * Scores one label map against another; they may be in different schemas, each says its own.
     *
     * @throws MismatchException if the grids differ
     */
    public static Map<Region, RegionScore> score(LabelMap prediction, LabelMap reference, Convention convention) {
        reference.grid().requireMatches(prediction.grid(), "the reference", "the prediction");
        Map<Region, RegionScore> scores = new LinkedHashMap<>();
        for (Region region : Region.BRATS) {
            scores.put(region, convention.score(prediction.mask(region), reference.mask(region), reference.grid()));
        }
        return scores;
    }

    private static LabelMap readPrediction(Path file, LabelSchema references, Optional<LabelSchema> told) {
        Optional<LabelSchema> declared = SchemaDecision.declaredIn(file);
        LabelSchema expected = told.orElse(references);
        if (declared.isPresent() && !declared.get().equals(expected)) {
            throw new MismatchException(file + ": was written in " + declared.get() + " but "
                    + (told.isPresent() ? "is said to be in " : "the references are in ") + expected
                    + "; name the schema of the predictions to have them mapped");
        }
        return Nifti.readLabelMap(file, expected);
    }

    /** The mean of a figure over the subjects for which it is defined; NaN if there is none. */
    public double mean(Region region, ToDoubleFunction<RegionScore> figure) {
        return cases.stream()
                .mapToDouble(c -> figure.applyAsDouble(c.scores().get(region)))
                .filter(v -> !Double.isNaN(v))
                .average()
                .orElse(Double.NaN);
    }

    /** For people: means by region, and what has no partner. */
    public String toTable() {
        return EvaluationText.table(this);
    }

    /** One line a subject and region. */
    public String toCsv() {
        return EvaluationText.csv(this);
    }

    /** The fields of nnU-Net v2's {@code summary.json}, with its own rules for empty masks. */
    public Map<String, Object> toSummary() {
        return NnUNetSummary.of(this);
    }

    /** Writes {@code scores.csv} and {@code summary.json} into a folder. */
    public void write(Path folder) {
        AtomicFiles.writeString(folder.resolve("scores.csv"), toCsv());
        JsonFiles.write(folder.resolve("summary.json"), toSummary());
    }
}
