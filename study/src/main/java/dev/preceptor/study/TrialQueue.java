package dev.preceptor.study;

import dev.preceptor.base.PreceptorException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The unfinished trials of a study, handed out in their order, except that a trial with the teachers of another one comes after the
 * end of that one. A trial whose teachers come from another one owns none that others use, so that one of the waiting trials is
 * ready, or the trial that it waits for is running. Thread-safe.
 */
final class TrialQueue {
    private final List<Trial> waiting;
    private final Set<String> open = new HashSet<>();

    TrialQueue(List<Trial> trials) {
        this.waiting = new ArrayList<>(trials);
        trials.forEach(trial -> open.add(trial.name()));
    }

    /**
     * The next trial that can start; waits while all that are left need the teachers of a running one. Each trial is handed out once;
     * {@link #ended} must follow.
     *
     * @return empty if no trial is left
     * @throws PreceptorException if the thread is interrupted
     */
    synchronized Optional<Trial> next() {
        while (!waiting.isEmpty()) {
            for (Iterator<Trial> trials = waiting.iterator(); trials.hasNext(); ) {
                Trial trial = trials.next();
                if (trial.owner().map(owner -> !open.contains(owner.name())).orElse(true)) {
                    trials.remove();
                    return Optional.of(trial);
                }
            }
            try {
                wait();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new PreceptorException("interrupted", e);
            }
        }
        return Optional.empty();
    }

    /** A trial has ended, whether it finished, failed or was stopped. */
    synchronized void ended(Trial trial) {
        open.remove(trial.name());
        notifyAll();
    }
}
