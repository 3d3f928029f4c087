package dev.preceptor.run;

import java.util.List;

/**
 * Which subjects serve for what, by ID.
 *
 * @param training they are learned from
 * @param validation they drive schedule and selection
 * @param heldOut the fold that is kept apart; empty without a fold
 */
public record Split(List<String> training, List<String> validation, List<String> heldOut) {
    public Split {
        training = List.copyOf(training);
        validation = List.copyOf(validation);
        heldOut = List.copyOf(heldOut);
    }
}
