package dev.preceptor.volume;

import dev.preceptor.base.InvalidRecipeException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The meaning of label maps: the class of each label value, and the regions of these classes that are segmented and scored.
 * 0 is always background.
 *
 * @param name the name in files and messages
 * @param values the class of each value, in ascending order of the values, each between 1 and 127 (inclusive)
 * @param classes the classes that a network tells apart, in the order of its classes 1, 2, ...: one of each set of classes
 *     that belong to the same regions
 * @param regions at least one unless there are no values, in the order of region channels and of columns in tables; a label
 *     map is written in this order, later regions over earlier ones
 */
public record LabelSpace(String name, Map<Integer, LabelClass> values, List<LabelClass> classes, List<Region> regions) {
    /** BraTS 2012 to 2016: 1 NCR, 2 ED, 3 NET, 4 ET. */
    public static final LabelSpace BRATS_2013 = new LabelSpace(
            "BRATS_2013", Map.of(1, LabelClass.NCR, 2, LabelClass.ED, 3, LabelClass.NCR, 4, LabelClass.ET));
    /** BraTS 2018 to 2021: 1 NCR/NET, 2 ED, 4 ET. */
    public static final LabelSpace BRATS_2018 =
            new LabelSpace("BRATS_2018", Map.of(1, LabelClass.NCR, 2, LabelClass.ED, 4, LabelClass.ET));
    /** BraTS 2023: 1 NCR, 2 SNFH, 3 ET. */
    public static final LabelSpace BRATS_2023 =
            new LabelSpace("BRATS_2023", Map.of(1, LabelClass.NCR, 2, LabelClass.ED, 3, LabelClass.ET));
    /** BraTS 2024 GLI: as 2023, and 4 RC; its regions are WT, TC, ET and RC. */
    public static final LabelSpace BRATS_2024 = new LabelSpace(
            "BRATS_2024", Map.of(1, LabelClass.NCR, 2, LabelClass.ED, 3, LabelClass.ET, 4, LabelClass.RC));
    /** BraTS PED 2024: 1 ET, 2 NET, 3 CC, 4 ED; its tumour core is ET, NET and CC, its regions are WT, TC, ET and CC. */
    public static final LabelSpace BRATS_PED_2024 = new LabelSpace(
            "BRATS_PED_2024", Map.of(1, LabelClass.ET, 2, LabelClass.NCR, 3, LabelClass.CC, 4, LabelClass.ED));
    /** Medical Segmentation Decathlon, Task01_BrainTumour (and BraTS as nnU-Net converts it): 1 ED, 2 NET, 3 ET. */
    public static final LabelSpace MSD_TASK01 =
            new LabelSpace("MSD_TASK01", Map.of(1, LabelClass.ED, 2, LabelClass.NCR, 3, LabelClass.ET));

    /** The spaces that can be selected by name. */
    public static final List<LabelSpace> KNOWN =
            List.of(BRATS_2013, BRATS_2018, BRATS_2023, BRATS_2024, BRATS_PED_2024, MSD_TASK01);

    /** The largest label value. */
    public static final int LARGEST_VALUE = 127;

    /** @throws IllegalArgumentException if a part is out of range or contradicts another */
    public LabelSpace {
        TreeMap<Integer, LabelClass> sorted = new TreeMap<>(values);
        sorted.keySet().stream()
                .filter(value -> value < 1 || value > LARGEST_VALUE)
                .findFirst()
                .ifPresent(value -> {
                    throw new IllegalArgumentException(
                            "label " + value + " of " + name + " is not in 1.." + LARGEST_VALUE);
                });
        values = Collections.unmodifiableMap(new LinkedHashMap<>(sorted));
        classes = List.copyOf(classes);
        regions = List.copyOf(regions);
        requireFew(classes, regions);
        requireDistinctNames(name, regions);
        requireDistinctMemberships(name, classes, regions);
    }

    /** A space with the {@linkplain #defaultRegions usual regions} of its classes. */
    public LabelSpace(String name, Map<Integer, LabelClass> values) {
        this(name, values, defaultClasses(values), defaultRegions(values));
    }

    /** A label map tells no more classes apart; the checks below take time in proportion to the product of both numbers. */
    private static void requireFew(List<LabelClass> classes, List<Region> regions) {
        int largest = regions.stream()
                .mapToInt(region -> region.classes().size())
                .reduce(Math.max(classes.size(), regions.size()), Math::max);
        if (largest > LARGEST_VALUE) {
            throw new IllegalArgumentException(
                    "the label space has " + largest + " classes or regions, more than " + LARGEST_VALUE);
        }
    }

    private static void requireDistinctNames(String name, List<Region> regions) {
        Map<String, Region> names = new HashMap<>();
        for (Region region : regions) {
            // Regions name files, also on systems that do not distinguish case.
            Region other = names.put(region.fileName().toLowerCase(Locale.ROOT), region);
            if (other != null) {
                throw new IllegalArgumentException(name + " has two regions of the name " + region
                        + (other.name().equals(region.name())
                                ? ""
                                : ": the files of " + other + " have the same names on some systems"));
            }
            if (region.classes().contains(LabelClass.IGNORE)) {
                throw new IllegalArgumentException("region " + region + " of " + name + " contains ignored voxels");
            }
        }
    }

    private static void requireDistinctMemberships(String name, List<LabelClass> classes, List<Region> regions) {
        Map<List<Region>, LabelClass> byRegions = new LinkedHashMap<>();
        for (LabelClass one : classes) {
            List<Region> containing = regionsOf(one, regions);
            LabelClass other = byRegions.put(containing, one);
            if (containing.isEmpty() || other != null) {
                throw new IllegalArgumentException("class " + one + " of " + name + " belongs to "
                        + (other == null ? "no region" : "the same regions as " + other));
            }
        }
        for (Region region : regions) {
            for (LabelClass one : region.classes()) {
                if (!byRegions.containsKey(regionsOf(one, regions))) {
                    throw new IllegalArgumentException(
                            "class " + one + " of region " + region + " is none of the classes of " + name);
                }
            }
        }
    }

    private static List<Region> regionsOf(LabelClass one, List<Region> regions) {
        return regions.stream().filter(region -> region.classes().contains(one)).toList();
    }

    /** WT, TC and ET, and RC and CC if there are such labels; without all of NCR, ED and ET a region for each class. */
    private static List<Region> defaultRegions(Map<Integer, LabelClass> values) {
        if (!isBrats(values)) {
            return plainClasses(values).stream()
                    .map(one -> Region.of(one.name(), one))
                    .toList();
        }
        List<Region> regions = new ArrayList<>(Region.BRATS);
        for (Region further : List.of(Region.RC, Region.CC)) {
            if (values.containsValue(further.writtenAs())) {
                regions.add(further);
            }
        }
        return regions;
    }

    private static List<LabelClass> defaultClasses(Map<Integer, LabelClass> values) {
        return isBrats(values)
                ? LabelClass.BRATS.stream().filter(values::containsValue).toList()
                : plainClasses(values);
    }

    private static List<LabelClass> plainClasses(Map<Integer, LabelClass> values) {
        return new TreeMap<>(values)
                .values().stream()
                        .filter(one -> !one.equals(LabelClass.IGNORE))
                        .distinct()
                        .toList();
    }

    private static boolean isBrats(Map<Integer, LabelClass> values) {
        return Set.copyOf(values.values()).containsAll(Set.of(LabelClass.NCR, LabelClass.ED, LabelClass.ET))
                && values.values().stream()
                        .allMatch(one -> LabelClass.BRATS.contains(one) || one.equals(LabelClass.IGNORE));
    }

    /** Whether the regions include WT, TC and ET of BraTS, so that its rules of scoring apply. */
    public boolean hasBratsRegions() {
        return regions.containsAll(Region.BRATS);
    }

    /** The known space of this name, ignoring case. */
    public static Optional<LabelSpace> named(String name) {
        return KNOWN.stream().filter(s -> s.name.equalsIgnoreCase(name)).findFirst();
    }

    /** The names of the known spaces, separated by commas. */
    public static String knownNames() {
        return KNOWN.stream().map(LabelSpace::name).collect(Collectors.joining(", "));
    }

    /**
     * Parses the output of {@link #toString}; the name may be missing. The regions are those of the known space of that
     * name, or else the usual ones of the classes.
     *
     * @param text for example {@code BRATS_2018 {1 NCR, 2 ED, 4 ET}}
     * @return empty if the text is not a list of labels, gives two classes names that differ in case only, or combines a known name
     *     with other values
     */
    public static Optional<LabelSpace> parse(String text) {
        return LabelText.parse(text)
                .flatMap(LabelSpace::usual)
                .filter(read -> named(read.name).orElse(read).values.equals(read.values))
                .map(read -> named(read.name).orElse(read));
    }

    private static Optional<LabelSpace> usual(LabelText text) {
        try {
            return Optional.of(new LabelSpace(text.name().isEmpty() ? "LABELS" : text.name(), text.values()));
        } catch (IllegalArgumentException e) {
            // The caller names the text.
            return Optional.empty();
        }
    }

    /** Whether the spaces do not contradict each other: one of them contains all values of the other. */
    public boolean agreesWith(LabelSpace other) {
        return includes(other) || other.includes(this);
    }

    /** Whether this space contains all values of the other, with the same classes. */
    public boolean includes(LabelSpace other) {
        return values.entrySet().containsAll(other.values.entrySet());
    }

    /** Whether networks and scores of the two are of the same regions and classes, whatever the values in their files. */
    public boolean hasRegionsOf(LabelSpace other) {
        return regions.equals(other.regions) && classes.equals(other.classes);
    }

    /** This space reduced to the given values; its regions stay. */
    public LabelSpace only(Collection<Integer> selected) {
        Map<Integer, LabelClass> reduced = new LinkedHashMap<>(values);
        reduced.keySet().retainAll(selected);
        return new LabelSpace(name, reduced, classes, regions);
    }

    /** Whether a voxel may have this value. */
    public boolean allows(int value) {
        return value == 0 || values.containsKey(value);
    }

    /** Whether voxels of this value belong to the region. */
    public boolean contains(Region region, int value) {
        LabelClass labelClass = values.get(value);
        return labelClass != null && region.classes().contains(labelClass);
    }

    /** The first value of a class; empty if this space does not have it. */
    public Optional<Integer> valueOf(LabelClass labelClass) {
        return values.entrySet().stream()
                .filter(e -> e.getValue().equals(labelClass))
                .map(Map.Entry::getKey)
                .findFirst();
    }

    /**
     * The number of a class in networks: its place in {@link #classes()}, or that of the class which belongs to the same
     * regions, counted from 1; 0 if it belongs to no region.
     *
     * @throws IllegalArgumentException if no class belongs to exactly the same regions
     */
    public int numberOf(LabelClass labelClass) {
        List<Region> containing = regionsOf(labelClass, regions);
        if (containing.isEmpty()) {
            return 0;
        }
        for (int i = 0; i < classes.size(); i++) {
            if (regionsOf(classes.get(i), regions).equals(containing)) {
                return i + 1;
            }
        }
        throw new IllegalArgumentException("no class of " + name + " belongs to the same regions as " + labelClass);
    }

    /** The same regions in label maps that hold the numbers of the classes, see {@link #numberOf}. */
    public LabelSpace numbered() {
        Map<Integer, LabelClass> numbers = new LinkedHashMap<>();
        classes.forEach(one -> numbers.put(numbers.size() + 1, one));
        return new LabelSpace(name + " as classes", numbers, classes, regions);
    }

    /** For each region the numbers of its classes in networks, ascending; see {@link #numberOf}. */
    public List<List<Integer>> numbersByRegion() {
        return regions.stream()
                .map(region -> region.classes().stream()
                        .map(this::numberOf)
                        .distinct()
                        .sorted()
                        .toList())
                .toList();
    }

    /**
     * The regions directly inside each region: those it contains and no other region inside it does.
     *
     * @throws IllegalStateException if two regions overlap and none contains the other, see
     *     {@link #requireClassesFollowFromRegions}
     */
    public List<List<Region>> nested() {
        requireClassesFollowFromRegions();
        List<Set<Integer>> sets =
                numbersByRegion().stream().<Set<Integer>>map(HashSet::new).toList();
        List<List<Region>> nested = new ArrayList<>();
        for (Set<Integer> outer : sets) {
            List<Region> inside = new ArrayList<>();
            for (int i = 0; i < sets.size(); i++) {
                Set<Integer> inner = sets.get(i);
                boolean isDirect = isInside(inner, outer)
                        && sets.stream().noneMatch(between -> isInside(inner, between) && isInside(between, outer));
                if (isDirect) {
                    inside.add(regions.get(i));
                }
            }
            nested.add(inside);
        }
        return nested;
    }

    private static boolean isInside(Set<Integer> inner, Set<Integer> outer) {
        return inner.size() < outer.size() && outer.containsAll(inner);
    }

    /**
     * Checks that the class of a voxel follows from the regions that contain it in one way only: two regions are disjoint or
     * nested, and each region has exactly one class that is in no region inside it.
     *
     * @throws InvalidRecipeException if this does not hold; the outputs {@code CLASSES} need it
     */
    public void requireClassesFollowFromRegions() {
        List<Set<Integer>> sets =
                numbersByRegion().stream().<Set<Integer>>map(HashSet::new).toList();
        for (int a = 0; a < sets.size(); a++) {
            for (int b = 0; b < a; b++) {
                boolean isNested =
                        sets.get(a).containsAll(sets.get(b)) || sets.get(b).containsAll(sets.get(a));
                if (!isNested && !Collections.disjoint(sets.get(a), sets.get(b))) {
                    throw indistinct(
                            regions.get(b) + " and " + regions.get(a) + " overlap and none contains the other");
                }
            }
        }
        for (int a = 0; a < sets.size(); a++) {
            Set<Integer> outer = sets.get(a);
            Set<Integer> own = new HashSet<>(outer);
            sets.stream().filter(inner -> isInside(inner, outer)).forEach(own::removeAll);
            if (own.size() != 1) {
                throw indistinct(regions.get(a) + " has " + own.size()
                        + " classes that are in no region inside it, instead of one");
            }
        }
    }

    private InvalidRecipeException indistinct(String reason) {
        return new InvalidRecipeException("the outputs CLASSES cannot tell the regions of " + name + " apart: " + reason
                + "; use the outputs REGIONS");
    }

    /**
     * The region of this name, ignoring case.
     *
     * @throws IllegalArgumentException if there is none
     */
    public Region region(String regionName) {
        return regions.stream()
                .filter(region -> region.name().equalsIgnoreCase(regionName))
                .findFirst()
                .orElseThrow(() ->
                        new IllegalArgumentException(name + " has no region " + regionName + ", only " + regions));
    }

    static List<LabelClass> sorted(Collection<LabelClass> classes) {
        return classes.stream().sorted(Comparator.comparing(LabelClass::name)).toList();
    }

    /**
     * {@link #toString} and the {@linkplain Region#definition definitions} of the regions: two spaces with the same definition measure the
     * same in the same label map.
     */
    public String definition() {
        return this + " " + regions.stream().map(Region::definition).toList();
    }

    /** One line, for example {@code BRATS_2018 {1 NCR, 2 ED, 4 ET}}. */
    @Override
    public String toString() {
        return LabelText.of(name, values);
    }
}
