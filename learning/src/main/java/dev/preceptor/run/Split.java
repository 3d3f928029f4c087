package dev.preceptor.run;

import java.util.List;

/**
 * The subjects of a training by use, as IDs.
 *
 * @param training subjects that the weights are trained on
 * @param validation subjects that the schedule and the selection depend on
 * @param heldOut the held-out fold; empty without one
 * @param unlabelled subjects without label maps whose images the method learns from
 */
public record Split(List<String> training, List<String> validation, List<String> heldOut, List<String> unlabelled) {
    public Split {
        training = List.copyOf(training);
        validation = List.copyOf(validation);
        heldOut = List.copyOf(heldOut);
        unlabelled = List.copyOf(unlabelled);
    }

    /** A split of labelled subjects only. */
    public Split(List<String> training, List<String> validation, List<String> heldOut) {
        this(training, validation, heldOut, List.of());
    }
}
