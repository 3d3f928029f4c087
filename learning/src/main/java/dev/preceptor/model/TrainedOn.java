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
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;

/**
 * The subjects that took part in the training of a model or of its teachers; a score on one of them is leakage. In the
 * provenance of a model file they are {@code training} and {@code selection}: JSON objects from the ID of a subject to the
 * hashes of {@link SubjectContent}, separated by blanks. Subjects whose labels were not used are {@code unlabelled}, if
 * there are any.
 *
 * @param training the subjects whose data gave gradients, by ID
 * @param selection the subjects whose scores decided schedule or weights, by ID
 * @param unlabelled the subjects whose images gave gradients and whose labels did not, by ID
 */
public record TrainedOn(
        Map<String, SubjectContent> training,
        Map<String, SubjectContent> selection,
        Map<String, SubjectContent> unlabelled) {
    private static final String TRAINING = "training";
    private static final String SELECTION = "selection";
    private static final String UNLABELLED = "unlabelled";

    /** The keys in the provenance of a model. */
    static final List<String> KEYS = List.of(TRAINING, SELECTION, UNLABELLED);

    public TrainedOn {
        training = Map.copyOf(training);
        selection = Map.copyOf(selection);
        unlabelled = Map.copyOf(unlabelled);
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
        return new TrainedOn(byId(training), byId(selection), byId(unlabelled));
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
                        provenance.containsKey(UNLABELLED) ? read(provenance, UNLABELLED) : Map.of()))
                : Optional.empty();
    }

    /** The union; a subject of both has the hashes of both. */
    public TrainedOn and(TrainedOn other) {
        return new TrainedOn(
                union(training, other.training),
                union(selection, other.selection),
                union(unlabelled, other.unlabelled));
    }

    /** The entries of a model's provenance. */
    public Map<String, String> toProvenance() {
        Map<String, String> provenance = new TreeMap<>();
        provenance.put(TRAINING, write(training));
        provenance.put(SELECTION, write(selection));
        if (!unlabelled.isEmpty()) {
            provenance.put(UNLABELLED, write(unlabelled));
        }
        return provenance;
    }

    /** A provenance with numbers of subjects in place of the lists. */
    static Map<String, String> brief(Map<String, String> provenance) {
        Map<String, String> brief = new TreeMap<>(provenance);
        for (String key : KEYS) {
            brief.computeIfPresent(key, (k, text) -> read(provenance, key).size() + " subjects");
        }
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
        return Settings.JSON
                .writer()
                .without(SerializationFeature.INDENT_OUTPUT)
                .writeValueAsString(texts);
    }

    private static Map<String, SubjectContent> read(Map<String, String> provenance, String key) {
        JsonNode tree;
        try {
            tree = Settings.parse(provenance.get(key));
        } catch (PreceptorException e) {
            throw new PreceptorException("its provenance \"" + key + "\" " + e.getMessage(), e);
        }
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
}
