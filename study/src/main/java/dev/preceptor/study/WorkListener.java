package dev.preceptor.study;

import dev.preceptor.run.TrainingEvent;

/** Is notified of the progress of a demo or a study, on the thread that runs it unless stated otherwise. */
public interface WorkListener {
    /** A part begins. */
    void began(String part);

    /** A subject of a part is done; called from any thread, one call at a time. */
    void advanced(String part, String subject, int done, int total);

    /**
     * A trial that runs in a process of its own has finished an epoch; called from any thread, one call at a time.
     *
     * @param state a phrase such as {@code student, epoch 3 of 30}
     */
    default void trialAdvanced(String trial, String state) {}

    /** An event of a training. */
    void trained(TrainingEvent event);
}
