package dev.preceptor.dicomweb;

import dev.preceptor.base.JsonFiles;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.dicom.Tag;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;

/**
 * The attributes of one object in the DICOM JSON model (PS3.18, annex F). What is absent or of another form counts as absent.
 *
 * @param attributes an object such as <code>{"0020000D": {"vr": "UI", "Value": ["1.2.3"]}}</code>
 */
public record DicomJson(JsonNode attributes) {
    /**
     * The objects of a response; none if the text is blank.
     *
     * @throws PreceptorException if it is not a list of JSON objects
     */
    static List<DicomJson> list(String text) {
        if (text.isBlank()) {
            return List.of();
        }
        JsonNode root = JsonFiles.parse(text);
        if (!root.isArray()) {
            throw new PreceptorException("is not a list of DICOM objects");
        }
        List<DicomJson> objects = new ArrayList<>();
        root.forEach(node -> objects.add(new DicomJson(node)));
        return objects;
    }

    /** The object of a response; one without attributes if the text is something else. */
    static DicomJson object(String text) {
        try {
            JsonNode root = JsonFiles.parse(text);
            return new DicomJson(root.isArray() && !root.isEmpty() ? root.get(0) : root);
        } catch (PreceptorException e) {
            return new DicomJson(MissingNode.getInstance());
        }
    }

    /** The first value as text; of a person's name its alphabetic form. */
    public Optional<String> text(Tag tag) {
        return texts(tag).stream().findFirst();
    }

    /** All values as text. */
    public List<String> texts(Tag tag) {
        List<String> texts = new ArrayList<>();
        for (JsonNode value : attributes.path(tag.hex()).path("Value")) {
            JsonNode simple = value.isObject() ? value.path("Alphabetic") : value;
            if (simple.isString() || simple.isNumber()) {
                texts.add(simple.asString().strip());
            }
        }
        return texts;
    }

    /** The first value as a whole number that is not negative. */
    public OptionalInt count(Tag tag) {
        return text(tag)
                .filter(value -> value.matches("\\d{1,9}"))
                .map(value -> OptionalInt.of(Integer.parseInt(value)))
                .orElse(OptionalInt.empty());
    }

    /** The items of a sequence. */
    public List<DicomJson> items(Tag tag) {
        List<DicomJson> items = new ArrayList<>();
        for (JsonNode value : attributes.path(tag.hex()).path("Value")) {
            if (value.isObject()) {
                items.add(new DicomJson(value));
            }
        }
        return items;
    }
}
