package dev.preceptor.model;

import dev.preceptor.base.PreceptorException;
import dev.preceptor.base.Settings;
import dev.preceptor.cohort.SubjectContent;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;

/**
 * The subjects that took part in the training of a model or of its teachers; a score on one of them is leakage. In the
 * provenance of a model file they are {@code training} and {@code selection}: JSON objects from the ID of a subject to the
 * hashes of {@link SubjectContent}, separated by blanks. Subjects whose labels were not used are {@code unlabelled}, and a JSON
 * list of teachers whose files record no subjects is {@code unrecorded_teachers}, if there are any.
 *
 * @param training the subjects whose data gave gradients, by ID
 * @param selection the subjects whose scores decided schedule or weights, by ID
 * @param unlabelled the subjects whose images gave gradients and whose labels did not, by ID
 * @param unrecordedTeachers names of the files of teachers, and of their teachers, that do not record their subjects, sorted
 */
public record TrainedOn(
        Map<String, SubjectContent> training,
        Map<String, SubjectContent> selection,
        Map<String, SubjectContent> unlabelled,
        List<String> unrecordedTeachers) {
    private static final String TRAINING = "training";
    private static final String SELECTION = "selection";
    private static final String UNLABELLED = "unlabelled";
    private static final String UNRECORDED_TEACHERS = "unrecorded_teachers";
    private static final List<String> SUBJECTS = List.of(TRAINING, SELECTION, UNLABELLED);

    /** The keys in the provenance of a model. */
    static final List<String> KEYS = List.of(TRAINING, SELECTION, UNLABELLED, UNRECORDED_TEACHERS);

    public TrainedOn {
        training = Map.copyOf(training);
        selection = Map.copyOf(selection);
        unlabelled = Map.copyOf(unlabelled);
        unrecordedTeachers = unrecordedTeachers.stream().distinct().sorted().toList();
    }

    /** From lists of subjects. */
    public static TrainedOn of(Collection<SubjectContent> training, Collection<SubjectContent> selection) {
        return of(training, selection, List.of());
    }

    /** From lists of subjects, some of which were used without labels. */
    public static TrainedOn of(
            Collection<SubjectContent> training,
            Collection<SubjectContent> selection,
            Collection<SubjectContent> unlabelled) {
        return new TrainedOn(byId(training), byId(selection), byId(unlabelled), List.of());
    }

    /** A copy with further teachers whose files do not record their subjects. */
    public TrainedOn withUnrecorded(Collection<String> teachers) {
        return new TrainedOn(
                training,
                selection,
                unlabelled,
                Stream.concat(unrecordedTeachers.stream(), teachers.stream()).toList());
    }

    /** Whether every subject is known; if not, a model can have been trained on others too. */
    public boolean isComplete() {
        return unrecordedTeachers.isEmpty();
    }

    /** The subjects that a model records; empty if it records none, as models of other programs do. */
    public static Optional<TrainedOn> of(ModelDescription model) {
        return in(model.provenance());
    }

    static Optional<TrainedOn> in(Map<String, String> provenance) {
        return provenance.containsKey(TRAINING) && provenance.containsKey(SELECTION)
                ? Optional.of(new TrainedOn(
                        read(provenance, TRAINING),
                        read(provenance, SELECTION),
                        provenance.containsKey(UNLABELLED) ? read(provenance, UNLABELLED) : Map.of(),
                        provenance.containsKey(UNRECORDED_TEACHERS) ? teachers(provenance) : List.of()))
                : Optional.empty();
    }

    /** The union; a subject of both has the hashes of both. */
    public TrainedOn and(TrainedOn other) {
        return new TrainedOn(
                        union(training, other.training),
                        union(selection, other.selection),
                        union(unlabelled, other.unlabelled),
                        unrecordedTeachers)
                .withUnrecorded(other.unrecordedTeachers);
    }

    /** The entries of a model's provenance. */
    public Map<String, String> toProvenance() {
        Map<String, String> provenance = new TreeMap<>();
        provenance.put(TRAINING, write(training));
        provenance.put(SELECTION, write(selection));
        if (!unlabelled.isEmpty()) {
            provenance.put(UNLABELLED, write(unlabelled));
        }
        if (!unrecordedTeachers.isEmpty()) {
            provenance.put(UNRECORDED_TEACHERS, line(unrecordedTeachers));
        }
        return provenance;
    }

    /** A provenance with numbers of subjects and names of teachers in place of the lists. */
    static Map<String, String> brief(Map<String, String> provenance) {
        Map<String, String> brief = new TreeMap<>(provenance);
        for (String key : SUBJECTS) {
            brief.computeIfPresent(key, (k, text) -> read(provenance, key).size() + " subjects");
        }
        brief.computeIfPresent(UNRECORDED_TEACHERS, (k, text) -> String.join(", ", teachers(provenance)));
        return brief;
    }

    private static Map<String, SubjectContent> byId(Collection<SubjectContent> subjects) {
        Map<String, SubjectContent> byId = new LinkedHashMap<>();
        subjects.forEach(subject -> byId.put(subject.id(), subject));
        return byId;
    }

    private static Map<String, SubjectContent> union(
            Map<String, SubjectContent> one, Map<String, SubjectContent> other) {
        Map<String, SubjectContent> union = new TreeMap<>(one);
        other.forEach((id, content) -> union.merge(id, content, SubjectContent::and));
        return union;
    }

    private static String write(Map<String, SubjectContent> subjects) {
        Map<String, String> texts = new TreeMap<>();
        subjects.forEach((id, content) -> texts.put(id, String.join(" ", content.hashes())));
        return line(texts);
    }

    private static String line(Object value) {
        return Settings.JSON
                .writer()
                .without(SerializationFeature.INDENT_OUTPUT)
                .writeValueAsString(value);
    }

    private static Map<String, SubjectContent> read(Map<String, String> provenance, String key) {
        JsonNode tree = parse(provenance, key);
        if (!tree.isObject() || !tree.valueStream().allMatch(JsonNode::isString)) {
            throw new PreceptorException("its provenance \"" + key + "\" must be an object of strings, not " + tree);
        }
        Map<String, SubjectContent> subjects = new TreeMap<>();
        for (Map.Entry<String, JsonNode> entry : tree.properties()) {
            String hashes = entry.getValue().stringValue();
            subjects.put(
                    entry.getKey(),
                    new SubjectContent(entry.getKey(), hashes.isBlank() ? List.of() : List.of(hashes.split(" "))));
        }
        return subjects;
    }

    private static List<String> teachers(Map<String, String> provenance) {
        JsonNode tree = parse(provenance, UNRECORDED_TEACHERS);
        if (!tree.isArray() || tree.isEmpty() || !tree.valueStream().allMatch(JsonNode::isString)) {
            throw new PreceptorException(
                    "its provenance \"" + UNRECORDED_TEACHERS + "\" must be a list of names, not " + tree);
        }
        return tree.valueStream().map(JsonNode::stringValue).toList();
    }

    private static JsonNode parse(Map<String, String> provenance, String key) {
        try {
            return Settings.parse(provenance.get(key));
        } catch (PreceptorException e) {
            throw new PreceptorException("its provenance \"" + key + "\" " + e.getMessage(), e);
        }
    }
}
