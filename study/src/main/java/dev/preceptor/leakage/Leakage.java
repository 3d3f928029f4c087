package dev.preceptor.leakage;

import dev.preceptor.cohort.SubjectContent;
import dev.preceptor.model.ModelFile;
import dev.preceptor.model.TrainedOn;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What models had met of those on whom they are scored.
 *
 * @param evaluated how many are scored
 * @param leaks one for each subject and model, the strongest sign and the worst use first found; by subject
 * @param silent the models that do not say whom they met, so that nothing is known of them
 */
public record Leakage(int evaluated, List<Leak> leaks, List<String> silent) {
    private static final int SHOWN = 5;

    public Leakage {
        leaks = List.copyOf(leaks);
        silent = List.copyOf(silent);
    }

    /**
     * Looks for the subjects of an evaluation among those whom models met.
     *
     * @param models model files by the name under which a leak tells of them
     * @param evaluated who is scored
     * @param mapping other names of the same patients
     */
    public static Leakage of(Map<String, Path> models, Collection<SubjectContent> evaluated, NameMapping mapping) {
        Map<String, Optional<TrainedOn>> met = new TreeMap<>();
        models.forEach(
                (name, file) -> met.put(name, TrainedOn.of(ModelFile.read(file).description())));
        return among(met, evaluated, mapping);
    }

    static Leakage among(
            Map<String, Optional<TrainedOn>> models, Collection<SubjectContent> evaluated, NameMapping mapping) {
        List<Leak> leaks = new ArrayList<>();
        for (SubjectContent subject : evaluated) {
            models.forEach((name, met) -> met.flatMap(m -> find(subject, name, Leak.Use.TRAINING, m.training(), mapping)
                            .or(() -> find(subject, name, Leak.Use.SELECTION, m.selection(), mapping)))
                    .ifPresent(leaks::add));
        }
        List<String> silent = models.entrySet().stream()
                .filter(entry -> entry.getValue().isEmpty())
                .map(Map.Entry::getKey)
                .toList();
        return new Leakage(evaluated.size(), leaks, silent);
    }

    private static Optional<Leak> find(
            SubjectContent subject, String model, Leak.Use use, Map<String, SubjectContent> met, NameMapping mapping) {
        if (met.containsKey(subject.id())) {
            return Optional.of(new Leak(subject.id(), model, use, subject.id(), Leak.Sign.ID));
        }
        Set<String> names = new TreeSet<>(mapping.namesOf(subject.id()));
        names.retainAll(met.keySet());
        if (!names.isEmpty()) {
            return Optional.of(
                    new Leak(subject.id(), model, use, names.iterator().next(), Leak.Sign.MAPPING));
        }
        return new TreeMap<>(met)
                .values().stream()
                        .filter(other -> other.shares(subject.hashes()))
                        .findFirst()
                        .map(other -> new Leak(subject.id(), model, use, other.id(), Leak.Sign.VOXELS));
    }

    /** The subjects whose scores are not to be believed, each with every reason. */
    public Map<String, String> reasons() {
        Map<String, String> reasons = new TreeMap<>();
        leaks.forEach(leak -> reasons.merge(leak.subject(), leak.reason(), (a, b) -> a + "; " + b));
        return reasons;
    }

    /** What must be shouted, a line each; nothing if there is nothing to say. */
    public List<String> warnings() {
        List<String> warnings = new ArrayList<>();
        warn(warnings, Leak.Use.TRAINING, "were trained on", "their scores say nothing about unseen patients");
        warn(warnings, Leak.Use.SELECTION, "selected the weights", "their scores are optimistic");
        silent.forEach(model ->
                warnings.add(model + " does not say whom it was trained on; leakage through it cannot be found"));
        return warnings;
    }

    private void warn(List<String> warnings, Leak.Use use, String what, String so) {
        List<Leak> found = leaks.stream().filter(leak -> leak.use() == use).toList();
        if (!found.isEmpty()) {
            warnings.add(
                    "LEAKAGE: " + found.stream().map(Leak::subject).distinct().count() + " of " + evaluated
                            + " scored subjects " + what + ", " + so + ": "
                            + found.stream()
                                    .limit(SHOWN)
                                    .map(leak -> leak.subject() + " (" + leak.reason() + ")")
                                    .collect(Collectors.joining(", "))
                            + (found.size() > SHOWN ? ", ..." : ""));
        }
    }
}
