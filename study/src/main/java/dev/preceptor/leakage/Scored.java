package dev.preceptor.leakage;

import dev.preceptor.base.InvalidCohortException;
import dev.preceptor.base.Parallel;
import dev.preceptor.cohort.Cohort;
import dev.preceptor.cohort.LabelMapFiles;
import dev.preceptor.cohort.Subject;
import dev.preceptor.cohort.SubjectContent;
import dev.preceptor.metrics.Evaluation;
import dev.preceptor.volume.LabelSpace;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Reads the contents by which the subjects of an evaluation are recognised. Stateless. */
public final class Scored {
    private Scored() {}

    /**
     * Reads the reference label maps of an evaluation, and the images if the references are a cohort.
     *
     * @param references file or folder of the references
     */
    public static List<SubjectContent> in(Evaluation evaluation, Path references) {
        Map<String, Subject> subjects = subjects(references, evaluation.schema().schema());
        return Parallel.map(evaluation.cases(), Runtime.getRuntime().availableProcessors(), scored -> {
            Subject subject = subjects.get(scored.subject());
            return subject != null
                    ? SubjectContent.of(subject)
                    : SubjectContent.of(
                            scored.subject(),
                            LabelMapFiles.read(
                                    scored.reference(), evaluation.schema().schema(), true));
        });
    }

    private static Map<String, Subject> subjects(Path references, LabelSpace schema) {
        Map<String, Subject> subjects = new TreeMap<>();
        if (!Files.isDirectory(references)) {
            return subjects;
        }
        try {
            Cohort.open(references, Optional.of(schema))
                    .subjects()
                    .forEach(subject -> subjects.put(subject.id(), subject));
        } catch (InvalidCohortException e) {
            // A folder of label maps: subjects are recognised by their label maps.
            return subjects;
        }
        return subjects;
    }
}
