package dev.preceptor.metrics;

import dev.preceptor.base.InvalidCohortException;
import dev.preceptor.base.MismatchException;
import dev.preceptor.base.Parallel;
import dev.preceptor.cohort.LabelFiles;
import dev.preceptor.cohort.Patients;
import dev.preceptor.cohort.SchemaDecision;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.Region;
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
import java.util.stream.Stream;

/**
 * Predictions scored against references, by subject and region. {@link EvaluationFiles} writes it into files,
 * {@link EvaluationText} for a terminal.
 *
 * <p>Score a folder of predictions, read the mean Dice of the enhancing tumour over the subjects for which it is defined,
 * count the lesions that each prediction misses, and write all files of scores:
 *
 * <pre>{@code
 * EvaluationOptions options = EvaluationOptions.DEFAULT.withConvention(Convention.LESIONWISE_2023);
 * Evaluation evaluation = Evaluation.of(predictions, references, options);
 * double meanDice = evaluation.mean(Region.ET, RegionScore::dice);
 * for (Evaluation.Case scored : evaluation.cases()) {
 *     LesionWise lesions = scored.brats().get(Region.ET).lesions();
 *     System.out.println(scored.subject() + ": " + lesions.missed() + " lesions missed");
 * }
 * EvaluationFiles.write(evaluation, scores);
 * }</pre>
 *
 * @param convention the scoring convention
 * @param schema the label schema of the references, and how it was derived
 * @param cases the scored subjects, by id
 * @param unmatchedPredictions ids of predictions without a reference
 * @param unmatchedReferences ids of references without a prediction; no mean includes them
 * @param leaks the scored subjects that a model behind the predictions was trained on, with the evidence; they are scored
 *     like the others, and every output names them
 * @param unrecorded names of the models behind the predictions whose training subjects are not all recorded, so that further
 *     subjects can leak
 */
public record Evaluation(
        Convention convention,
        SchemaDecision schema,
        List<Case> cases,
        List<String> unmatchedPredictions,
        List<String> unmatchedReferences,
        Map<String, String> leaks,
        List<String> unrecorded) {
    public Evaluation {
        leaks = Collections.unmodifiableMap(new TreeMap<>(leaks));
        unrecorded = List.copyOf(unrecorded);
    }

    /** An evaluation of predictions whose models are not known. */
    public Evaluation(
            Convention convention,
            SchemaDecision schema,
            List<Case> cases,
            List<String> unmatchedPredictions,
            List<String> unmatchedReferences) {
        this(convention, schema, cases, unmatchedPredictions, unmatchedReferences, Map.of(), List.of());
    }

    /**
     * One scored subject.
     *
     * @param subject its id
     * @param prediction the label map that was scored
     * @param reference the label map it was scored against
     * @param scores of the regions of the label space under the convention
     * @param brats the rows of the official BraTS table
     * @param calibration of the regions whose probabilities lie beside the prediction
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

        /** A subject with region scores only. */
        public Case(String subject, Path prediction, Path reference, Map<Region, RegionScore> scores) {
            this(subject, prediction, reference, scores, Map.of(), Map.of());
        }
    }

    /**
     * Pairs the label maps at two places by subject id and scores the pairs. Two single files are a pair whatever their
     * names.
     *
     * @param predictions a file or folder, see {@link LabelFiles}
     * @param references a file or folder
     * @param options scoring, schemas, resampling and threads
     * @throws InvalidCohortException if no prediction has a reference
     * @throws MismatchException if the grids of a pair differ, or the header of a prediction declares another schema
     * @throws dev.preceptor.base.InvalidFileException if a file cannot be read or holds a label that its schema does not
     *     define
     */
    public static Evaluation of(Path predictions, Path references, EvaluationOptions options) {
        return of(predictions, references, options, (how, pairs) -> Parallel.map(pairs, options.threads(), how::score));
    }

    /** Scores pairs, here or elsewhere. */
    @FunctionalInterface
    public interface PairScorer {
        /**
         * @param how what {@link PairScoring#score} needs for each pair
         * @return the cases in the order of the pairs
         */
        List<Case> score(PairScoring how, List<PairScoring.Pair> pairs);
    }

    /**
     * The same with a scorer of one's own.
     *
     * @param scorer is called once, with all pairs
     */
    public static Evaluation of(Path predictions, Path references, EvaluationOptions options, PairScorer scorer) {
        LabelFiles predicted = LabelFiles.at(predictions);
        LabelFiles referenced = LabelFiles.at(references);
        SchemaDecision schema = options.schema()
                .map(SchemaDecision::asGiven)
                .or(referenced::described)
                .orElseGet(() -> SchemaDecision.forFiles(
                        references,
                        List.copyOf(referenced.byId().keySet()),
                        List.copyOf(referenced.byId().values())));
        Scoring scoring = options.scoring().apply(schema.schema());
        PredictionSchema predictionSchema = PredictionSchema.of(predicted, schema.schema(), options.predictionSchema());
        Map<String, Path> pairs = new LinkedHashMap<>();
        List<String> unmatchedPredictions = new ArrayList<>(predicted.byId().keySet());
        List<String> unmatchedReferences = new ArrayList<>();
        if (Files.isRegularFile(predictions) && Files.isRegularFile(references)) {
            pairs.put(referenced.byId().firstKey(), predictions);
            unmatchedPredictions.clear();
        } else {
            for (String id : referenced.byId().keySet()) {
                Optional.ofNullable(predicted.byId().get(id))
                        .ifPresentOrElse(file -> pairs.put(id, file), () -> unmatchedReferences.add(id));
            }
            unmatchedPredictions.removeAll(pairs.keySet());
        }
        if (pairs.isEmpty()) {
            throw new InvalidCohortException("no prediction in " + predictions + " has a reference in " + references
                    + ": the ids are " + predicted.byId().firstKey() + ", ... and "
                    + referenced.byId().firstKey() + ", ...");
        }
        PairScoring how = new PairScoring(
                schema.schema(),
                options.schema().isPresent(),
                scoring,
                predictionSchema.expected(),
                predictionSchema.isGiven(),
                options.resamplesPredictions(),
                (options.threads() + pairs.size() - 1) / pairs.size());
        List<Case> cases = scorer.score(
                how,
                pairs.entrySet().stream()
                        .map(pair -> new PairScoring.Pair(
                                pair.getKey(),
                                pair.getValue(),
                                referenced.byId().get(pair.getKey())))
                        .toList());
        return new Evaluation(
                scoring.convention(),
                schema,
                cases,
                List.copyOf(unmatchedPredictions),
                List.copyOf(unmatchedReferences));
    }

    /**
     * Scores one label map against another on the same grid. They may be in different schemas.
     *
     * @throws MismatchException if the grids differ
     */
    public static Map<Region, RegionScore> score(LabelMap prediction, LabelMap reference, Convention convention) {
        return SubjectScores.of(prediction, reference, Scoring.DEFAULTS.withConvention(convention), 1)
                .regions();
    }

    /**
     * This evaluation with what is known of leakage.
     *
     * @param reasons the leaking subjects with the evidence; those that are not scored here are left out
     * @param models names of the models whose training subjects are not all recorded
     */
    public Evaluation withLeaks(Map<String, String> reasons, List<String> models) {
        Map<String, String> scored = new TreeMap<>(reasons);
        scored.keySet().retainAll(cases.stream().map(Case::subject).toList());
        return new Evaluation(convention, schema, cases, unmatchedPredictions, unmatchedReferences, scored, models);
    }

    /** Warnings about the scores, a line each: models that do not record their training, and several scans of a patient. */
    public List<String> warnings() {
        return Stream.concat(unrecorded.stream().map(Evaluation::leakageUnknown), patients().dependence().stream())
                .toList();
    }

    /** A warning about a model whose training subjects are not all recorded. */
    public static String leakageUnknown(String model) {
        return model
                + " does not record its training subjects, or those of its teachers; leakage through it cannot be found";
    }

    /** The patients of the scored subjects. */
    public Patients patients() {
        return Patients.of(cases.stream().map(Case::subject).toList());
    }

    /** The mean of a figure over the subjects for which it is defined; NaN if there are none. */
    public double mean(Region region, ToDoubleFunction<RegionScore> figure) {
        return cases.stream()
                .mapToDouble(c -> figure.applyAsDouble(c.scores().get(region)))
                .filter(v -> !Double.isNaN(v))
                .average()
                .orElse(Double.NaN);
    }

    /** The scored regions: those of the references' label space. */
    public List<Region> regions() {
        return schema.schema().regions();
    }

    /** The rules of the official BraTS table; empty if no case has its rows. */
    public Optional<LesionRules> rules() {
        return cases.stream()
                .flatMap(c -> c.brats().values().stream())
                .map(BratsScore::rules)
                .findFirst();
    }
}
