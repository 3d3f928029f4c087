package dev.preceptor.service;

import dev.preceptor.http.RequestObserver;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.DoubleSupplier;

/** What Prometheus reads. Labels are names of models, routes and outcomes; nothing that a caller chooses. For any number of threads. */
final class ServiceMetrics implements RequestObserver {
    static final String CONTENT_TYPE = PrometheusTextFormatWriter.CONTENT_TYPE;

    private final PrometheusRegistry registry = new PrometheusRegistry();
    private final PrometheusTextFormatWriter writer =
            PrometheusTextFormatWriter.builder().build();
    private final Counter accepted = counter("preceptor_jobs_accepted_total", "Jobs that were accepted.", "model");
    private final Counter ended = counter("preceptor_jobs_ended_total", "Jobs that ended.", "model", "outcome");
    private final Counter refused =
            counter("preceptor_jobs_refused_total", "Jobs that were refused because the queue was full.");
    private final Counter instances = counter("preceptor_instances_stored_total", "DICOM instances that were sent.");
    private final Counter deliveries =
            counter("preceptor_deliveries_total", "Segmentations that went to the PACS, or did not.", "outcome");
    private final Counter requests = counter("preceptor_http_requests_total", "Requests.", "route", "status");
    private final Histogram waiting = histogram("preceptor_job_waiting_seconds", "From acceptance to start of a job.");
    private final Histogram service = histogram("preceptor_job_service_seconds", "From start to end of a job.");

    /**
     * @param queue number of jobs that wait
     * @param capacity most jobs that may wait
     * @param running number of jobs that run
     */
    ServiceMetrics(DoubleSupplier queue, DoubleSupplier capacity, DoubleSupplier running) {
        gauge("preceptor_queue_jobs", "Jobs that wait.", queue);
        gauge("preceptor_queue_capacity", "Most jobs that may wait.", capacity);
        gauge("preceptor_jobs_running", "Jobs that run.", running);
        Runtime runtime = Runtime.getRuntime();
        gauge("preceptor_heap_bytes", "Java heap in use.", () -> runtime.totalMemory() - runtime.freeMemory());
    }

    private Counter counter(String name, String help, String... labels) {
        return Counter.builder().name(name).help(help).labelNames(labels).register(registry);
    }

    private Histogram histogram(String name, String help) {
        return Histogram.builder()
                .name(name)
                .help(help)
                .labelNames("model")
                .classicOnly()
                .classicUpperBounds(0.1, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1800)
                .register(registry);
    }

    private void gauge(String name, String help, DoubleSupplier value) {
        GaugeWithCallback.builder()
                .name(name)
                .help(help)
                .callback(callback -> callback.call(value.getAsDouble()))
                .register(registry);
    }

    void onAccepted(Job job) {
        accepted.labelValues(job.model().toString()).inc();
    }

    void onRefused() {
        refused.inc();
    }

    void onInstance() {
        instances.inc();
    }

    void onDelivery(Delivery outcome) {
        deliveries
                .labelValues(outcome.name().toLowerCase(java.util.Locale.ROOT))
                .inc();
    }

    void onStarted(Job job) {
        waiting.labelValues(job.model().toString())
                .observe(seconds(Duration.between(job.created(), job.started().orElseThrow())));
    }

    void onEnded(Job job) {
        String model = job.model().toString();
        ended.labelValues(model, job.state() == JobState.DONE ? "done" : "failed")
                .inc();
        service.labelValues(model)
                .observe(seconds(Duration.between(
                        job.started().orElse(job.created()), job.ended().orElseThrow())));
    }

    @Override
    public void onResponse(String route, int status, Duration duration) {
        requests.labelValues(route, String.valueOf(status)).inc();
    }

    private static double seconds(Duration duration) {
        return Math.max(0, duration.toMillis() / 1000.0);
    }

    /** Everything in the text format. */
    String text() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        writer.write(out, registry.scrape());
        return out.toString(StandardCharsets.UTF_8);
    }
}
