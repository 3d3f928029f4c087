package dev.preceptor.volume;

import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The names behind the integers of a label map. 0 is always background.
 *
 * @param name how files and messages call it
 * @param tissues what each value but 0 means, in ascending order of the values, each between 1 and 127
 */
public record LabelSchema(String name, Map<Integer, Tissue> tissues) {
    /** BraTS 2012 to 2016: 1 NCR, 2 ED, 3 NET, 4 ET. */
    public static final LabelSchema BRATS_2013 =
            of("BRATS_2013", Map.of(1, Tissue.NCR, 2, Tissue.ED, 3, Tissue.NCR, 4, Tissue.ET));
    /** BraTS 2018 to 2021: 1 NCR/NET, 2 ED, 4 ET. */
    public static final LabelSchema BRATS_2018 = of("BRATS_2018", Map.of(1, Tissue.NCR, 2, Tissue.ED, 4, Tissue.ET));
    /** BraTS 2023: 1 NCR, 2 SNFH, 3 ET. */
    public static final LabelSchema BRATS_2023 = of("BRATS_2023", Map.of(1, Tissue.NCR, 2, Tissue.ED, 3, Tissue.ET));
    /** BraTS 2024 GLI: as 2023, and 4 RC. */
    public static final LabelSchema BRATS_2024 =
            of("BRATS_2024", Map.of(1, Tissue.NCR, 2, Tissue.ED, 3, Tissue.ET, 4, Tissue.RC));
    /** BraTS PED 2024: 1 ET, 2 NET, 3 CC, 4 ED; its tumour core is ET, NET and CC. */
    public static final LabelSchema BRATS_PED_2024 =
            of("BRATS_PED_2024", Map.of(1, Tissue.ET, 2, Tissue.NCR, 3, Tissue.CC, 4, Tissue.ED));
    /** Medical Segmentation Decathlon, Task01_BrainTumour (and BraTS as nnU-Net converts it): 1 ED, 2 NET, 3 ET. */
    public static final LabelSchema MSD_TASK01 = of("MSD_TASK01", Map.of(1, Tissue.ED, 2, Tissue.NCR, 3, Tissue.ET));

    /** The schemas known by name. */
    public static final List<LabelSchema> KNOWN =
            List.of(BRATS_2013, BRATS_2018, BRATS_2023, BRATS_2024, BRATS_PED_2024, MSD_TASK01);

    private static final Pattern WRITTEN = Pattern.compile("([^{}]*)\\{([^{}]*)\\}");
    private static final Pattern ENTRY = Pattern.compile("([0-9]{1,3}) ([A-Z]+)");

    public LabelSchema {
        LinkedHashMap<Integer, Tissue> sorted = new LinkedHashMap<>();
        tissues.entrySet().stream().sorted(Map.Entry.comparingByKey()).forEach(e -> {
            if (e.getKey() < 1 || e.getKey() > 127) {
                throw new IllegalArgumentException("label " + e.getKey() + " of schema " + name + " is not in 1..127");
            }
            sorted.put(e.getKey(), e.getValue());
        });
        tissues = java.util.Collections.unmodifiableMap(sorted);
    }

    private static LabelSchema of(String name, Map<Integer, Tissue> tissues) {
        return new LabelSchema(name, tissues);
    }

    /** The known schema of this name. */
    public static Optional<LabelSchema> named(String name) {
        return KNOWN.stream().filter(s -> s.name.equalsIgnoreCase(name)).findFirst();
    }

    /** The names of the known schemas, for messages. */
    public static String knownNames() {
        return KNOWN.stream().map(LabelSchema::name).collect(Collectors.joining(", "));
    }

    /**
     * Reads what {@link #toString} writes; the name may be missing.
     *
     * @param text for instance {@code BRATS_2018 {1 NCR, 2 ED, 4 ET}}
     * @return empty if it is something else, or gives a known name with other meanings
     */
    public static Optional<LabelSchema> parse(String text) {
        Matcher whole = WRITTEN.matcher(text.strip());
        if (!whole.matches()) {
            return Optional.empty();
        }
        Map<Integer, Tissue> tissues = new LinkedHashMap<>();
        String entries = whole.group(2).strip();
        for (String entry : entries.isEmpty() ? new String[0] : entries.split(",", -1)) {
            Matcher parts = ENTRY.matcher(entry.strip());
            Optional<Tissue> tissue = parts.matches() ? tissue(parts.group(2)) : Optional.empty();
            int value = tissue.isPresent() ? Integer.parseInt(parts.group(1)) : 0;
            if (value < 1 || value > 127 || tissues.put(value, tissue.orElseThrow()) != null) {
                return Optional.empty();
            }
        }
        String name = whole.group(1).strip();
        LabelSchema read = new LabelSchema(name.isEmpty() ? "LABELS" : name, tissues);
        return named(name).orElse(read).tissues.equals(read.tissues) ? Optional.of(read) : Optional.empty();
    }

    private static Optional<Tissue> tissue(String name) {
        return Arrays.stream(Tissue.values())
                .filter(tissue -> tissue.name().equals(name))
                .findFirst();
    }

    /** Whether no value means one thing here and another there: one of the two has all entries of the other. */
    public boolean agreesWith(LabelSchema other) {
        return includes(other) || other.includes(this);
    }

    /** Whether every value of the other schema means the same here. */
    public boolean includes(LabelSchema other) {
        return tissues.entrySet().containsAll(other.tissues.entrySet());
    }

    /** The same schema with these values alone. */
    public LabelSchema only(Collection<Integer> values) {
        Map<Integer, Tissue> kept = new LinkedHashMap<>(tissues);
        kept.keySet().retainAll(values);
        return new LabelSchema(name, kept);
    }

    /** Whether a voxel may hold this value. */
    public boolean allows(int value) {
        return value == 0 || tissues.containsKey(value);
    }

    /** Whether voxels of this value belong to the region. */
    public boolean contains(Region region, int value) {
        Tissue tissue = tissues.get(value);
        return tissue != null && region.tissues().contains(tissue);
    }

    /** The value that stands for a tissue, if this schema has it. */
    public Optional<Integer> valueOf(Tissue tissue) {
        return tissues.entrySet().stream()
                .filter(e -> e.getValue() == tissue)
                .map(Map.Entry::getKey)
                .findFirst();
    }

    /** One line: {@code BRATS_2018 {1 NCR, 2 ED, 4 ET}}. */
    @Override
    public String toString() {
        return tissues.entrySet().stream()
                .map(e -> e.getKey() + " " + e.getValue())
                .collect(Collectors.joining(", ", name + " {", "}"));
    }
}
