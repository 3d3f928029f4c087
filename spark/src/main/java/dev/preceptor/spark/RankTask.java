package dev.preceptor.spark;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.ErrorLine;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.base.Reason;
import dev.preceptor.base.TemporaryFolder;
import dev.preceptor.parallel.DistributedEnvironment;
import dev.preceptor.parallel.LostRankException;
import dev.preceptor.recipe.DataOptions;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.run.FoldChoice;
import dev.preceptor.run.RunLock;
import dev.preceptor.run.TrainingJob;
import dev.preceptor.train.Training;
import dev.preceptor.train.TrainingResult;
import dev.preceptor.volume.LabelSpace;
import java.io.IOException;
import java.io.Serializable;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.spark.BarrierTaskContext;
import scala.collection.Iterator;
import scala.jdk.javaapi.CollectionConverters;
import scala.runtime.AbstractFunction1;

/** One rank of a training, as a task of a barrier stage: Spark starts all ranks together and tells each where rank 0 is. */
final class RankTask extends AbstractFunction1<Iterator<String>, Iterator<String>> implements Serializable {
    private static final long serialVersionUID = 1L;
    /** How long an attempt waits for the process of the one before it, which notices a lost rank after 30 s. */
    private static final int LOCK_SECONDS = 180;

    private final String request;

    RankTask(Request request) {
        this.request = TaskJson.text(request);
    }

    /**
     * The job of all ranks; see {@link TrainingJob}.
     *
     * @param recipe as YAML
     */
    record Request(
            String recipe,
            String cohort,
            String run,
            Optional<String> fold,
            boolean resume,
            String device,
            int threads,
            Optional<String> cache,
            int dataThreads,
            Optional<LabelSpace> schema,
            Optional<String> unlabelled) {
        TrainingJob job(boolean isRetry) {
            try (TemporaryFolder scratch = StagingFolders.folder()) {
                Path file = scratch.path().resolve("recipe.yaml");
                AtomicFiles.writeString(file, recipe);
                return new TrainingJob(
                        Recipe.read(file),
                        Path.of(cohort),
                        Path.of(run),
                        fold.map(FoldChoice::parse),
                        resume || isRetry,
                        device,
                        threads,
                        new DataOptions(cache.map(Path::of), dataThreads),
                        schema,
                        unlabelled.map(Path::of));
            }
        }
    }

    /**
     * How a rank ended.
     *
     * @param models of rank 0, by role
     * @param error why it failed
     * @param isLost whether it failed because another one did
     */
    record Result(boolean finished, Map<String, String> models, Optional<String> error, boolean isLost) {}

    @Override
    public Iterator<String> apply(Iterator<String> partition) {
        BarrierTaskContext context = BarrierTaskContext.get();
        return CollectionConverters.asScala(
                List.of(TaskJson.text(result(context))).iterator());
    }

    private Result result(BarrierTaskContext context) {
        // Every rank takes part in the exchange, whatever happens to it afterwards.
        DistributedEnvironment environment = environment(context);
        try {
            TrainingJob job = TaskJson.of(request, Request.class).job(context.stageAttemptNumber() > 0);
            if (environment.isLeader() && context.stageAttemptNumber() > 0) {
                awaitLock(job.run());
            }
            TrainingResult result = Training.run(job, environment, event -> {}, context::isInterrupted);
            Map<String, String> models = new TreeMap<>();
            result.models().forEach((role, file) -> models.put(role, file.toString()));
            return new Result(result.finished(), models, Optional.empty(), false);
        } catch (LostRankException e) {
            return new Result(false, Map.of(), Optional.of(ErrorLine.of(e)), true);
        } catch (PreceptorException e) {
            return new Result(false, Map.of(), Optional.of(ErrorLine.of(e)), false);
        }
    }

    private static DistributedEnvironment environment(BarrierTaskContext context) {
        int size = context.getTaskInfos().length;
        String host = context.getTaskInfos()[0].address().replaceFirst(":[0-9]*$", "");
        String address = context.partitionId() == 0 ? host + " " + freePort() : "";
        String[] leader = context.allGather(address)[0].split(" ");
        return DistributedEnvironment.of(Map.of(
                "RANK",
                Integer.toString(context.partitionId()),
                "WORLD_SIZE",
                Integer.toString(size),
                "MASTER_ADDR",
                leader[0],
                "MASTER_PORT",
                leader[1]));
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new PreceptorException("rank 0 finds no free port: " + Reason.of(e), e);
        }
    }

    /** Waits until a rank 0 that survived the loss of another one has left the folder of the run. */
    private static void awaitLock(Path run) {
        for (int second = 0; ; second++) {
            try (RunLock free = RunLock.take(run)) {
                return;
            } catch (PreceptorException e) {
                if (second == LOCK_SECONDS) {
                    throw e;
                }
            }
            try {
                Thread.sleep(1000);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new PreceptorException("interrupted", e);
            }
        }
    }
}
