package dev.preceptor.train;

import java.nio.file.Path;
import java.util.Map;

/**
 * How a training ended.
 *
 * @param run its folder
 * @param finished false if it was stopped; it can be resumed then
 * @param models the final model files by role; empty if stopped before there was one
 */
public record Outcome(Path run, boolean finished, Map<String, Path> models) {}
