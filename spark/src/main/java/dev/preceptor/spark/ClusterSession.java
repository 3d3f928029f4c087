package dev.preceptor.spark;

import dev.preceptor.base.ErrorLine;
import dev.preceptor.base.PreceptorException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.ToIntFunction;
import org.apache.spark.JobExecutionStatus;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkJobInfo;
import org.apache.spark.SparkStageInfo;
import org.apache.spark.api.java.JavaFutureAction;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.Function;

/** The connection of a driver to its cluster. Thread-safe. */
public final class ClusterSession implements AutoCloseable {
    /** The time in which stopping tasks must write their checkpoint, the same as for a training on one machine. */
    static final long STOP_SECONDS = 300;

    private static final long POLL_MILLIS = 300;

    private final JavaSparkContext spark;

    private ClusterSession(JavaSparkContext spark) {
        this.spark = spark;
    }

    /** Whether this process was started by spark-submit, as the driver of a command. */
    public static boolean isDriver() {
        return System.getProperty("spark.master") != null;
    }

    /**
     * Connects with the settings that spark-submit gave this process.
     *
     * @param name of the application, as the pages of the cluster show it
     * @throws PreceptorException if the cluster does not answer
     */
    public static ClusterSession open(String name) {
        return connect(new SparkConf().setAppName(name));
    }

    static ClusterSession connect(SparkConf conf) {
        try {
            return new ClusterSession(new JavaSparkContext(conf));
        } catch (Exception e) { // Spark, in Scala, throws checked exceptions that it does not declare.
            throw new PreceptorException(
                    "no connection to the cluster " + conf.get("spark.master", "without spark.master") + ": "
                            + ErrorLine.first(String.valueOf(e.getMessage()))
                            + "; check the URL, and that the cluster runs and can reach this machine (spark.driver.host)",
                    e);
        }
    }

    JavaSparkContext spark() {
        return spark;
    }

    /** Cores that one task uses. */
    int coresOfTask() {
        return spark.getConf().getInt("spark.task.cpus", 1);
    }

    /** The tasks that run at a time, as far as the cluster has said until now; at least 1. */
    int slots() {
        return Math.max(1, spark.defaultParallelism() / coresOfTask());
    }

    /**
     * Runs a function on each text, one task for each, and waits.
     *
     * @param texts at least one
     * @param work is serialised and called on executors
     * @param listener is notified of tasks
     * @return the results in the order of the texts
     * @throws TaskFailedException if a task failed as often as Spark retries it
     */
    List<String> map(List<String> texts, Function<String, String> work, TaskListener listener) {
        return results(tasks(texts, work), listener, () -> {}, () -> false);
    }

    /**
     * The same work, which can be stopped.
     *
     * @param whileWaiting is called several times a second
     * @param stopRequested is queried as often; the tasks are then signalled to stop, write their checkpoints, and are waited for
     * @return no result if a stop was requested
     */
    List<String> map(
            List<String> texts,
            Function<String, String> work,
            TaskListener listener,
            Runnable whileWaiting,
            BooleanSupplier stopRequested) {
        return collect(tasks(texts, work), listener, whileWaiting, stopRequested);
    }

    private JavaRDD<String> tasks(List<String> texts, Function<String, String> work) {
        return spark.parallelize(texts, texts.size()).map(work);
    }

    /** The results of tasks that can be stopped; see {@link #map(List, Function, TaskListener, Runnable, BooleanSupplier)}. */
    List<String> collect(
            JavaRDD<String> rdd, TaskListener listener, Runnable whileWaiting, BooleanSupplier stopRequested) {
        try (ConnectionHold hold = ConnectionHold.take()) {
            return hold.isTooLate() ? List.of() : results(rdd, listener, whileWaiting, stopRequested);
        }
    }

    private List<String> results(
            JavaRDD<String> rdd, TaskListener listener, Runnable whileWaiting, BooleanSupplier stopRequested) {
        JavaFutureAction<List<String>> action = rdd.collectAsync();
        int shown = -1;
        try {
            while (true) {
                try {
                    return new ArrayList<>(action.get(POLL_MILLIS, TimeUnit.MILLISECONDS));
                } catch (TimeoutException e) {
                    whileWaiting.run();
                    if (stopRequested.getAsBoolean()) {
                        action.cancel(true);
                        awaitTasks(action);
                        return List.of();
                    }
                    int done = count(action, SparkStageInfo::numCompletedTasks);
                    if (done != shown) {
                        shown = done;
                        listener.advanced(done, rdd.getNumPartitions());
                    }
                }
            }
        } catch (InterruptedException e) {
            action.cancel(true);
            Thread.currentThread().interrupt();
            throw new PreceptorException("interrupted", e);
        } catch (ExecutionException e) {
            throw new TaskFailedException(reason(e.getCause()), e.getCause());
        }
    }

    /** Spark ends a cancelled job at once, but its tasks only when they see that they are cancelled. */
    private void awaitTasks(JavaFutureAction<?> action) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(STOP_SECONDS);
        while (isWorking(action) && System.nanoTime() < end) {
            Thread.sleep(POLL_MILLIS);
        }
    }

    private boolean isWorking(JavaFutureAction<?> action) {
        // Spark reports in order: a task that has started is counted when its job has ended, but perhaps not before.
        for (int job : action.jobIds()) {
            SparkJobInfo info = spark.statusTracker().getJobInfo(job);
            if (info == null || info.status() == JobExecutionStatus.RUNNING) {
                return true;
            }
        }
        return count(action, SparkStageInfo::numActiveTasks) > 0;
    }

    private int count(JavaFutureAction<?> action, ToIntFunction<SparkStageInfo> tasksOf) {
        int tasks = 0;
        for (int job : action.jobIds()) {
            SparkJobInfo info = spark.statusTracker().getJobInfo(job);
            for (int stage : info == null ? new int[0] : info.stageIds()) {
                SparkStageInfo known = spark.statusTracker().getStageInfo(stage);
                tasks += known == null ? 0 : tasksOf.applyAsInt(known);
            }
        }
        return tasks;
    }

    /** Spark's messages are pages; their first line says which task failed and the cause. */
    private static String reason(Throwable failure) {
        return ErrorLine.first(String.valueOf(failure.getMessage()));
    }

    /** A task failed as often as Spark retries it, which ends its job. */
    static final class TaskFailedException extends PreceptorException {
        private static final long serialVersionUID = 1L;

        TaskFailedException(String reason, Throwable cause) {
            super("the cluster gave up: " + reason + "; the logs of the executors say more", cause);
        }
    }

    @Override
    public void close() {
        spark.close();
    }
}
