package dev.preceptor.volume;

import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The meaning of the values of a label map. 0 is always background.
 *
 * @param name the name in files and messages
 * @param tissues the tissue of each value, in ascending order of the values, each between 1 and 127 (inclusive)
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

    /** The schemas that can be selected by name. */
    public static final List<LabelSchema> KNOWN =
            List.of(BRATS_2013, BRATS_2018, BRATS_2023, BRATS_2024, BRATS_PED_2024, MSD_TASK01);

    private static final Pattern PATTERN = Pattern.compile("([^{}]*)\\{([^{}]*)\\}");
    private static final Pattern ENTRY = Pattern.compile("([0-9]{1,3}) ([A-Z]+)");

    public LabelSchema {
        LinkedHashMap<Integer, Tissue> sorted = new LinkedHashMap<>();
        tissues.entrySet().stream().sorted(Map.Entry.comparingByKey()).forEach(e -> {
            if (e.getKey() < 1 || e.getKey() > 127) {
                throw new IllegalArgumentException("label " + e.getKey() + " of schema " + name + " is not in 1..127");
            }
            sorted.put(e.getKey(), e.getValue());
        });
        tissues = Collections.unmodifiableMap(sorted);
    }

    private static LabelSchema of(String name, Map<Integer, Tissue> tissues) {
        return new LabelSchema(name, tissues);
    }

    /** The known schema of this name, ignoring case. */
    public static Optional<LabelSchema> named(String name) {
        return KNOWN.stream().filter(s -> s.name.equalsIgnoreCase(name)).findFirst();
    }

    /** The names of the known schemas, separated by commas. */
    public static String knownNames() {
        return KNOWN.stream().map(LabelSchema::name).collect(Collectors.joining(", "));
    }

    /**
     * Parses the output of {@link #toString}; the name may be missing.
     *
     * @param text for example {@code BRATS_2018 {1 NCR, 2 ED, 4 ET}}
     * @return empty if the text is not a schema, or combines a known name with other values
     */
    public static Optional<LabelSchema> parse(String text) {
        Matcher whole = PATTERN.matcher(text.strip());
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

    /** Whether the schemas do not contradict each other: one of them contains all entries of the other. */
    public boolean agreesWith(LabelSchema other) {
        return includes(other) || other.includes(this);
    }

    /** Whether this schema contains all entries of the other. */
    public boolean includes(LabelSchema other) {
        return tissues.entrySet().containsAll(other.tissues.entrySet());
    }

    /** This schema reduced to the given values. */
    public LabelSchema only(Collection<Integer> values) {
        Map<Integer, Tissue> selected = new LinkedHashMap<>(tissues);
        selected.keySet().retainAll(values);
        return new LabelSchema(name, selected);
    }

    /** Whether a voxel may have this value. */
    public boolean allows(int value) {
        return value == 0 || tissues.containsKey(value);
    }

    /** Whether voxels of this value belong to the region. */
    public boolean contains(Region region, int value) {
        Tissue tissue = tissues.get(value);
        return tissue != null && region.tissues().contains(tissue);
    }

    /** The first value of a tissue; empty if this schema does not have it. */
    public Optional<Integer> valueOf(Tissue tissue) {
        return tissues.entrySet().stream()
                .filter(e -> e.getValue() == tissue)
                .map(Map.Entry::getKey)
                .findFirst();
    }

    /** One line, for example {@code BRATS_2018 {1 NCR, 2 ED, 4 ET}}. */
    @Override
    public String toString() {
        return tissues.entrySet().stream()
                .map(e -> e.getKey() + " " + e.getValue())
                .collect(Collectors.joining(", ", name + " {", "}"));
    }
}
