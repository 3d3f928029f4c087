package dev.preceptor.cli;

import dev.preceptor.run.TrainingEvent;
import dev.preceptor.study.StudyForecast;
import dev.preceptor.study.StudyListener;
import dev.preceptor.study.TrialState;
import dev.preceptor.study.WorkListener;

/**
 * Shows a study: a line for each finished trial, and a progress bar for the current part, or for the trials if they run in
 * parallel.
 */
final class StudyProgress implements StudyListener {
    private final ProgressBar bar;
    private final WorkListener parts;
    private final boolean several;
    private int toDo;
    private int ended;

    /** @param several whether several trials run in parallel; the bar then counts trials */
    StudyProgress(ProgressBar bar, boolean several) {
        this.bar = bar;
        this.parts = new WorkProgress(bar);
        this.several = several;
    }

    @Override
    public void planned(int toDo, int finishedBefore) {
        this.toDo = toDo;
        bar.line(toDo + (toDo == 1 ? " trial" : " trials") + " to do"
                + (finishedBefore == 0 ? "" : ", " + finishedBefore + " finished before"));
        if (several) {
            bar.start("study", "trial", 0, toDo);
        }
    }

    @Override
    public void forecast(StudyForecast forecast) {
        bar.line(forecast.line());
    }

    @Override
    public void ended(TrialState trial) {
        ended++;
        bar.line(ended + "/" + toDo + "  " + trial.name()
                + (trial.hasFinished() ? " finished" : " failed: " + trial.error()));
        if (several) {
            bar.update(ended, trial.name());
        }
    }

    @Override
    public void trialAdvanced(String trial, String state) {
        bar.update(ended, trial + ": " + state);
    }

    @Override
    public void began(String part) {
        parts.began(part);
    }

    @Override
    public void advanced(String part, String subject, int done, int total) {
        parts.advanced(part, subject, done, total);
    }

    @Override
    public void trained(TrainingEvent event) {
        parts.trained(event);
    }
}
