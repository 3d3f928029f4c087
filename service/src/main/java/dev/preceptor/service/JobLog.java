package dev.preceptor.service;

import dev.preceptor.http.Caller;

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
        audit.write(AuditLog.SERVICE, "job-ended", job, job.state() == JobState.DONE ? "done" : "failed");
        metrics.onEnded(job);
        onDone.run();
    }

    void delivered(Job job, Delivery outcome) {
        audit.write(AuditLog.SERVICE, "segmentation-delivered", job, outcome.name().toLowerCase(java.util.Locale.ROOT));
        metrics.onDelivery(outcome);
    }
}
