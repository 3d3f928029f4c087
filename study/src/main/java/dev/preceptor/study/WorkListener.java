package dev.preceptor.study;

import dev.preceptor.run.TrainingEvent;

/** Hears how a demo or a study goes on, on the thread that runs it unless said otherwise. */
public interface WorkListener {
    /** A part begins. */
    void began(String part);

    /** A subject of a part is done; may come from another thread, one call at a time. */
    void advanced(String part, String subject, int done, int total);

    /** A training says something. */
    void trained(TrainingEvent event);
}
