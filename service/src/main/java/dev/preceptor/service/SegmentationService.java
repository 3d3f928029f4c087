package dev.preceptor.service;

import dev.preceptor.base.DaemonThreads;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.http.HttpServer;
import dev.preceptor.http.Route;
import dev.preceptor.http.Router;
import dev.preceptor.http.ServerSettings;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A running service: an HTTP server, a queue, and a worker for each model. What was accepted is kept in the data folder; after a restart
 * the jobs that waited or ran are run, each to one end. {@link #close} ends what runs first.
 */
public final class SegmentationService implements AutoCloseable {
    private static final Duration RETRY_AFTER = Duration.ofSeconds(10);
    private static final long SERIES_CHECK_MILLIS = 500;

    private final DataFolder data;
    private final AuditLog audit;
    private final JobQueue queue;
    private final JobStore store;
    private final ServiceSettings settings;
    private final List<Worker> workers = new ArrayList<>();
    private final Optional<Deliverer> deliverer;
    private final ScheduledExecutorService clock;
    private final HttpServer server;
    private boolean isClosed;

    /**
     * Starts a service.
     *
     * @param models at least one; the caller closes them after the service
     * @param settings how it works
     * @param pacs from which series come and to which segmentations go
     * @param http where it listens; the limit of bodies is that of uploads
     * @param page routes besides those of {@code openapi.yaml}
     * @throws PreceptorException if the data folder cannot be used or the port is taken
     */
    public SegmentationService(
            List<ServedModel> models,
            ServiceSettings settings,
            Optional<Pacs> pacs,
            ServerSettings http,
            List<Route> page) {
        requireDistinct(models);
        this.settings = settings;
        data = DataFolder.open(settings.data());
        audit = AuditLog.open(data.root().resolve("audit.jsonl"));
        queue = new JobQueue(settings.queue(), RETRY_AFTER);
        AtomicInteger running = new AtomicInteger();
        ServiceMetrics metrics = new ServiceMetrics(queue::length, queue::capacity, running::get);
        JobEvents events = new JobEvents();
        store = JobStore.open(data, events);
        JobLog log = new JobLog(audit, metrics, this::wakeDeliverer);
        deliverer = pacs.map(archive -> new Deliverer(archive, store, log));
        JobRunner runner = new JobRunner(store, pacs);
        models.forEach(model -> workers.add(new Worker(model, queue, store, runner, running, log)));
        restore(models, log);
        JobSubmission submission = new JobSubmission(models, data, store, queue, log, metrics, settings.uploads());
        IncomingSeries series = new IncomingSeries(data, store, settings.rest());
        StowRoute stow = new StowRoute(data, series, audit, metrics, settings.uploads());
        ServiceRoutes own = new ServiceRoutes(models, store, queue, events, submission, audit, metrics);
        List<Route> routes = new ArrayList<>(routes(own, stow, pacs.isPresent()));
        routes.replaceAll(new StorageFaults(data.root())::guarded);
        routes.addAll(page);
        server = new HttpServer(
                new Router(routes),
                http.withLimits(http.limits().withBodyBytes(settings.uploads().bytes())),
                metrics);
        audit.write(AuditLog.SERVICE, "service-started", "ready");
        clock = Executors.newSingleThreadScheduledExecutor(DaemonThreads.named("clock"));
        clock.scheduleWithFixedDelay(
                () -> Supervisor.attempt("deletion of old jobs", this::forget), 0, 1, TimeUnit.MINUTES);
        clock.scheduleWithFixedDelay(
                () -> Supervisor.attempt(
                        "series",
                        () -> series.startRested((folder, hash) -> submission.series(folder, hash, pacs.isPresent()))),
                0,
                SERIES_CHECK_MILLIS,
                TimeUnit.MILLISECONDS);
        workers.forEach(Worker::start);
        deliverer.ifPresent(Deliverer::start);
    }

    /** The routes of {@code openapi.yaml}. */
    static List<Route> routes(ServiceRoutes own, StowRoute stow, boolean hasPacs) {
        List<Route> routes = new ArrayList<>(own.routes(hasPacs));
        routes.add(Route.post("/dicom-web/studies", stow::handle));
        return routes;
    }

    private static void requireDistinct(List<ServedModel> models) {
        if (models.isEmpty()) {
            throw new IllegalArgumentException("no model");
        }
        if (models.stream().map(ServedModel::name).distinct().count() < models.size()) {
            throw new PreceptorException("--model names the same model twice");
        }
    }

    /** Puts what was accepted before back into the queue, oldest first. */
    private void restore(List<ServedModel> models, JobLog log) {
        log.complete(store.newestFirst());
        List<ModelName> served = models.stream().map(ServedModel::name).toList();
        store.newestFirst().stream()
                .filter(job -> !job.state().hasEnded())
                .sorted(Comparator.comparingLong(Job::number))
                .forEach(job -> {
                    if (served.contains(job.model())) {
                        Job queued = job.asQueued();
                        store.update(queued);
                        queue.putBack(queued);
                    } else {
                        Job failed = job.asFailed("the model " + job.model() + " is not served any more");
                        store.update(failed);
                        log.ended(failed);
                    }
                });
    }

    private void wakeDeliverer() {
        deliverer.ifPresent(Deliverer::wake);
    }

    /** Deletes jobs that ended longer ago than they are kept. */
    private void forget() {
        if (settings.retention().isEmpty()) {
            return;
        }
        Instant limit = Instant.now().minus(settings.retention().get());
        for (Job job : store.newestFirst()) {
            boolean isPending = job.delivery().filter(Delivery.PENDING::equals).isPresent();
            if (job.ended().filter(ended -> ended.isBefore(limit)).isPresent() && !isPending) {
                store.delete(job.id());
                audit.write(AuditLog.SERVICE, "job-deleted", job, "retention");
            }
        }
    }

    /** The port on which it listens. */
    public int port() {
        return server.port();
    }

    /** Its address for a browser. */
    public String url() {
        return server.url();
    }

    /**
     * Accepts nothing more, waits for the jobs that run, at most for the grace of the settings, and ends. Jobs that wait, and those that
     * did not end in time, are kept and run after the next start.
     */
    @Override
    public synchronized void close() {
        if (isClosed) {
            return;
        }
        isClosed = true;
        queue.close();
        clock.shutdown();
        long end = System.nanoTime() + settings.grace().toNanos();
        try {
            clock.awaitTermination(1, TimeUnit.MINUTES);
            for (Worker worker : workers) {
                worker.join(TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime()));
            }
            if (deliverer.isPresent()) {
                deliverer.get().close(TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime()));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        server.close();
        audit.write(AuditLog.SERVICE, "service-ended", "ended");
        audit.close();
        data.close();
    }
}
