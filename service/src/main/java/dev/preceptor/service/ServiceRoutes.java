package dev.preceptor.service;

import dev.preceptor.base.JsonFiles;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.http.Exchange;
import dev.preceptor.http.HttpStatusException;
import dev.preceptor.http.Route;
import dev.preceptor.model.BuildInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The routes of {@code openapi.yaml}. For any number of threads. */
final class ServiceRoutes {
    private static final int LOGIN_BYTES = 1024;
    private static final int DEFAULT_JOBS = 100;
    private static final int MAX_JOBS = 1000;
    private static final String PLAIN = "text/plain; charset=utf-8";

    private final List<ServedModel> models;
    private final JobStore store;
    private final JobQueue queue;
    private final JobEvents events;
    private final JobSubmission submission;
    private final AuditLog audit;
    private final ServiceMetrics metrics;

    ServiceRoutes(
            List<ServedModel> models,
            JobStore store,
            JobQueue queue,
            JobEvents events,
            JobSubmission submission,
            AuditLog audit,
            ServiceMetrics metrics) {
        this.models = models;
        this.store = store;
        this.queue = queue;
        this.events = events;
        this.submission = submission;
        this.audit = audit;
        this.metrics = metrics;
    }

    /** @param hasPacs whether series can be fetched */
    List<Route> routes(boolean hasPacs) {
        return List.of(
                Route.get("/api/session", exchange -> session(exchange, hasPacs))
                        .withAccess(Route.Access.OPEN),
                Route.post("/api/login", this::login).withAccess(Route.Access.OPEN),
                Route.get(
                        "/api/models",
                        exchange -> exchange.json(
                                200, models.stream().map(JobView::of).toList())),
                Route.get("/api/jobs", this::list),
                Route.post("/api/jobs", exchange -> create(exchange, hasPacs)),
                Route.get("/api/jobs/{id}", exchange -> exchange.json(200, JobView.of(job(exchange)))),
                Route.delete("/api/jobs/{id}", this::delete),
                Route.get("/api/jobs/{id}/events", exchange -> {
                    Job first = job(exchange);
                    events.add(
                            first.id(),
                            exchange.events(),
                            () -> store.find(first.id()).orElse(first));
                }),
                Route.get("/api/jobs/{id}/{file}", this::file),
                Route.get("/health", exchange -> exchange.respond(200, PLAIN, "ok\n"))
                        .withAccess(Route.Access.PROBE),
                Route.get("/ready", this::ready).withAccess(Route.Access.PROBE),
                Route.get("/metrics", exchange -> exchange.respond(200, ServiceMetrics.CONTENT_TYPE, metrics.text())),
                Route.get(
                                "/openapi.yaml",
                                exchange -> exchange.resource(
                                        ServiceRoutes.class.getResource("openapi.yaml"), "application/yaml"))
                        .withAccess(Route.Access.OPEN));
    }

    private static void session(Exchange exchange, boolean hasPacs) {
        exchange.json(
                200,
                Map.of(
                        "mode",
                        "service",
                        "needsToken",
                        !exchange.isLoggedIn(),
                        "pacs",
                        hasPacs,
                        "version",
                        BuildInfo.VERSION));
    }

    private void login(Exchange exchange) throws IOException {
        String token = JsonFiles.parse(exchange.text(LOGIN_BYTES)).path("token").asString("");
        try {
            exchange.login(token);
        } catch (HttpStatusException e) {
            audit.write(exchange.caller(), "login", "refused");
            throw e;
        }
        audit.write(exchange.caller(), "login", "accepted");
        exchange.empty(204);
    }

    private void list(Exchange exchange) {
        int limit = exchange.query("limit").map(ServiceRoutes::limit).orElse(DEFAULT_JOBS);
        List<Job> jobs = store.newestFirst();
        Optional<String> after = exchange.query("after");
        if (after.isPresent()) {
            long number = store.find(after.get())
                    .map(Job::number)
                    .orElseThrow(() -> new PreceptorException("after names no job"));
            jobs = jobs.stream().filter(job -> job.number() < number).toList();
        }
        exchange.json(200, jobs.stream().limit(limit).map(JobView::of).toList());
    }

    private static int limit(String text) {
        if (text.matches("[0-9]{1,4}") && Integer.parseInt(text) >= 1 && Integer.parseInt(text) <= MAX_JOBS) {
            return Integer.parseInt(text);
        }
        throw new PreceptorException("limit is 1 to " + MAX_JOBS);
    }

    private void create(Exchange exchange, boolean hasPacs) throws IOException {
        boolean isJson = exchange.header("Content-Type").orElse("").startsWith("application/json");
        if (isJson && !hasPacs) {
            throw new PreceptorException("the service has no PACS from which it could fetch; upload the files");
        }
        Job job = isJson ? submission.fetch(exchange) : submission.upload(exchange);
        exchange.putHeader("Location", "/api/jobs/" + job.id());
        exchange.json(202, JobView.of(job));
    }

    private Job job(Exchange exchange) {
        return store.find(exchange.parameter("id"))
                .orElseThrow(() -> new HttpStatusException(404, "there is no such job"));
    }

    private void delete(Exchange exchange) {
        Job job = job(exchange);
        boolean isPending = job.delivery().filter(Delivery.PENDING::equals).isPresent();
        if (isPending || (!job.state().hasEnded() && !queue.remove(job))) {
            throw new HttpStatusException(
                    409,
                    isPending
                            ? "the segmentation of this job has not gone to the PACS yet"
                            : "this job runs; delete it when it has ended");
        }
        store.delete(job.id());
        audit.write(exchange.caller(), "job-deleted", job, "deleted");
        exchange.empty(204);
    }

    private void file(Exchange exchange) {
        Job job = job(exchange);
        String name = exchange.parameter("file");
        String type = JobFiles.TYPES.get(name);
        Path file = store.output(job.id()).resolve(name);
        if (type == null || job.state() != JobState.DONE || !Files.isRegularFile(file)) {
            throw new HttpStatusException(404, "the job has no such file");
        }
        audit.write(exchange.caller(), "file-read", job, name);
        exchange.file(file, type, Optional.empty());
    }

    private void ready(Exchange exchange) {
        boolean isReady = queue.hasRoom();
        exchange.respond(isReady ? 200 : 503, PLAIN, isReady ? "ready\n" : "the queue is full or the service ends\n");
    }
}
