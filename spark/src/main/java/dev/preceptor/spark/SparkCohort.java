package dev.preceptor.spark;

import dev.preceptor.cohort.Cohort;
import dev.preceptor.cohort.CohortSummary;
import dev.preceptor.cohort.Subject;
import dev.preceptor.cohort.SubjectScan;
import java.util.ArrayList;
import java.util.List;

/** Reads the files of a cohort on a cluster, with the same summary and fingerprint as on one machine. Stateless. */
public final class SparkCohort {
    private SparkCohort() {}

    /**
     * Reads all files of a cohort once.
     *
     * @param inputs the folder, which all machines reach by the same path or URI
     * @param cohort {@linkplain InputMirror#cohort found} in it
     * @throws dev.preceptor.base.PreceptorException if the cluster gives up
     */
    public static CohortSummary summary(
            ClusterSession cluster, InputMirror inputs, Cohort cohort, TaskListener listener) {
        List<Subject> subjects = cohort.subjects();
        ScanTask task = new ScanTask(new ScanTask.Request(inputs.place(), cohort.schema(), cohort.sequences()));
        List<SubjectManifest> files = subjects.stream()
                .map(subject -> SubjectManifest.of(subject, inputs.folder()))
                .toList();
        List<String> batches = Batches.of(files, cluster.slots()).stream()
                .map(batch -> TaskJson.text(new ScanTask.Batch(batch)))
                .toList();
        List<SubjectScan> scans = new ArrayList<>();
        for (String text : cluster.map(batches, task, listener)) {
            for (ScanTask.Scan scan : TaskJson.of(text, ScanTask.Result.class).scans()) {
                scans.add(scan.of(subjects.get(scans.size())));
            }
        }
        return CohortSummary.of(cohort, scans);
    }
}
