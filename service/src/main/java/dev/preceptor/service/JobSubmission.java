package dev.preceptor.service;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.http.Caller;
import dev.preceptor.http.Exchange;
import dev.preceptor.http.HttpStatusException;
import dev.preceptor.volume.Sequence;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Accepts jobs of callers: checks what they send and gives it a place in the queue. For any number of threads. */
final class JobSubmission {
    private static final int JSON_BYTES = 4096;

    private final List<ServedModel> models;
    private final DataFolder data;
    private final JobStore store;
    private final JobQueue queue;
    private final JobLog log;
    private final ServiceMetrics metrics;
    private final UploadLimits limits;

    JobSubmission(
            List<ServedModel> models,
            DataFolder data,
            JobStore store,
            JobQueue queue,
            JobLog log,
            ServiceMetrics metrics,
            UploadLimits limits) {
        this.models = models;
        this.data = data;
        this.store = store;
        this.queue = queue;
        this.log = log;
        this.metrics = metrics;
        this.limits = limits;
    }

    /**
     * Accepts files.
     *
     * @throws HttpStatusException 503 if the queue is full
     * @throws PreceptorException if the files are no images that the model takes
     */
    Job upload(Exchange exchange) throws IOException {
        Path folder = data.newFolder();
        try (JobQueue.Place place = reserve()) {
            Path input = folder.resolve("input");
            AtomicFiles.createFolder(input);
            Upload upload = Upload.receive(exchange, input, limits);
            ServedModel model = ServedModel.find(models, upload.field("model"));
            JobInput images = checked(upload, model, input);
            AtomicFiles.syncFolder(input);
            return accept(exchange.caller(), place, folder, model, images);
        } finally {
            AtomicFiles.deleteFolder(folder);
        }
    }

    private JobInput checked(Upload upload, ServedModel model, Path input) {
        try {
            return UploadedImages.of(upload, model, models, input, limits);
        } catch (PreceptorException e) {
            throw new HttpStatusException(400, ErrorText.of(e, input));
        }
    }

    /**
     * Accepts the request for a series in the PACS.
     *
     * @throws HttpStatusException 503 if the queue is full
     */
    Job fetch(Exchange exchange) throws IOException {
        SeriesRequest request = SeriesRequest.parse(exchange.text(JSON_BYTES));
        ServedModel model = ServedModel.find(models, request.model());
        Optional<Sequence> sequence = request.sequence().map(name -> UploadedImages.sequence(name, model));
        JobInput input = JobInput.pacs(request.study(), request.series(), sequence, request.deliver());
        Path folder = data.newFolder();
        try (JobQueue.Place place = reserve()) {
            return accept(exchange.caller(), place, folder, model, input);
        } finally {
            AtomicFiles.deleteFolder(folder);
        }
    }

    /**
     * Accepts a series that DICOMweb sent.
     *
     * @param folder with the folder {@code input}, which becomes that of the job
     * @param deliver whether the segmentation goes to the PACS
     * @throws HttpStatusException 503 if the queue is full
     */
    void series(Path folder, String hash, boolean deliver) {
        try (JobQueue.Place place = queue.reserve()) {
            accept(AuditLog.SERVICE, place, folder, fitting(folder.resolve("input")), JobInput.stored(hash, deliver));
        }
    }

    /** The first model that takes a series; the first of all if none does, whose job then says why. */
    private ServedModel fitting(Path input) {
        for (ServedModel model : models) {
            try {
                JobImages.require(input, Optional.empty(), model, limits);
                return model;
            } catch (PreceptorException e) {
                // The next model may take another sequence.
                continue;
            }
        }
        return models.get(0);
    }

    private JobQueue.Place reserve() {
        try {
            return queue.reserve();
        } catch (HttpStatusException e) {
            metrics.onRefused();
            throw e;
        }
    }

    private Job accept(Caller caller, JobQueue.Place place, Path folder, ServedModel model, JobInput input) {
        Job job = store.add(folder, model.name(), input, caller.name());
        try {
            log.accepted(caller, job);
        } finally {
            // It is on the disk, so that the next start would run it at the latest.
            place.take(job);
        }
        return job;
    }
}
