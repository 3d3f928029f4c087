package dev.preceptor.study;

import dev.preceptor.base.MismatchException;
import dev.preceptor.cohort.Cohort;
import dev.preceptor.cohort.CohortSummary;
import dev.preceptor.cohort.ScanCache;
import dev.preceptor.cohort.SubjectContent;
import dev.preceptor.leakage.Leakage;
import dev.preceptor.leakage.NameMapping;
import dev.preceptor.run.RunFolder;
import dev.preceptor.volume.LabelSpace;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The leakage of finished trials under the name mapping of the study. The scores of a trial keep what was found when it was scored;
 * with a mapping that was not used then, leakage is sought again in the models of the trial. Without one, what was found is kept.
 */
final class StudyLeakage {
    private static final int DIGITS = 8;

    private final StudyFolder folder;
    private final Optional<Path> file;
    private final NameMapping mapping;

    /**
     * Reads the mapping.
     *
     * @param file of the mapping, if there is one
     * @throws dev.preceptor.base.InvalidFileException if it is not a mapping
     */
    StudyLeakage(StudyFolder folder, Optional<Path> file) {
        this.folder = folder;
        this.file = file;
        this.mapping = file.map(NameMapping::read).orElse(NameMapping.NONE);
    }

    /**
     * Refuses a finished trial whose leakage would have to be sought again without its models.
     *
     * @throws MismatchException if another mapping was used for it, and a model is not there
     */
    void requireKnown(TrialScores trial) {
        if (isKnown(trial)) {
            return;
        }
        models(trial).values().stream()
                .filter(model -> !Files.exists(model))
                .findFirst()
                .ifPresent(model -> {
                    throw new MismatchException(folder.trial(trial.cell()) + ": leakage was sought with "
                            + named(trial.mapping()) + ", and not with " + file.orElseThrow() + " ("
                            + named(mapping.hash()) + "), for which " + model
                            + " is needed and missing; bring it back, or leave out --mapping to keep what was found");
                });
    }

    private static String named(String hash) {
        return hash.isEmpty() ? "no name mapping" : "name mapping " + hash.substring(0, DIGITS);
    }

    /**
     * The scores of finished trials with their leakage under the mapping.
     *
     * @param scored folder of the scored subjects
     * @param schema what their labels mean; empty to decide it
     */
    List<TrialScores> of(List<TrialScores> trials, Path scored, Optional<LabelSpace> schema) {
        if (trials.stream().allMatch(this::isKnown)) {
            return trials;
        }
        ScanCache cache = ScanCache.ofUser(line -> {});
        Map<String, SubjectContent> contents =
                CohortSummary.of(Cohort.open(scored, schema, () -> {}, cache), cache).contents().stream()
                        .collect(Collectors.toMap(SubjectContent::id, content -> content));
        return trials.stream()
                .map(trial -> isKnown(trial) ? trial : trial.withLeakage(sought(trial, contents)))
                .toList();
    }

    private boolean isKnown(TrialScores trial) {
        return file.isEmpty() || trial.mapping().equals(mapping.hash());
    }

    private Leakage sought(TrialScores trial, Map<String, SubjectContent> contents) {
        List<SubjectContent> subjects = trial.roles().values().stream()
                .flatMap(role -> role.subjects().keySet().stream())
                .distinct()
                .map(contents::get)
                .toList();
        return Leakage.of(models(trial), subjects, mapping);
    }

    private Map<String, Path> models(TrialScores trial) {
        RunFolder run = new RunFolder(folder.trial(trial.cell()));
        Map<String, Path> models = new TreeMap<>();
        trial.roles().keySet().forEach(role -> models.put(role, run.model(role)));
        return models;
    }
}
