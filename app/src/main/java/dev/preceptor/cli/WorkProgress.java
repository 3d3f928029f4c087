package dev.preceptor.cli;

import dev.preceptor.run.TrainingEvent;
import dev.preceptor.study.WorkListener;

/** Shows the successive parts of a demo or a study on a progress bar. */
final class WorkProgress implements WorkListener {
    private final ProgressBar bar;
    private final TrainingProgress training;
    private boolean isNewPart;

    WorkProgress(ProgressBar bar) {
        this.bar = bar;
        this.training = new TrainingProgress(bar);
    }

    @Override
    public void began(String part) {
        bar.line(part);
        isNewPart = true;
    }

    @Override
    public void advanced(String part, String subject, int done, int total) {
        if (isNewPart) {
            bar.start(part, "subject", 0, total);
            isNewPart = false;
        }
        bar.update(done, subject);
    }

    @Override
    public void trained(TrainingEvent event) {
        training.accept(event);
    }
}
