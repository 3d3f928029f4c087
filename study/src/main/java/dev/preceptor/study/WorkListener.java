package dev.preceptor.study;

import dev.preceptor.run.TrainingEvent;

/** Is notified of the progress of a demo or a study, on the thread that runs it unless stated otherwise. */
public interface WorkListener {
    /** A part begins. */
    void began(String part);

    /** A subject of a part is done; called from any thread, one call at a time. */
    void advanced(String part, String subject, int done, int total);

    /** An event of a training. */
    void trained(TrainingEvent event);
}
