package dev.preceptor.cohort;

import dev.preceptor.base.InvalidFileException;
import dev.preceptor.volume.LabelClass;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Region;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/**
 * Reads the {@code labels} of a {@code dataset.json}: value to name (MSD), name to value (nnU-Net), or name to the values
 * or names of the labels of a region (nnU-Net's region-based training). If every name is in the table of
 * {@link LabelMeaning} and together they give NCR, ED and ET, the labels are those of BraTS. Any other labels make a space
 * of their own with the names of the file; a name is never read as a class of BraTS then.
 */
final class DatasetLabels {
    private static final String NAME = "DATASET_JSON";
    private static final int MOST_LABELS = 256;
    private static final int SHOWN = 40;

    private final Path file;
    /** All labels but the background. */
    private final List<LabelEntry> entries = new ArrayList<>();

    private record LabelEntry(String name, Optional<LabelMeaning> meaning, Set<Integer> values, boolean isList) {
        boolean isIgnored() {
            return meaning.equals(Optional.of(LabelMeaning.IGNORE));
        }
    }

    private DatasetLabels(Path file) {
        this.file = file;
    }

    /**
     * The label space that a file describes.
     *
     * @param json the content of the file
     * @throws InvalidFileException if a name is no name, a value is not a whole number from 0 to 127, or two statements
     *     contradict each other
     */
    static SchemaDecision schema(Path file, JsonNode json) {
        DatasetLabels labels = new DatasetLabels(file);
        labels.read(json.path("labels"));
        List<Integer> order = labels.classOrder(json.path("regions_class_order"));
        return new SchemaDecision(
                labels.brats().orElseGet(() -> labels.own(order)), "by the labels of " + file.getFileName());
    }

    private void read(JsonNode labels) {
        if (!labels.isObject() || labels.isEmpty()) {
            throw refused("has no \"labels\": a block of names and values such as {\"background\": 0, \"edema\": 1}");
        }
        if (labels.size() > MOST_LABELS) {
            throw refused("names " + labels.size() + " labels; at most " + MOST_LABELS + " are read");
        }
        for (Map.Entry<String, JsonNode> entry : labels.properties()) {
            JsonNode value = entry.getValue();
            if (value.isString()) {
                add(value.stringValue(), Set.of(value(entry.getKey())), false);
            } else if (value.isArray()) {
                Set<Integer> values = new TreeSet<>();
                value.forEach(one -> values.add(
                        one.isString()
                                ? valueOf(entry.getKey(), one.stringValue(), labels)
                                : value(entry.getKey(), one)));
                add(entry.getKey(), values, true);
            } else {
                add(entry.getKey(), Set.of(value(entry.getKey(), value)), false);
            }
        }
        if (entries.isEmpty()) {
            throw refused("names no labels but the background");
        }
    }

    /** The value of a label that a region names. */
    private int valueOf(String region, String name, JsonNode labels) {
        JsonNode value = labels.path(name);
        if (!value.isIntegralNumber()) {
            throw refused("region \"" + shortened(region) + "\" names the class \"" + shortened(name)
                    + "\", which is not among the labels with one value");
        }
        return value(name, value);
    }

    private void add(String name, Set<Integer> values, boolean isList) {
        Optional<LabelMeaning> meaning = LabelMeaning.of(name);
        if (values.equals(Set.of(0)) && meaning.orElse(LabelMeaning.BACKGROUND) == LabelMeaning.BACKGROUND) {
            return;
        }
        if (name.matches("\\s*[0-9.+-]+\\s*")) {
            throw refused("label \"" + shortened(name)
                    + "\" is a number where a name is due; labels are names with values, such as"
                    + " {\"background\": 0, \"lesion\": 1}");
        }
        if (values.isEmpty() || values.contains(0) || meaning.equals(Optional.of(LabelMeaning.BACKGROUND))) {
            throw refused("label \"" + shortened(name) + "\" has the values " + values
                    + "; 0 is the background, and every other label has values of its own");
        }
        if (isList && meaning.equals(Optional.of(LabelMeaning.IGNORE))) {
            throw refused("\"ignore\" must be one value, not a list");
        }
        entries.add(new LabelEntry(name.strip(), meaning, values, isList));
    }

    /** The labels as classes of BraTS; empty unless every name has a meaning and all of NCR, ED and ET are there. */
    private Optional<LabelSpace> brats() {
        if (entries.stream().anyMatch(entry -> entry.meaning.isEmpty())) {
            return Optional.empty();
        }
        Map<Integer, LabelClass> values = new TreeMap<>();
        Map<Region, Set<Integer>> regions = new LinkedHashMap<>();
        for (LabelEntry entry : entries) {
            entry.meaning.get().region().ifPresent(region -> putRegion(regions, entry, region));
            entry.meaning.get().labelClass().ifPresent(one -> entry.values.forEach(value -> put(values, value, one)));
        }
        Set<Integer> inRegions = new TreeSet<>();
        regions.values().forEach(inRegions::addAll);
        for (int value : inRegions) {
            if (!values.containsKey(value)) {
                Optional<LabelClass> nested = nested(regions, value);
                if (nested.isEmpty()) {
                    return Optional.empty();
                }
                values.put(value, nested.get());
            }
        }
        values.forEach((value, one) -> requireInItsRegions(regions, value, one));
        if (!values.values().containsAll(List.of(LabelClass.NCR, LabelClass.ED, LabelClass.ET))) {
            return Optional.empty();
        }
        return Optional.of(LabelSpace.KNOWN.stream()
                .filter(known -> known.values().equals(values))
                .findFirst()
                .orElseGet(() -> new LabelSpace(NAME, values)));
    }

    private void putRegion(Map<Region, Set<Integer>> regions, LabelEntry entry, Region region) {
        Set<Integer> other = regions.put(region, entry.values);
        if (other != null && !other.equals(entry.values)) {
            throw refused("gives " + region + " the labels " + other + " and " + entry.values);
        }
    }

    private void put(Map<Integer, LabelClass> values, int value, LabelClass labelClass) {
        LabelClass other = values.put(value, labelClass);
        if (other != null && !other.equals(labelClass)) {
            throw refused("label " + value + " is given as " + other + " and as " + labelClass);
        }
    }

    /**
     * The class of a value that only nested regions name: it lies in one region and not in the next inner one. Empty if the
     * file has no such inner region.
     */
    private static Optional<LabelClass> nested(Map<Region, Set<Integer>> regions, int value) {
        boolean inCore = regions.getOrDefault(Region.TC, Set.of()).contains(value);
        Region inner = inCore ? Region.ET : Region.TC;
        return regions.containsKey(inner) ? Optional.of(inCore ? LabelClass.NCR : LabelClass.ED) : Optional.empty();
    }

    private void requireInItsRegions(Map<Region, Set<Integer>> regions, int value, LabelClass labelClass) {
        regions.forEach((region, values) -> {
            if (values.contains(value) != region.classes().contains(labelClass)) {
                throw refused("contradicts itself: label " + value + " is " + labelClass + " and "
                        + (values.contains(value) ? "in " : "not in ") + region + " " + values);
            }
        });
    }

    /** The labels with the names of the file. */
    private LabelSpace own(List<Integer> order) {
        List<LabelEntry> named =
                entries.stream().filter(entry -> !entry.isIgnored()).toList();
        if (named.isEmpty()) {
            throw refused("names no labels but the background and ignore");
        }
        try {
            Map<Integer, LabelClass> values = new TreeMap<>();
            entries.stream()
                    .filter(LabelEntry::isIgnored)
                    .forEach(entry -> entry.values.forEach(value -> put(values, value, LabelClass.IGNORE)));
            return named.stream().anyMatch(LabelEntry::isList)
                    ? OverlappingLabels.space(NAME, values, regions(named), order)
                    : plain(values, named);
        } catch (IllegalArgumentException e) {
            throw new InvalidFileException(file, "describes no labels that can be read: " + e.getMessage(), e);
        }
    }

    private LabelSpace plain(Map<Integer, LabelClass> ignored, List<LabelEntry> named) {
        Map<Integer, LabelClass> values = new TreeMap<>(ignored);
        for (LabelEntry entry : named) {
            int value = entry.values.iterator().next();
            LabelClass other = values.put(value, new LabelClass(entry.name));
            if (other != null) {
                throw refused("gives label " + value + " to \"" + shortened(other.name()) + "\" and to \""
                        + shortened(entry.name)
                        + "\"; labels that overlap are regions: lists of values, with \"regions_class_order\"");
            }
        }
        List<LabelClass> classes = values.values().stream()
                .filter(one -> !one.equals(LabelClass.IGNORE))
                .distinct()
                .toList();
        List<Region> regions = named.stream()
                .map(entry -> entry.name)
                .distinct()
                .map(name -> Region.of(name, new LabelClass(name)))
                .toList();
        return new LabelSpace(NAME, values, classes, regions);
    }

    private Map<String, Set<Integer>> regions(List<LabelEntry> named) {
        Map<String, Set<Integer>> regions = new LinkedHashMap<>();
        named.forEach(entry -> {
            if (regions.put(entry.name, entry.values) != null) {
                throw refused("has two regions of the name \"" + shortened(entry.name) + "\"");
            }
        });
        return regions;
    }

    /**
     * The values of {@code regions_class_order}, which nnU-Net writes for the regions; each must be one of the labels of its
     * region. Empty if the file has none.
     */
    private List<Integer> classOrder(JsonNode order) {
        if (order.isMissingNode() || order.isNull()) {
            return List.of();
        }
        List<Integer> values = new ArrayList<>();
        if (order.isArray()) {
            order.forEach(one -> values.add(value("regions_class_order", one)));
        }
        List<LabelEntry> written =
                entries.stream().filter(entry -> !entry.isIgnored()).toList();
        if (values.size() != written.size()) {
            throw refused("\"regions_class_order\" must be a list of " + written.size()
                    + " values, one for each label but background and ignore, not " + shortened(order.toString()));
        }
        for (int i = 0; i < values.size(); i++) {
            if (!written.get(i).values.contains(values.get(i))) {
                throw refused("\"regions_class_order\" writes " + values.get(i) + " for \""
                        + shortened(written.get(i).name) + "\", whose labels are "
                        + written.get(i).values.stream().map(String::valueOf).collect(Collectors.joining(", ")));
            }
        }
        return values;
    }

    private int value(String key) {
        if (!key.matches("0|[1-9][0-9]{0,2}") || Integer.parseInt(key) > LabelSpace.LARGEST_VALUE) {
            throw notALabel("label \"" + shortened(key) + "\"");
        }
        return Integer.parseInt(key);
    }

    private int value(String name, JsonNode node) {
        if (!node.isIntegralNumber()
                || !node.canConvertToInt()
                || node.intValue() < 0
                || node.intValue() > LabelSpace.LARGEST_VALUE) {
            throw notALabel("\"" + shortened(name) + "\" has the value " + shortened(node.toString()) + ", which");
        }
        return node.intValue();
    }

    private InvalidFileException notALabel(String what) {
        return refused(what + " is not a label; labels are whole numbers from 0 to " + LabelSpace.LARGEST_VALUE);
    }

    private InvalidFileException refused(String problem) {
        return new InvalidFileException(file, problem);
    }

    private static String shortened(String text) {
        String printable = text.replaceAll("\\p{Cntrl}", "?");
        return printable.length() <= SHOWN ? printable : printable.substring(0, SHOWN) + "...";
    }
}
