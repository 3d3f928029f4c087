package dev.preceptor.service;

import dev.preceptor.base.PreceptorException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * How a service works.
 *
 * @param data its folder
 * @param queue most jobs that wait
 * @param rest after the last instance of a series that DICOMweb sends, until its job starts
 * @param retention for which a job that has ended is kept; empty for ever
 * @param grace for which the end of the service waits for jobs that run
 * @param uploads what an upload may contain
 */
public record ServiceSettings(
        Path data, int queue, Duration rest, Optional<Duration> retention, Duration grace, UploadLimits uploads) {
    /** 32 jobs, 30 s, for ever, 10 minutes. */
    public static ServiceSettings of(Path data) {
        return new ServiceSettings(
                data, 32, Duration.ofSeconds(30), Optional.empty(), Duration.ofMinutes(10), UploadLimits.DEFAULTS);
    }

    public ServiceSettings {
        if (queue < 1) {
            throw new PreceptorException("--queue is at least 1, not " + queue);
        }
        if (rest.isNegative()
                || grace.isNegative()
                || retention.filter(Duration::isNegative).isPresent()) {
            throw new PreceptorException("times are not negative");
        }
    }

    /** A copy with another queue. */
    public ServiceSettings withQueue(int jobs) {
        return new ServiceSettings(data, jobs, rest, retention, grace, uploads);
    }

    /** A copy with another rest of series. */
    public ServiceSettings withRest(Duration other) {
        return new ServiceSettings(data, queue, other, retention, grace, uploads);
    }

    /** A copy with a time after which jobs are deleted. */
    public ServiceSettings withRetention(Duration other) {
        return new ServiceSettings(data, queue, rest, Optional.of(other), grace, uploads);
    }

    /** A copy with other limits of uploads. */
    public ServiceSettings withUploads(UploadLimits other) {
        return new ServiceSettings(data, queue, rest, retention, grace, other);
    }
}
