package dev.preceptor.cohort;

import dev.preceptor.base.InvalidFileException;
import dev.preceptor.volume.LabelSchema;
import dev.preceptor.volume.Region;
import dev.preceptor.volume.Tissue;
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
 * of a nested region (nnU-Net's region-based training). Names are looked up in the table of {@link LabelMeaning}.
 */
final class DatasetLabels {
    private static final String NAME = "DATASET_JSON";
    private static final int MOST_LABELS = 256;
    private static final int LARGEST_VALUE = 127;
    private static final int SHOWN = 40;

    private final Path file;
    /** All labels but the background. */
    private final List<LabelEntry> entries = new ArrayList<>();

    private final Map<Integer, Tissue> tissues = new TreeMap<>();
    private final Map<Region, Set<Integer>> regions = new LinkedHashMap<>();

    private record LabelEntry(String name, LabelMeaning meaning, Set<Integer> values) {}

    private DatasetLabels(Path file) {
        this.file = file;
    }

    /**
     * The schema that a file describes.
     *
     * @param json the content of the file
     * @throws InvalidFileException if a name is not in the table, a value is not a whole number from 0 to 127, or two
     *     statements contradict each other
     */
    static SchemaDecision schema(Path file, JsonNode json) {
        DatasetLabels labels = new DatasetLabels(file);
        labels.read(json.path("labels"));
        labels.assignTissues();
        labels.requireClassOrder(json.path("regions_class_order"));
        LabelSchema schema = LabelSchema.KNOWN.stream()
                .filter(known -> known.tissues().equals(labels.tissues))
                .findFirst()
                .orElseGet(() -> new LabelSchema(NAME, labels.tissues));
        return new SchemaDecision(schema, "by the labels of " + file.getFileName());
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
                value.forEach(one -> values.add(value(entry.getKey(), one)));
                add(entry.getKey(), values, true);
            } else {
                add(entry.getKey(), Set.of(value(entry.getKey(), value)), false);
            }
        }
    }

    private void add(String name, Set<Integer> values, boolean isList) {
        Optional<LabelMeaning> meaning = LabelMeaning.of(name);
        if (values.equals(Set.of(0)) && meaning.orElse(LabelMeaning.BACKGROUND) == LabelMeaning.BACKGROUND) {
            return;
        }
        if (meaning.isEmpty()) {
            throw refused(
                    "label \"" + shortened(name) + "\" is not a known name; known are " + LabelMeaning.knownNames());
        }
        if (values.isEmpty() || values.contains(0) || meaning.get() == LabelMeaning.BACKGROUND) {
            throw refused("label \"" + shortened(name) + "\" has the values " + values
                    + "; 0 is the background, and every other label has values of its own");
        }
        if (isList && meaning.get() == LabelMeaning.IGNORE) {
            throw refused("\"ignore\" must be one value, not a list");
        }
        entries.add(new LabelEntry(name, meaning.get(), values));
    }

    private void assignTissues() {
        if (entries.isEmpty()) {
            throw refused("names no labels but the background");
        }
        for (LabelEntry entry : entries) {
            entry.meaning.region().ifPresent(region -> putRegion(entry, region));
            entry.meaning.tissue().ifPresent(tissue -> entry.values.forEach(value -> put(value, tissue)));
        }
        Set<Integer> inRegions = new TreeSet<>();
        regions.values().forEach(inRegions::addAll);
        for (int value : inRegions) {
            if (!tissues.containsKey(value)) {
                tissues.put(value, nested(value));
            }
        }
        tissues.forEach(this::requireInItsRegions);
    }

    private void putRegion(LabelEntry entry, Region region) {
        Set<Integer> other = regions.put(region, entry.values);
        if (other != null && !other.equals(entry.values)) {
            throw refused("gives " + region + " the labels " + other + " and " + entry.values);
        }
    }

    private void put(int value, Tissue tissue) {
        Tissue other = tissues.put(value, tissue);
        if (other != null && other != tissue) {
            throw refused("label " + value + " is given as " + other + " and as " + tissue);
        }
    }

    /** The tissue of a value that only nested regions name: it lies in one region and not in the next inner one. */
    private Tissue nested(int value) {
        boolean inCore = regions.getOrDefault(Region.TC, Set.of()).contains(value);
        Region inner = inCore ? Region.ET : Region.TC;
        if (!regions.containsKey(inner)) {
            throw refused("does not say which part of the tumor label " + value + " is: it is in \""
                    + (inCore ? "tumor core" : "whole tumor") + "\", and there is no \""
                    + (inCore ? "enhancing tumor" : "tumor core") + "\"; name the label itself (edema, necrosis, ...)");
        }
        return inCore ? Tissue.NCR : Tissue.ED;
    }

    private void requireInItsRegions(int value, Tissue tissue) {
        regions.forEach((region, values) -> {
            if (values.contains(value) != region.tissues().contains(tissue)) {
                throw refused("contradicts itself: label " + value + " is " + tissue + " and "
                        + (values.contains(value) ? "in " : "not in ") + region + " " + values);
            }
        });
    }

    /**
     * Each value of {@code regions_class_order}, which nnU-Net writes for a region, must be one of the labels of that
     * region.
     */
    private void requireClassOrder(JsonNode order) {
        if (order.isMissingNode() || order.isNull()) {
            return;
        }
        List<Integer> values = new ArrayList<>();
        if (order.isArray()) {
            order.forEach(one -> values.add(value("regions_class_order", one)));
        }
        List<LabelEntry> written = entries.stream()
                .filter(entry -> entry.meaning != LabelMeaning.IGNORE)
                .toList();
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
    }

    private int value(String key) {
        if (!key.matches("0|[1-9][0-9]{0,2}") || Integer.parseInt(key) > LARGEST_VALUE) {
            throw notALabel("label \"" + shortened(key) + "\"");
        }
        return Integer.parseInt(key);
    }

    private int value(String name, JsonNode node) {
        if (!node.isIntegralNumber()
                || !node.canConvertToInt()
                || node.intValue() < 0
                || node.intValue() > LARGEST_VALUE) {
            throw notALabel("\"" + shortened(name) + "\" has the value " + shortened(node.toString()) + ", which");
        }
        return node.intValue();
    }

    private InvalidFileException notALabel(String what) {
        return refused(what + " is not a label; labels are whole numbers from 0 to " + LARGEST_VALUE);
    }

    private InvalidFileException refused(String problem) {
        return new InvalidFileException(file, problem);
    }

    private static String shortened(String text) {
        String printable = text.replaceAll("\\p{Cntrl}", "?");
        return printable.length() <= SHOWN ? printable : printable.substring(0, SHOWN) + "...";
    }
}
