package dev.preceptor.model;

import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.volume.LabelClass;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Region;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The label values of a model in its metadata.
 *
 * @param name of the label space
 * @param tissues the class of each value
 */
record ModelLabels(String name, Map<Integer, LabelClass> tissues) {
    static ModelLabels of(LabelSpace labels) {
        return new ModelLabels(labels.name(), labels.values());
    }

    /**
     * The label space of a model.
     *
     * @param regions the classes of each region by name
     * @param writing the class that each region is written as
     * @param classes in the order of their numbers
     * @throws InvalidRecipeException if the parts contradict each other
     */
    LabelSpace space(Map<String, List<String>> regions, Map<String, String> writing, List<String> classes) {
        List<Region> read = new ArrayList<>();
        for (Map.Entry<String, List<String>> region : regions.entrySet()) {
            String written = writing.get(region.getKey());
            if (written == null) {
                throw new InvalidRecipeException("writing has nothing for the region " + region.getKey());
            }
            Set<LabelClass> members =
                    region.getValue().stream().map(LabelClass::new).collect(Collectors.toSet());
            read.add(new Region(region.getKey(), members, new LabelClass(written)));
        }
        return new LabelSpace(
                name, tissues, classes.stream().map(LabelClass::new).toList(), read);
    }

    /** The classes of each region by name. */
    static Map<String, List<String>> regions(LabelSpace labels) {
        Map<String, List<String>> regions = new LinkedHashMap<>();
        labels.regions()
                .forEach(region -> regions.put(
                        region.name(),
                        region.classes().stream().map(LabelClass::name).sorted().toList()));
        return regions;
    }

    /** The class that each region is written as, by name. */
    static Map<String, String> writing(LabelSpace labels) {
        Map<String, String> writing = new TreeMap<>();
        labels.regions()
                .forEach(region -> writing.put(region.name(), region.writtenAs().name()));
        return writing;
    }
}
