package dev.preceptor.spark;

import dev.preceptor.base.PreceptorException;
import dev.preceptor.cohort.Problem;
import dev.preceptor.cohort.Subject;
import dev.preceptor.cohort.SubjectContent;
import dev.preceptor.cohort.SubjectScan;
import dev.preceptor.cohort.SubjectStatistics;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Sequence;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.api.java.function.Function;

/** Reads all files of some subjects of a cohort on an executor. */
final class ScanTask implements Function<String, String> {
    private static final long serialVersionUID = 1L;

    private final String request;

    ScanTask(Request request) {
        this.request = TaskJson.text(request);
    }

    /**
     * What all tasks share.
     *
     * @param root path or URI of the folder of the cohort
     * @param schema what its labels mean
     * @param expected the sequences of the cohort
     */
    record Request(String root, LabelSpace schema, List<Sequence> expected) {}

    /** The subjects of one task. */
    record Batch(List<SubjectManifest> subjects) {}

    /** What comes back of one subject; see {@link SubjectScan}. */
    record Scan(
            List<Problem> problems,
            Optional<SubjectStatistics> statistics,
            Map<String, String> hashes,
            SubjectContent content) {
        static Scan of(SubjectScan scan) {
            return new Scan(scan.problems(), scan.statistics(), scan.hashes(), scan.content());
        }

        static Scan unreadable(String id, String reason) {
            return new Scan(
                    List.of(new Problem(id, "cannot be read: " + reason, true)),
                    Optional.empty(),
                    Map.of(),
                    new SubjectContent(id, List.of()));
        }

        /** With problems that name the files where they are. */
        Scan named(Staging staged) {
            List<Problem> named = problems.stream()
                    .map(problem -> new Problem(problem.subject(), staged.named(problem.text()), problem.unusable()))
                    .toList();
            return new Scan(named, statistics, hashes, content);
        }

        SubjectScan of(Subject subject) {
            return new SubjectScan(subject, problems, statistics, hashes, content);
        }
    }

    /** What comes back of one task. */
    record Result(List<Scan> scans) {}

    @Override
    public String call(String text) {
        Request shared = TaskJson.of(request, Request.class);
        Store store = Store.at(Place.of(shared.root()));
        return TaskJson.text(new Result(TaskJson.of(text, Batch.class).subjects().stream()
                .map(subject -> scan(shared, store, subject))
                .toList()));
    }

    private static Scan scan(Request shared, Store store, SubjectManifest files) {
        try (Staging staged = Staging.of(store, files.files())) {
            Subject subject;
            try {
                subject = files.subject(staged.folder(), shared.schema());
            } catch (PreceptorException e) {
                // The driver has read these headers; the files have changed since.
                return Scan.unreadable(files.id(), staged.named(e.getMessage()));
            }
            return Scan.of(SubjectScan.of(subject, shared.expected())).named(staged);
        }
    }
}
