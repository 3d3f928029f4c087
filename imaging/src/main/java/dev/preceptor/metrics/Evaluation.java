package dev.preceptor.metrics;

import dev.preceptor.base.InvalidCohortException;
import dev.preceptor.base.MismatchException;
import dev.preceptor.base.Parallel;
import dev.preceptor.cohort.LabelFiles;
import dev.preceptor.cohort.SchemaDecision;
import dev.preceptor.cohort.SpacingCheck;
import dev.preceptor.nifti.Nifti;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.Region;
import dev.preceptor.volume.Resampling;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;

/**
 * Predictions scored against references, subject by subject and region by region. A value: {@link EvaluationFiles} writes it
 * into files, {@link EvaluationText} for a terminal.
 *
 * <pre>{@code
 * EvaluationOptions options = EvaluationOptions.DEFAULT.withConvention(Convention.BRATS_LEGACY);
 * Evaluation evaluation = Evaluation.of(Path.of("predictions"), Path.of("references"), options);
 * double dice = evaluation.mean(Region.WT, RegionScore::dice);
 * EvaluationFiles.write(evaluation, Path.of("scores"));
 * }</pre>
 *
 * @param convention what empty masks score, and which Hausdorff distance is taken
 * @param schema what the labels of the references mean, and how that was decided
 * @param cases the subjects that were scored, by id
 * @param predictionsAlone ids of predictions without a reference
 * @param referencesAlone ids of references without a prediction; they count in no mean
 * @param leaks ids of scored subjects that a model behind the predictions was trained on, each with the evidence; they count
 *     in the means, and every output marks them
 */
public record Evaluation(
        Convention convention,
        SchemaDecision schema,
        List<Case> cases,
        List<String> predictionsAlone,
        List<String> referencesAlone,
        Map<String, String> leaks) {
    public Evaluation {
        leaks = Collections.unmodifiableMap(new TreeMap<>(leaks));
    }

    /** Without leakage information. */
    public Evaluation(
            Convention convention,
            SchemaDecision schema,
            List<Case> cases,
            List<String> predictionsAlone,
            List<String> referencesAlone) {
        this(convention, schema, cases, predictionsAlone, referencesAlone, Map.of());
    }

    /**
     * One subject.
     *
     * @param subject its id
     * @param prediction file of the predicted label map
     * @param reference file of the reference label map
     * @param scores by region: WT, TC and ET
     * @param brats rows of the official table of BraTS by region; empty if they were not computed
     * @param calibration by region, for those whose probabilities lie beside the prediction
     */
    public record Case(
            String subject,
            Path prediction,
            Path reference,
            Map<Region, RegionScore> scores,
            Map<Region, BratsScore> brats,
            Map<Region, Calibration> calibration) {
        public Case {
            scores = Collections.unmodifiableMap(new LinkedHashMap<>(scores));
            brats = Collections.unmodifiableMap(new LinkedHashMap<>(brats));
            calibration = Collections.unmodifiableMap(new LinkedHashMap<>(calibration));
        }

        /** Without rows of the official table and without calibration. */
        public Case(String subject, Path prediction, Path reference, Map<Region, RegionScore> scores) {
            this(subject, prediction, reference, scores, Map.of(), Map.of());
        }
    }

    /**
     * Pairs predictions and references by subject id and scores them. Two single files form a pair whatever their names.
     *
     * @param predictions a file or folder, see {@link LabelFiles}
     * @param references a file or folder
     * @throws InvalidCohortException if no prediction has a reference
     * @throws MismatchException if a pair lies on different grids, or a prediction declares another schema
     * @throws dev.preceptor.base.InvalidFileException if a file is broken or holds a label that its schema does not know
     */
    public static Evaluation of(Path predictions, Path references, EvaluationOptions options) {
        LabelFiles predicted = LabelFiles.at(predictions);
        LabelFiles referenced = LabelFiles.at(references);
        SchemaDecision schema = options.schema()
                .map(SchemaDecision::asGiven)
                .or(referenced::described)
                .orElseGet(() -> SchemaDecision.forFiles(
                        references,
                        List.copyOf(referenced.byId().keySet()),
                        List.copyOf(referenced.byId().values())));
        PredictionSchema predictionSchema = PredictionSchema.of(predicted, schema.schema(), options.predictionSchema());
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
        int regionsAtOnce = (options.threads() + partners.size() - 1) / partners.size();
        List<Case> cases = Parallel.map(List.copyOf(partners.keySet()), options.threads(), id -> {
            Path prediction = partners.get(id);
            Path reference = referenced.byId().get(id);
            SpacingCheck.require(reference, Nifti.readHeader(reference));
            SpacingCheck.require(prediction, Nifti.readHeader(prediction));
            LabelMap truth = Nifti.readLabelMap(reference, schema.schema());
            LabelMap guess = aligned(
                    predictionSchema.read(prediction),
                    truth,
                    "subject " + id + ": " + reference,
                    prediction,
                    options.isResampled());
            SubjectScores scores = SubjectScores.of(guess, truth, options.scoring(), regionsAtOnce);
            Map<Region, Calibration> calibration =
                    ProbabilityFiles.calibrations(prediction, id, truth, options.isResampled());
            return new Case(id, prediction, reference, scores.regions(), scores.brats(), calibration);
        });
        return new Evaluation(
                options.scoring().convention(),
                schema,
                cases,
                List.copyOf(predictionsAlone),
                List.copyOf(referencesAlone));
    }

    /**
     * Scores one label map against another; they may be in different schemas, each says its own.
     *
     * @throws MismatchException if the grids differ
     */
    public static Map<Region, RegionScore> score(LabelMap prediction, LabelMap reference, Convention convention) {
        return SubjectScores.of(prediction, reference, Scoring.DEFAULT.withConvention(convention), 1)
                .regions();
    }

    private static LabelMap aligned(LabelMap guess, LabelMap truth, String what, Path file, boolean isResampled) {
        Grid grid = truth.grid();
        if (grid.matchesWithinOneVoxel(guess.grid())) {
            return new LabelMap(grid, guess.voxels(), guess.schema());
        }
        if (isResampled) {
            return Resampling.nearest(guess, grid);
        }
        throw new MismatchException(
                grid.difference(guess.grid(), what, file.toString()).orElseThrow()
                        + "; ask to resample, and predictions are taken at the voxels of their references");
    }

    /** The same with leaks: those of {@code reasons}, by subject id, that are scored here. */
    public Evaluation withLeaks(Map<String, String> reasons) {
        Map<String, String> here = new TreeMap<>(reasons);
        here.keySet().retainAll(cases.stream().map(Case::subject).toList());
        return new Evaluation(convention, schema, cases, predictionsAlone, referencesAlone, here);
    }

    /** The mean of a figure over the subjects for which it is defined; NaN if there is none. */
    public double mean(Region region, ToDoubleFunction<RegionScore> figure) {
        return cases.stream()
                .mapToDouble(c -> figure.applyAsDouble(c.scores().get(region)))
                .filter(v -> !Double.isNaN(v))
                .average()
                .orElse(Double.NaN);
    }

    /** The lesion rules of the official table of BraTS; empty if no case has its rows. */
    public Optional<LesionRules> rules() {
        return cases.stream()
                .flatMap(c -> c.brats().values().stream())
                .map(BratsScore::rules)
                .findFirst();
    }
}
