package dev.preceptor.service;

import dev.preceptor.http.Caller;
import java.util.List;
import java.util.Set;

/** Counts and writes down what happens to jobs. For any number of threads. */
final class JobLog {
    private final AuditLog audit;
    private final ServiceMetrics metrics;
    private final Runnable onDone;

    /** @param onDone is called after a job has ended */
    JobLog(AuditLog audit, ServiceMetrics metrics, Runnable onDone) {
        this.audit = audit;
        this.metrics = metrics;
        this.onDone = onDone;
    }

    void accepted(Caller caller, Job job) {
        audit.write(caller, "job-accepted", job, job.input().kind().name().toLowerCase(java.util.Locale.ROOT));
        metrics.onAccepted(job);
    }

    void started(Job job) {
        audit.write(AuditLog.SERVICE, "job-started", job, "running");
        metrics.onStarted(job);
    }

    void ended(Job job) {
        try {
            writeEnd(job);
        } finally {
            count(job);
        }
    }

    /** Counts an end that is not written down. */
    void count(Job job) {
        metrics.onEnded(job);
        onDone.run();
    }

    private void writeEnd(Job job) {
        audit.write(AuditLog.SERVICE, AuditLog.JOB_ENDED, job, job.state() == JobState.DONE ? "done" : "failed");
    }

    /** Adds the lines of jobs that ended just before a process was killed. */
    void complete(List<Job> jobs) {
        Set<String> written = audit.endedJobs();
        jobs.stream()
                .filter(job -> job.state().hasEnded() && !written.contains(job.id()))
                .forEach(this::writeEnd);
    }

    void delivered(Job job, Delivery outcome) {
        audit.write(
                AuditLog.SERVICE, "segmentation-delivered", job, outcome.name().toLowerCase(java.util.Locale.ROOT));
        metrics.onDelivery(outcome);
    }
}
