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
 * Whom a model met in its training, its teachers' included, so that nobody is scored in good faith who was learned from.
 * Stands in the provenance of a model file as {@code training} and {@code selection}: JSON of the subjects' IDs and, divided
 * by blanks, the hashes of {@link SubjectContent}.
 *
 * @param training who was learned from, by id
 * @param selection who decided about schedule and weights, by id
 */
public record TrainedOn(Map<String, SubjectContent> training, Map<String, SubjectContent> selection) {
    private static final String TRAINING = "training";
    private static final String SELECTION = "selection";

    public TrainedOn {
        training = Map.copyOf(training);
        selection = Map.copyOf(selection);
    }

    /** From a list of subjects each. */
    public static TrainedOn of(Collection<SubjectContent> training, Collection<SubjectContent> selection) {
        return new TrainedOn(byId(training), byId(selection));
    }

    /** What a model says of it; empty if it says nothing, as models of other hands do. */
    public static Optional<TrainedOn> of(ModelDescription model) {
        return in(model.provenance());
    }

    static Optional<TrainedOn> in(Map<String, String> provenance) {
        return provenance.containsKey(TRAINING) && provenance.containsKey(SELECTION)
                ? Optional.of(new TrainedOn(read(provenance, TRAINING), read(provenance, SELECTION)))
                : Optional.empty();
    }

    /** Both together; of a subject that both know, the hashes of both. */
    public TrainedOn and(TrainedOn other) {
        return new TrainedOn(union(training, other.training), union(selection, other.selection));
    }

    /** The entries of a model's provenance. */
    public Map<String, String> toProvenance() {
        return Map.of(TRAINING, write(training), SELECTION, write(selection));
    }

    /** A provenance for people: how many instead of who. */
    static Map<String, String> brief(Map<String, String> provenance) {
        Map<String, String> brief = new TreeMap<>(provenance);
        for (String key : List.of(TRAINING, SELECTION)) {
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
            throw new PreceptorException("its provenance \"" + key + "\" must be a block of subjects, not " + tree);
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
