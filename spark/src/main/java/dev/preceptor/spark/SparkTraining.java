package dev.preceptor.spark;

import dev.preceptor.base.PreceptorException;
import dev.preceptor.run.FoldChoice;
import dev.preceptor.run.TrainingJob;
import dev.preceptor.study.TrialFollower;
import dev.preceptor.train.TrainingResult;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.rdd.RDD;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;

/**
 * Trains one network on several executors of a cluster, which reach cohort and run by the same paths. The ranks are the tasks of a
 * barrier stage with a shuffle behind it: Spark aborts a job whose last stage is a barrier and loses an executor, but repeats one
 * that is followed by a shuffle. Each repetition resumes from the newest checkpoint.
 *
 * @param cluster with a place for each rank
 * @param ranks number of processes, at least 1
 */
public record SparkTraining(ClusterSession cluster, int ranks) {
    /** Repetitions after a rank was lost although its executor lives, for instance by a broken connection. */
    private static final int MAX_REPETITIONS = 3;

    /**
     * Trains, or resumes a training.
     *
     * @param progress receives phrases such as {@code student, epoch 3 of 30}
     * @param stopRequested is queried several times a second; the ranks then write a checkpoint and end
     * @throws PreceptorException if a rank fails, or the cluster gives up
     */
    public TrainingResult run(TrainingJob job, Consumer<String> progress, BooleanSupplier stopRequested) {
        TrialFollower follower = new TrialFollower(job.run().resolve("metrics.jsonl"), job.recipe(), progress);
        for (int repetition = 0; ; repetition++) {
            List<String> texts =
                    cluster.collect(stage(job, repetition > 0), TaskListener.NONE, follower::poll, stopRequested);
            if (texts.isEmpty()) {
                return new TrainingResult(job.run(), false, Map.of());
            }
            List<RankTask.Result> results = texts.stream()
                    .map(text -> TaskJson.of(text, RankTask.Result.class))
                    .toList();
            boolean isLost = results.stream().anyMatch(RankTask.Result::isLost);
            boolean hasFailed =
                    results.stream().anyMatch(result -> result.error().isPresent() && !result.isLost());
            if (!isLost || hasFailed || repetition == MAX_REPETITIONS) {
                return result(job, results);
            }
        }
    }

    private JavaRDD<String> stage(TrainingJob job, boolean isRepetition) {
        RDD<String> places = cluster.spark()
                .parallelize(Collections.nCopies(ranks, ""), ranks)
                .rdd();
        return places.barrier()
                .mapPartitions(new RankTask(request(job, isRepetition)), false, objects())
                .toJavaRDD()
                .repartition(1);
    }

    /** Not the tag of strings: their shuffle needs Kryo, which needs packages of Java opened. */
    @SuppressWarnings({"unchecked", "rawtypes"})
    private static ClassTag<String> objects() {
        return (ClassTag) ClassTag$.MODULE$.apply(Object.class);
    }

    private RankTask.Request request(TrainingJob job, boolean isRepetition) {
        return new RankTask.Request(
                job.recipe().toYaml(),
                absolute(job.cohort()),
                absolute(job.run()),
                job.fold().map(FoldChoice::toString),
                job.resume() || isRepetition,
                job.device(),
                cluster.coresOfTask(),
                job.data().cache().map(SparkTraining::absolute),
                job.data().threads(),
                job.schema(),
                job.unlabelled().map(SparkTraining::absolute));
    }

    private static String absolute(Path path) {
        return path.toAbsolutePath().normalize().toString();
    }

    /** Reports the error of the rank that failed, not of a rank that lost its peer. */
    private static TrainingResult result(TrainingJob job, List<RankTask.Result> results) {
        results.stream()
                .filter(result -> result.error().isPresent())
                .min(Comparator.comparing(RankTask.Result::isLost))
                .ifPresent(failed -> {
                    throw new PreceptorException(failed.error().orElseThrow());
                });
        Map<String, Path> models = new LinkedHashMap<>();
        results.forEach(result -> result.models().forEach((role, file) -> models.put(role, Path.of(file))));
        return new TrainingResult(job.run(), results.stream().allMatch(RankTask.Result::finished), models);
    }
}
