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
import org.apache.spark.api.java.function.Function;

/** Scores some pairs of predictions and references on an executor. */
final class ScoreTask implements Function<String, String> {
    private static final long serialVersionUID = 1L;

    private final String how;

    ScoreTask(PairScoring how) {
        this.how = TaskJson.text(how);
    }

    /** The pairs of one task. */
    record Batch(List<PairScoring.Pair> pairs) {}

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
        PairScoring shared = TaskJson.of(how, PairScoring.class);
        return TaskJson.text(new Result(TaskJson.of(text, Batch.class).pairs().stream()
                .map(pair -> scored(shared, pair))
                .toList()));
    }

    private static Scored scored(PairScoring shared, PairScoring.Pair pair) {
        try {
            Evaluation.Case done = shared.score(pair);
            return new Scored(done.scores(), done.brats(), done.calibration(), Optional.empty());
        } catch (PreceptorException e) {
            return new Scored(Map.of(), Map.of(), Map.of(), Optional.of(ErrorLine.of(e)));
        }
    }
}
