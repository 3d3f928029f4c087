package dev.preceptor.service;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A job, as callers see it: as {@code openapi.yaml} says, without what it knows of the PACS. Stateless, thread-safe. */
final class JobView {
    private JobView() {}

    static Map<String, Object> of(Job job) {
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("id", job.id());
        view.put("state", job.state());
        view.put("model", job.model());
        view.put("created", job.created().toString());
        view.put("started", job.started().map(Instant::toString));
        view.put("ended", job.ended().map(Instant::toString));
        view.put("progress", Math.rint(job.progress() * 1000) / 1000);
        view.put("label", job.label());
        view.put("error", job.error());
        view.put("delivery", job.delivery());
        view.put("result", job.result().map(result -> result(job, result)));
        return view;
    }

    static Map<String, Object> result(Job job, JobResult result) {
        String base = "/api/jobs/" + job.id() + "/";
        Map<String, Object> files = new LinkedHashMap<>();
        files.put("image", base + JobFiles.IMAGE);
        files.put("labels", base + JobFiles.LABELS);
        files.put("uncertainty", base + JobFiles.UNCERTAINTY);
        files.put("seg", result.hasSegmentation() ? Optional.of(base + JobFiles.SEGMENTATION) : Optional.empty());
        files.put("json", base + JobFiles.RESULT);
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("labels", result.labels());
        view.put("regions", result.regions());
        view.put("guards", result.guards());
        view.put("sequences", result.sequences());
        view.put("warnings", result.warnings());
        view.put("files", files);
        return view;
    }

    static Map<String, Object> of(ServedModel model) {
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("name", model.name().name());
        view.put("version", model.name().version());
        view.put("inputs", model.inputs());
        view.put("anySubset", model.predictor().takesAnySubset());
        view.put("labels", JobResult.labels(model.predictor().labels()));
        view.put("regions", names(model));
        return view;
    }

    private static List<String> names(ServedModel model) {
        return model.predictor().labels().regions().stream()
                .map(region -> region.name())
                .toList();
    }
}
