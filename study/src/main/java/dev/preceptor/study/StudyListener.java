package dev.preceptor.study;

/**
 * Is notified of the progress of a study. With several jobs only {@link #ended} and {@link #trialAdvanced} are called during the
 * trials, one call at a time, from any thread.
 */
public interface StudyListener extends WorkListener {
    /** The counts of trials that will be run, and of those that are finished already. */
    void planned(int toDo, int finishedBefore);

    /** How long the unfinished trials take; before the first of them, and not if there is none. */
    void forecast(StudyForecast forecast);

    /** A trial has finished or failed. */
    void ended(TrialState trial);
}
