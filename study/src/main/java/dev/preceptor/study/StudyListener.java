package dev.preceptor.study;

/** Hears how a study goes on. With several cells at a time only their ends are told, one call at a time, from any thread. */
public interface StudyListener extends WorkListener {
    /** How many cells are to be done, and how many of all were finished before. */
    void planned(int toDo, int finishedBefore);

    /** A cell has ended. */
    void ended(TrialState cell);
}
