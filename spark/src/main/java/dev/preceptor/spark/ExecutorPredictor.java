package dev.preceptor.spark;

import dev.preceptor.infer.Predictor;
import dev.preceptor.tensor.Torch;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.apache.spark.SparkFiles;

/**
 * The model of an executor: read by its first task and kept until the process ends, as tasks have nothing in common but the process.
 * Thread-safe.
 */
final class ExecutorPredictor {
    private static final ExecutorPredictor INSTANCE = new ExecutorPredictor();

    private Optional<PredictionRequest> request = Optional.empty();
    private Predictor predictor;

    private ExecutorPredictor() {}

    /** The predictor of a request. */
    static Predictor of(PredictionRequest request) {
        return INSTANCE.opened(request);
    }

    private synchronized Predictor opened(PredictionRequest wanted) {
        if (!request.equals(Optional.of(wanted))) {
            if (predictor != null) {
                predictor.close();
            }
            Torch.useThreads(wanted.threads());
            List<Path> models = wanted.models().stream()
                    .map(name -> Path.of(SparkFiles.get(name)))
                    .toList();
            predictor = Predictor.read(models, wanted.options());
            request = Optional.of(wanted);
        }
        return predictor;
    }
}
