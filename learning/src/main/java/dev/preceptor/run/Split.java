package dev.preceptor.run;

import java.util.List;

/**
 * The subjects of a training by use, as IDs.
 *
 * @param training subjects that the weights are trained on
 * @param validation subjects that the schedule and the selection depend on
 * @param heldOut the held-out fold; empty without one
 */
public record Split(List<String> training, List<String> validation, List<String> heldOut) {
    public Split {
        training = List.copyOf(training);
        validation = List.copyOf(validation);
        heldOut = List.copyOf(heldOut);
    }
}
