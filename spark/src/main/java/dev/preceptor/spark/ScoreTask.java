package dev.preceptor.spark;

import dev.preceptor.base.ErrorLine;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.metrics.BratsScore;
import dev.preceptor.metrics.Calibration;
import dev.preceptor.metrics.Evaluation;
import dev.preceptor.metrics.PairScoring;
import dev.preceptor.metrics.RegionScore;
import dev.preceptor.volume.Region;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.spark.api.java.function.Function;

/** Scores some pairs of predictions and references on an executor. */
final class ScoreTask implements Function<String, String> {
    private static final long serialVersionUID = 1L;

    private final String request;

    ScoreTask(Request request) {
        this.request = TaskJson.text(request);
    }

    /**
     * What all tasks share.
     *
     * @param how pairs are scored
     * @param predictions path or URI of their folder
     * @param references path or URI of their folder
     */
    record Request(PairScoring how, String predictions, String references) {}

    /**
     * A pair as it travels to an executor; names are relative to the folders.
     *
     * @param subject its id
     * @param prediction the label map
     * @param probabilities that lie beside it
     * @param reference the label map
     */
    record PairFiles(String subject, String prediction, List<String> probabilities, String reference) {
        List<String> predicted() {
            return Stream.concat(Stream.of(prediction), probabilities.stream()).toList();
        }
    }

    /** The pairs of one task. */
    record Batch(List<PairFiles> pairs) {}

    /**
     * The scores of one pair; see {@link Evaluation.Case}.
     *
     * @param error why the pair cannot be scored, which ends the evaluation
     */
    record Scored(
            Map<Region, RegionScore> scores,
            Map<Region, BratsScore> brats,
            Map<Region, Calibration> calibration,
            Optional<String> error) {
        static Scored failed(String error) {
            return new Scored(Map.of(), Map.of(), Map.of(), Optional.of(error));
        }

        Evaluation.Case of(PairScoring.Pair pair) {
            error.ifPresent(line -> {
                throw new PreceptorException(line);
            });
            return new Evaluation.Case(pair.subject(), pair.prediction(), pair.reference(), scores, brats, calibration);
        }
    }

    /** What comes back of one task. */
    record Result(List<Scored> scored) {}

    @Override
    public String call(String text) {
        Request shared = TaskJson.of(request, Request.class);
        Store predictions = Store.at(Place.of(shared.predictions()));
        Store references = Store.at(Place.of(shared.references()));
        return TaskJson.text(new Result(TaskJson.of(text, Batch.class).pairs().stream()
                .map(pair -> scored(shared.how(), pair, predictions, references))
                .toList()));
    }

    private static Scored scored(PairScoring how, PairFiles pair, Store predictions, Store references) {
        try (Staging predicted = Staging.of(predictions, pair.predicted());
                Staging referenced = Staging.of(references, List.of(pair.reference()))) {
            try {
                Evaluation.Case done = how.score(new PairScoring.Pair(
                        pair.subject(),
                        predicted.folder().resolve(pair.prediction()),
                        referenced.folder().resolve(pair.reference())));
                return new Scored(done.scores(), done.brats(), done.calibration(), Optional.empty());
            } catch (PreceptorException e) {
                return Scored.failed(referenced.named(predicted.named(ErrorLine.of(e))));
            }
        } catch (PreceptorException e) {
            return Scored.failed(ErrorLine.of(e));
        }
    }
}
