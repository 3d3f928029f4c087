package dev.preceptor.leakage;

import dev.preceptor.cohort.Patients;
import dev.preceptor.cohort.SubjectContent;
import dev.preceptor.metrics.Evaluation;
import dev.preceptor.model.ModelFile;
import dev.preceptor.model.TrainedOn;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The scored subjects that models were trained on or selected by. Part of {@code study.json}.
 *
 * @param evaluated count of scored subjects
 * @param leaks at most one for each subject and model: training before selection before images alone, ids before mappings
 *     before voxels before other scans of the patient
 * @param silent names of the models that do not record their training subjects, or have teachers that do not, so that leakage is
 *     unknown beyond {@code leaks}
 */
public record Leakage(int evaluated, List<Leak> leaks, List<String> silent) {
    private static final int SHOWN = 5;

    public Leakage {
        leaks = List.copyOf(leaks);
        silent = List.copyOf(silent);
    }

    /**
     * Searches the training and selection subjects of models for scored subjects.
     *
     * @param models model files by the name that a {@link Leak} reports
     * @param evaluated the scored subjects
     * @param mapping other names of the same patients
     */
    public static Leakage of(Map<String, Path> models, Collection<SubjectContent> evaluated, NameMapping mapping) {
        return among(recorded(models), evaluated, mapping);
    }

    /**
     * The training and selection subjects that models record, by the name of the model; empty where one records none.
     *
     * @param models model files by name
     * @throws dev.preceptor.base.InvalidFileException if a file is no model
     */
    public static Map<String, Optional<TrainedOn>> recorded(Map<String, Path> models) {
        Map<String, Optional<TrainedOn>> trainedOn = new TreeMap<>();
        models.forEach((name, file) ->
                trainedOn.put(name, TrainedOn.of(ModelFile.read(file).description())));
        return trainedOn;
    }

    /**
     * Searches the recorded subjects of models, {@link #recorded}, for scored subjects.
     *
     * @param models what they record, by the name that a {@link Leak} reports
     * @param evaluated the scored subjects
     * @param mapping other names of the same patients
     */
    public static Leakage among(
            Map<String, Optional<TrainedOn>> models, Collection<SubjectContent> evaluated, NameMapping mapping) {
        List<Leak> leaks = new ArrayList<>();
        for (SubjectContent subject : evaluated) {
            models.forEach((name, trainedOn) -> trainedOn
                    .flatMap(on -> find(subject, name, Leak.Use.TRAINING, on.training(), mapping)
                            .or(() -> find(subject, name, Leak.Use.SELECTION, on.selection(), mapping))
                            .or(() -> find(subject, name, Leak.Use.UNLABELLED, on.unlabelled(), mapping)))
                    .ifPresent(leaks::add));
        }
        List<String> silent = models.entrySet().stream()
                .filter(entry -> entry.getValue().filter(TrainedOn::isComplete).isEmpty())
                .map(Map.Entry::getKey)
                .toList();
        return new Leakage(evaluated.size(), leaks, silent);
    }

    private static Optional<Leak> find(
            SubjectContent subject, String model, Leak.Use use, Map<String, SubjectContent> used, NameMapping mapping) {
        if (used.containsKey(subject.id())) {
            return Optional.of(new Leak(subject.id(), model, use, subject.id(), Leak.Sign.ID));
        }
        Set<String> names = new TreeSet<>(mapping.namesOf(subject.id()));
        names.retainAll(used.keySet());
        if (!names.isEmpty()) {
            return Optional.of(
                    new Leak(subject.id(), model, use, names.iterator().next(), Leak.Sign.MAPPING));
        }
        return new TreeMap<>(used)
                .values().stream()
                        .filter(other -> other.shares(subject.hashes()))
                        .findFirst()
                        .map(other -> new Leak(subject.id(), model, use, other.id(), Leak.Sign.VOXELS))
                        .or(() -> ofPatient(subject.id(), used.keySet(), mapping)
                                .map(other -> new Leak(subject.id(), model, use, other, Leak.Sign.PATIENT)));
    }

    /** The first of the used subjects that is a scan of the same patient, under any of its names. */
    private static Optional<String> ofPatient(String id, Set<String> used, NameMapping mapping) {
        Set<String> patients = patients(id, mapping);
        return used.stream()
                .filter(other -> !Collections.disjoint(patients, patients(other, mapping)))
                .min(Comparator.naturalOrder());
    }

    private static Set<String> patients(String id, NameMapping mapping) {
        return mapping.namesOf(id).stream().map(Patients::of).collect(Collectors.toSet());
    }

    /** The leaking subjects by id, each with all its evidence. */
    public Map<String, String> reasons() {
        Map<String, String> reasons = new TreeMap<>();
        leaks.forEach(leak -> reasons.merge(leak.subject(), leak.reason(), (a, b) -> a + "; " + b));
        return reasons;
    }

    /** The evaluation with what is known of leakage, for its tables and its report. */
    public Evaluation mark(Evaluation evaluation) {
        return evaluation.withLeaks(reasons(), silent);
    }

    /** Warnings, a line each; empty if no subject leaks and every model records its subjects. */
    public List<String> warnings() {
        List<String> warnings = new ArrayList<>();
        warn(warnings, Leak.Use.TRAINING, "were trained on", "their scores say nothing about unseen patients");
        warn(warnings, Leak.Use.SELECTION, "selected the weights", "their scores are optimistic");
        warn(warnings, Leak.Use.UNLABELLED, "were learned from without labels", "their scores are optimistic");
        silent.forEach(model -> warnings.add(Evaluation.leakageUnknown(model)));
        return warnings;
    }

    private void warn(List<String> warnings, Leak.Use use, String verb, String consequence) {
        List<Leak> found = leaks.stream().filter(leak -> leak.use() == use).toList();
        if (!found.isEmpty()) {
            warnings.add(
                    "LEAKAGE: " + found.stream().map(Leak::subject).distinct().count() + " of " + evaluated
                            + " scored subjects " + verb + ", " + consequence + ": "
                            + found.stream()
                                    .limit(SHOWN)
                                    .map(leak -> leak.subject() + " (" + leak.reason() + ")")
                                    .collect(Collectors.joining(", "))
                            + (found.size() > SHOWN ? ", ..." : ""));
        }
    }
}
