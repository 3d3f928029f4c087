package dev.preceptor.spark;

import dev.preceptor.metrics.Evaluation;
import dev.preceptor.metrics.PairScoring;
import java.util.ArrayList;
import java.util.List;

/**
 * Scores the pairs of an evaluation on a cluster, with the same numbers as on one machine.
 *
 * @param cluster that reaches all files by the paths of the driver
 * @param listener is notified of tasks
 */
public record SparkScores(ClusterSession cluster, TaskListener listener) implements Evaluation.PairScorer {
    @Override
    public List<Evaluation.Case> score(PairScoring how, List<PairScoring.Pair> pairs) {
        List<String> batches = Batches.of(pairs, cluster.slots()).stream()
                .map(batch -> TaskJson.text(new ScoreTask.Batch(batch)))
                .toList();
        List<Evaluation.Case> cases = new ArrayList<>();
        for (String text : cluster.map(batches, new ScoreTask(how), listener)) {
            for (ScoreTask.Scored scored :
                    TaskJson.of(text, ScoreTask.Result.class).scored()) {
                cases.add(scored.of(pairs.get(cases.size())));
            }
        }
        return cases;
    }
}
