package dev.preceptor.train;

import java.nio.file.Path;
import java.util.Map;

/**
 * The result of a training.
 *
 * @param run the folder of the run
 * @param finished false if the training was stopped; it can then be resumed
 * @param models the final model files by role; empty if the training was stopped
 */
public record TrainingResult(Path run, boolean finished, Map<String, Path> models) {}
