package dev.preceptor.cohort;

import dev.preceptor.base.InvalidFileException;
import dev.preceptor.volume.LabelSchema;
import dev.preceptor.volume.Tissue;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;

/**
 * Reads the {@code labels} of a {@code dataset.json}: value to name (MSD), name to value (nnU-Net), or name to the values of a
 * nested region (nnU-Net's region-based training).
 */
final class DatasetLabels {
    private DatasetLabels() {}

    static SchemaDecision schema(Path file, JsonNode labels) {
        Map<String, Set<Integer>> named = named(file, labels);
        Map<Integer, Tissue> tissues = new TreeMap<>();
        Set<Integer> enhancing = find(named, "enhanc", "et");
        Set<Integer> core = find(named, "core", "tc");
        Set<Integer> whole = find(named, "whole", "wt");
        put(file, tissues, Tissue.ET, enhancing);
        put(file, tissues, Tissue.NCR, without(core, enhancing));
        put(file, tissues, Tissue.ED, without(without(whole, core), enhancing));
        named.forEach((name, values) -> tissue(name).ifPresent(t -> put(file, tissues, t, values)));
        named.forEach((name, values) -> {
            if (!tissues.keySet().containsAll(values)) {
                throw new InvalidFileException(
                        file,
                        "label \"" + name + "\" is no part of a brain tumour that Preceptor"
                                + " knows (edema, non-enhancing or necrotic core, enhancing, resection cavity)");
            }
        });
        if (tissues.isEmpty()) {
            throw new InvalidFileException(file, "names no labels but the background");
        }
        LabelSchema schema = LabelSchema.KNOWN.stream()
                .filter(known -> known.tissues().equals(tissues))
                .findFirst()
                .orElseGet(() -> new LabelSchema("DATASET_JSON", tissues));
        return new SchemaDecision(schema, "by the labels of " + file.getFileName());
    }

    private static Map<String, Set<Integer>> named(Path file, JsonNode labels) {
        Map<String, Set<Integer>> named = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> entry : labels.properties()) {
            Set<Integer> values = new TreeSet<>();
            String name = entry.getKey();
            if (entry.getValue().isArray()) {
                entry.getValue().forEach(value -> values.add(value.asInt()));
            } else if (entry.getKey().matches("\\d+") && entry.getValue().isString()) {
                name = entry.getValue().asString();
                values.add(Integer.parseInt(entry.getKey()));
            } else if (entry.getValue().isIntegralNumber()) {
                values.add(entry.getValue().asInt());
            } else {
                throw new InvalidFileException(
                        file, "label \"" + name + "\" has no whole number but " + entry.getValue());
            }
            values.remove(0);
            if (!values.isEmpty() && !name.equalsIgnoreCase("ignore")) {
                named.put(name.toLowerCase(Locale.ROOT), values);
            }
        }
        return named;
    }

    /** The tissue that a name stands for by itself; empty for a nested region or an unknown name. */
    private static Optional<Tissue> tissue(String name) {
        if (name.contains("whole")
                || name.equals("wt")
                || name.equals("tc")
                || name.endsWith("tumor core")
                || name.endsWith("tumour core")) {
            return Optional.empty();
        }
        if (name.contains("edema") || name.equals("ed") || name.contains("snfh") || name.contains("flair")) {
            return Optional.of(Tissue.ED);
        }
        if (isNonEnhancing(name) || name.contains("necro") || name.startsWith("ncr") || name.startsWith("net")) {
            return Optional.of(Tissue.NCR);
        }
        if (name.contains("resection") || name.contains("cavity") || name.equals("rc")) {
            return Optional.of(Tissue.RC);
        }
        return name.contains("enhanc") || name.equals("et") ? Optional.of(Tissue.ET) : Optional.empty();
    }

    private static boolean isNonEnhancing(String name) {
        return name.matches(".*non[ _-]?enhanc.*");
    }

    private static Set<Integer> find(Map<String, Set<Integer>> named, String part, String exact) {
        return named.entrySet().stream()
                .filter(e -> e.getKey().equals(exact)
                        || (e.getKey().contains(part) && tissue(e.getKey()).orElse(Tissue.ET) == Tissue.ET))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse(Set.of());
    }

    private static Set<Integer> without(Set<Integer> all, Set<Integer> some) {
        Set<Integer> rest = new TreeSet<>(all);
        rest.removeAll(some);
        return rest;
    }

    private static void put(Path file, Map<Integer, Tissue> tissues, Tissue tissue, Set<Integer> values) {
        for (int value : values) {
            Tissue other = tissues.put(value, tissue);
            if (value < 1 || value > 127 || (other != null && other != tissue)) {
                throw new InvalidFileException(
                        file, "label " + value + " is given as " + tissue + (other == null ? "" : " and " + other));
            }
        }
    }
}
