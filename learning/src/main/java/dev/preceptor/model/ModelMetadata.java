package dev.preceptor.model;

import dev.preceptor.base.InvalidFileException;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.base.Settings;
import dev.preceptor.data.Preprocessing;
import dev.preceptor.network.NetworkSpec;
import dev.preceptor.network.TargetEncoding;
import dev.preceptor.quality.GuardProfile;
import dev.preceptor.quality.RegionQuality;
import dev.preceptor.quality.Reliability;
import dev.preceptor.quality.ShiftQuality;
import dev.preceptor.quality.Temperatures;
import dev.preceptor.volume.LabelClass;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Region;
import dev.preceptor.volume.Sequence;
import dev.preceptor.volume.Size;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The {@code __metadata__} of a model file: {@code format} and {@code card} are plain text, the other values are JSON. See
 * {@code docs/reference/file-formats.md}.
 */
final class ModelMetadata {
    static final String FORMAT = "preceptor/1";

    /** Which regions a model without {@link #CLASSES} and {@link #WRITING} has: WT, TC and ET of NCR, ED and ET. */
    private static final Map<String, List<String>> BRATS =
            Map.of("WT", List.of("ED", "ET", "NCR"), "TC", List.of("ET", "NCR"), "ET", List.of("ET"));

    /** The sequences with which a model of any subset was validated; missing for other models and in files of earlier versions. */
    private static final String BEDSIDE = "bedside";

    private static final String CLASSES = "classes";
    private static final String WRITING = "writing";
    /** The rules by region; missing if there are none, as in the files of earlier versions. */
    private static final String POST_PROCESSING = "post_processing";

    /** What the model knows about its reliability; each is missing if it was not fitted, as in the files of earlier versions. */
    private static final String TEMPERATURES = "temperatures";

    private static final String QUALITY = "quality";
    /** The same for predictions with mirrorings. */
    private static final String QUALITY_MIRRORED = "quality_mirrored";

    /** What is taken off the expected Dice on images unlike the training; missing in files of earlier versions. */
    private static final String SHIFTS = "shifts";

    private static final String SHIFTS_MIRRORED = "shifts_mirrored";

    private static final String GUARDS = "guards";

    private static final Set<String> OPTIONAL = Set.of(
            BEDSIDE,
            CLASSES,
            WRITING,
            POST_PROCESSING,
            TEMPERATURES,
            QUALITY,
            QUALITY_MIRRORED,
            SHIFTS,
            SHIFTS_MIRRORED,
            GUARDS);
    private static final Set<String> KEYS = Set.of(
            "format",
            "network",
            "inputs",
            "outputs",
            "schema",
            "regions",
            "preprocessing",
            "patch",
            "overlap",
            "provenance",
            "scores",
            "card");
    /** Enough for the hashes of 10,000 subjects; a tree of JSON takes many times the memory of its text. */
    private static final int MAX_TEXT = 4 << 20;

    /** What guards of files of earlier versions leave out. */
    private static final String SHARPNESS = "sharpness";

    /** What rules of files of earlier versions leave out. */
    private static final Map<String, Double> RULE_DEFAULTS = Map.of("fillBelowMl", 0.0);

    private static final JsonMapper COMPACT =
            Settings.JSON.rebuild().disable(SerializationFeature.INDENT_OUTPUT).build();

    private final Path file;
    private final Map<String, String> metadata;

    private ModelMetadata(Path file, Map<String, String> metadata) {
        this.file = file;
        this.metadata = metadata;
    }

    static Map<String, String> encode(ModelDescription model, String card) {
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put("format", FORMAT);
        put(metadata, "network", model.network());
        put(metadata, "inputs", model.inputs().stream().map(Sequence::name).toList());
        if (!model.bedside().isEmpty()) {
            put(metadata, BEDSIDE, model.bedside().stream().map(Sequence::name).toList());
        }
        put(metadata, "outputs", model.outputs());
        put(metadata, "schema", ModelLabels.of(model.schema()));
        if (model.schema().regions().equals(Region.BRATS)) {
            put(metadata, "regions", bratsRegions());
        } else {
            put(metadata, "regions", ModelLabels.regions(model.schema()));
            put(metadata, WRITING, ModelLabels.writing(model.schema()));
            put(
                    metadata,
                    CLASSES,
                    model.schema().classes().stream().map(LabelClass::name).toList());
        }
        put(metadata, "preprocessing", model.preprocessing());
        put(metadata, "patch", extents(model.patch()));
        put(metadata, "overlap", model.overlap());
        put(metadata, "provenance", model.provenance());
        put(metadata, "scores", model.scores());
        if (!model.postProcessing().keepsAll()) {
            put(metadata, POST_PROCESSING, model.postProcessing().rules());
        }
        putReliability(metadata, model.reliability());
        metadata.put("card", card);
        return metadata;
    }

    private static void putReliability(Map<String, String> metadata, Reliability reliability) {
        if (!reliability.temperatures().byRegion().isEmpty()) {
            put(metadata, TEMPERATURES, reliability.temperatures().byRegion());
        }
        if (!reliability.quality().isEmpty()) {
            put(metadata, QUALITY, reliability.quality());
        }
        if (!reliability.mirrored().isEmpty()) {
            put(metadata, QUALITY_MIRRORED, reliability.mirrored());
        }
        if (!reliability.shifts().isEmpty()) {
            put(metadata, SHIFTS, reliability.shifts());
        }
        if (!reliability.mirroredShifts().isEmpty()) {
            put(metadata, SHIFTS_MIRRORED, reliability.mirroredShifts());
        }
        reliability.guards().ifPresent(guards -> put(metadata, GUARDS, guards));
    }

    static List<Integer> extents(Size size) {
        return List.of(size.x(), size.y(), size.z());
    }

    private static void put(Map<String, String> metadata, String key, Object value) {
        metadata.put(key, json(value));
    }

    /** A value as the metadata contain it. */
    static String json(Object value) {
        return COMPACT.writeValueAsString(value);
    }

    /** WT, TC and ET in their order. */
    private static Map<String, List<String>> bratsRegions() {
        Map<String, List<String>> regions = new LinkedHashMap<>();
        Region.BRATS.forEach(region -> regions.put(region.name(), BRATS.get(region.name())));
        return regions;
    }

    static ModelDescription decode(Path file, Map<String, String> metadata) {
        String format = metadata.get("format");
        if (!FORMAT.equals(format)) {
            throw new InvalidFileException(
                    file,
                    format == null || !format.startsWith("preceptor/")
                            ? "is a safetensors file but not a model of Preceptor: its metadata has no format \""
                                    + FORMAT + "\""
                            : "has the format \"" + format + "\"; this version of Preceptor reads \"" + FORMAT + "\"");
        }
        for (String key : new TreeSet<>(KEYS)) {
            if (!metadata.containsKey(key)) {
                throw new InvalidFileException(
                        file, "is not a complete model file: its metadata has no \"" + key + "\"");
            }
        }
        for (String key : new TreeMap<>(metadata).keySet()) {
            if (!KEYS.contains(key) && !OPTIONAL.contains(key)) {
                throw new InvalidFileException(
                        file, "its metadata has \"" + key + "\", which this version does not know");
            }
        }
        return new ModelMetadata(file, metadata).describe();
    }

    private ModelDescription describe() {
        int[] patch = bind("patch", int[].class);
        if (patch.length != 3) {
            throw new InvalidFileException(file, "its patch must be three extents, not " + metadata.get("patch"));
        }
        try {
            return new ModelDescription(
                    bind("network", NetworkSpec.class),
                    sequences("inputs"),
                    bind("outputs", TargetEncoding.class),
                    labels(),
                    bind("preprocessing", Preprocessing.class),
                    new Size(patch[0], patch[1], patch[2]),
                    bind("overlap", Double.class),
                    textsOf("provenance"),
                    bind("scores", Scores.class),
                    postProcessing(),
                    reliability(),
                    metadata.containsKey(BEDSIDE) ? sequences(BEDSIDE) : List.of());
        } catch (InvalidFileException e) {
            throw e;
        } catch (IllegalArgumentException | PreceptorException e) {
            throw new InvalidFileException(file, "its metadata is out of range: " + e.getMessage(), e);
        }
    }

    private List<Sequence> sequences(String key) {
        return Stream.of(bind(key, String[].class)).map(Sequence::new).toList();
    }

    private PostProcessing postProcessing() {
        return new PostProcessing(records(POST_PROCESSING, RegionRule.class, RULE_DEFAULTS));
    }

    private Reliability reliability() {
        return new Reliability(
                new Temperatures(records(TEMPERATURES, Double.class, Map.of())),
                records(QUALITY, RegionQuality.class, Map.of()),
                records(QUALITY_MIRRORED, RegionQuality.class, Map.of()),
                records(SHIFTS, ShiftQuality.class, Map.of()),
                records(SHIFTS_MIRRORED, ShiftQuality.class, Map.of()),
                metadata.containsKey(GUARDS) ? Optional.of(guards()) : Optional.empty());
    }

    private GuardProfile guards() {
        JsonNode tree = tree(GUARDS);
        tree.path("images").forEach(image -> {
            if (image instanceof ObjectNode reference && !reference.has(SHARPNESS)) {
                reference.putArray(SHARPNESS);
            }
        });
        return bind(GUARDS, tree, GuardProfile.class);
    }

    /**
     * An optional object of values of one type; empty if it is missing.
     *
     * @param defaults of keys that a value may leave out
     */
    private <T> Map<String, T> records(String key, Class<T> type, Map<String, Double> defaults) {
        if (!metadata.containsKey(key)) {
            return Map.of();
        }
        JsonNode tree = tree(key);
        if (!tree.isObject()) {
            throw new InvalidFileException(file, "its " + key + " must be an object, not " + tree);
        }
        Map<String, T> records = new TreeMap<>();
        tree.properties().forEach(entry -> {
            if (entry.getValue() instanceof ObjectNode value) {
                defaults.forEach((name, number) -> {
                    if (!value.has(name)) {
                        value.put(name, number);
                    }
                });
            }
            records.put(entry.getKey(), Settings.bind(entry.getValue(), type, key + '.' + entry.getKey()));
        });
        return records;
    }

    private LabelSpace labels() {
        ModelLabels labels = bind("schema", ModelLabels.class);
        JsonNode regions = tree("regions");
        if (metadata.containsKey(WRITING) && metadata.containsKey(CLASSES)) {
            return labels.space(lists(regions), textsOf(WRITING), List.of(bind(CLASSES, String[].class)));
        }
        if (!regions.equals(COMPACT.valueToTree(bratsRegions()))) {
            throw new InvalidFileException(
                    file,
                    "its regions must be " + COMPACT.writeValueAsString(bratsRegions()) + " unless it has \"" + WRITING
                            + "\" and \"" + CLASSES + "\", not " + metadata.get("regions"));
        }
        return new LabelSpace(
                labels.name(), labels.tissues(), List.of(LabelClass.NCR, LabelClass.ED, LabelClass.ET), Region.BRATS);
    }

    private Map<String, List<String>> lists(JsonNode regions) {
        Map<String, List<String>> lists = new LinkedHashMap<>();
        regions.properties().forEach(region -> {
            if (!region.getValue().isArray() || !region.getValue().valueStream().allMatch(JsonNode::isString)) {
                throw new InvalidFileException(
                        file, "its region " + region.getKey() + " must be a list of classes, not " + region.getValue());
            }
            lists.put(
                    region.getKey(),
                    region.getValue().valueStream().map(JsonNode::stringValue).toList());
        });
        return lists;
    }

    private Map<String, String> textsOf(String key) {
        JsonNode tree = tree(key);
        if (!tree.isObject() || !tree.valueStream().allMatch(JsonNode::isString)) {
            throw new InvalidFileException(file, "its " + key + " must be an object of strings, not " + tree);
        }
        Map<String, String> texts = new TreeMap<>();
        tree.properties().forEach(e -> texts.put(e.getKey(), e.getValue().stringValue()));
        return texts;
    }

    private JsonNode tree(String key) {
        if (metadata.get(key).length() > MAX_TEXT) {
            throw new InvalidFileException(
                    file,
                    "its metadata \"" + key + "\" has more than " + MAX_TEXT + " characters, the most that are read");
        }
        JsonNode tree;
        try {
            tree = Settings.parse(metadata.get(key));
        } catch (PreceptorException e) {
            throw new InvalidFileException(file, "its metadata \"" + key + "\" " + e.getMessage(), e);
        }
        if (hasNull(tree)) {
            throw new InvalidFileException(file, "its metadata \"" + key + "\" is empty or has a null");
        }
        return tree;
    }

    private static boolean hasNull(JsonNode tree) {
        return tree.isNull() || tree.isMissingNode() || tree.valueStream().anyMatch(ModelMetadata::hasNull);
    }

    private <T> T bind(String key, Class<T> type) {
        return bind(key, tree(key), type);
    }

    private <T> T bind(String key, JsonNode tree, Class<T> type) {
        try {
            return Settings.bind(tree, type, key);
        } catch (PreceptorException e) {
            throw new InvalidFileException(file, "its metadata is invalid: " + e.getMessage(), e);
        }
    }
}
