package dev.preceptor.cohort;

import dev.preceptor.volume.LabelClass;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Region;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Makes a label space of regions that are given as sets of label values. Values that belong to the same regions are one
 * class. A class has the name of the last region that is written as it, or {@code label N} if there is none.
 */
final class OverlappingLabels {
    private final Map<String, Set<Integer>> regions;
    private final List<String> names;

    private OverlappingLabels(Map<String, Set<Integer>> regions) {
        this.regions = regions;
        this.names = List.copyOf(regions.keySet());
    }

    /**
     * The label space.
     *
     * @param name of the space
     * @param ignored the values that are ignored, with the class {@link LabelClass#IGNORE}
     * @param regions the label values of each region, in their order
     * @param order the value that is written for each region, one of its values; empty if the file does not say
     * @throws IllegalArgumentException if the order is needed and missing, or writes two values of one class
     */
    static LabelSpace space(
            String name, Map<Integer, LabelClass> ignored, Map<String, Set<Integer>> regions, List<Integer> order) {
        return new OverlappingLabels(regions).space(name, ignored, order.isEmpty() ? onlyValues(regions) : order);
    }

    private static List<Integer> onlyValues(Map<String, Set<Integer>> regions) {
        List<String> open = regions.entrySet().stream()
                .filter(region -> region.getValue().size() > 1)
                .map(Map.Entry::getKey)
                .toList();
        if (!open.isEmpty()) {
            throw new IllegalArgumentException(
                    "\"regions_class_order\" is missing, which says which of its values is written for "
                            + open.stream().map(one -> '"' + one + '"').collect(Collectors.joining(", "))
                            + "; give one value for each label but background and ignore, in their order");
        }
        return regions.values().stream().map(values -> values.iterator().next()).toList();
    }

    private LabelSpace space(String name, Map<Integer, LabelClass> ignored, List<Integer> order) {
        Map<Integer, LabelClass> values = new TreeMap<>();
        Map<Set<String>, LabelClass> byMembership = new HashMap<>();
        for (int i = 0; i < order.size(); i++) {
            LabelClass written = new LabelClass(names.get(i));
            values.put(order.get(i), written);
            LabelClass other = byMembership.put(membership(order.get(i)), written);
            if (other != null && order.indexOf(order.get(i)) == i) {
                throw new IllegalArgumentException("\"regions_class_order\" " + order
                        + " writes two values that belong to the same regions " + membership(order.get(i)));
            }
        }
        Set<Integer> all = new TreeSet<>();
        regions.values().forEach(all::addAll);
        for (int value : all) {
            if (!values.containsKey(value)) {
                LabelClass same =
                        byMembership.computeIfAbsent(membership(value), k -> new LabelClass("label " + value));
                // The first value of a class is the one that is written.
                boolean isFirst =
                        values.entrySet().stream().anyMatch(e -> e.getValue().equals(same) && e.getKey() > value);
                values.put(value, isFirst ? new LabelClass("label " + value) : same);
            }
        }
        List<LabelClass> classes = values.values().stream()
                .filter(byMembership::containsValue)
                .distinct()
                .toList();
        List<Region> made = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            Set<LabelClass> members =
                    regions.get(names.get(i)).stream().map(values::get).collect(Collectors.toSet());
            made.add(new Region(names.get(i), members, values.get(order.get(i))));
        }
        Map<Integer, LabelClass> withIgnored = new TreeMap<>(values);
        ignored.forEach((value, one) -> {
            if (withIgnored.put(value, one) != null) {
                throw new IllegalArgumentException(
                        "label " + value + " is ignored and belongs to " + membership(value));
            }
        });
        return new LabelSpace(name, withIgnored, classes, made);
    }

    private Set<String> membership(int value) {
        return names.stream()
                .filter(name -> regions.get(name).contains(value))
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
