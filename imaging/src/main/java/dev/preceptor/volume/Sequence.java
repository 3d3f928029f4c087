package dev.preceptor.volume;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * An MRI sequence, or another modality such as CT. Common ones are constants; any other has a name of its own.
 *
 * @param name capital letters, digits and underscores
 */
public record Sequence(String name) implements Comparable<Sequence> {
    /** T1-weighted. */
    public static final Sequence T1 = new Sequence("T1");
    /** T1-weighted after contrast agent. */
    public static final Sequence T1CE = new Sequence("T1CE");

    /** T2-weighted. */
    public static final Sequence T2 = new Sequence("T2");
    /** T2-weighted with suppression of fluid (FLAIR). */
    public static final Sequence FLAIR = new Sequence("FLAIR");

    /** Diffusion-weighted. */
    public static final Sequence DWI = new Sequence("DWI");
    /** Apparent diffusion coefficient. */
    public static final Sequence ADC = new Sequence("ADC");
    /** Susceptibility-weighted. */
    public static final Sequence SWI = new Sequence("SWI");
    /** Proton density-weighted. */
    public static final Sequence PD = new Sequence("PD");
    /** Computed tomography. */
    public static final Sequence CT = new Sequence("CT");
    /** Positron emission tomography. */
    public static final Sequence PET = new Sequence("PET");

    /** The four sequences of BraTS in the canonical channel order T1, T1CE, T2, FLAIR. */
    public static final List<Sequence> BRATS = List.of(T1, T1CE, T2, FLAIR);

    private static final Map<String, Sequence> SYNONYMS = Map.ofEntries(
            Map.entry("t1", T1),
            Map.entry("t1n", T1),
            Map.entry("t1w", T1),
            Map.entry("t1ce", T1CE),
            Map.entry("t1c", T1CE),
            Map.entry("t1gd", T1CE),
            Map.entry("t1gad", T1CE),
            Map.entry("t1post", T1CE),
            Map.entry("t1wce", T1CE),
            Map.entry("ct1", T1CE),
            Map.entry("t2", T2),
            Map.entry("t2w", T2),
            Map.entry("flair", FLAIR),
            Map.entry("t2flair", FLAIR),
            Map.entry("t2f", FLAIR),
            Map.entry("dwi", DWI),
            Map.entry("adc", ADC),
            Map.entry("swi", SWI),
            Map.entry("pd", PD),
            Map.entry("pdw", PD),
            Map.entry("ct", CT),
            Map.entry("pet", PET));

    public Sequence {
        if (!name.matches("[A-Z0-9_]+")) {
            throw new IllegalArgumentException("a sequence is named in capitals, digits and _, not \"" + name + "\"");
        }
    }

    /** The names for people, in the given order: {@code T1, T1CE}. */
    public static String names(Collection<Sequence> sequences) {
        return sequences.stream().map(Sequence::name).collect(Collectors.joining(", "));
    }

    /**
     * The sequence that BraTS, the Medical Segmentation Decathlon or the field calls by this name, ignoring case; empty for other
     * names.
     */
    public static Optional<Sequence> ofSynonym(String name) {
        return Optional.ofNullable(SYNONYMS.get(name.toLowerCase(Locale.ROOT)));
    }

    /**
     * The sequence of a name, ignoring case: that of a synonym, or else a new one.
     *
     * @throws IllegalArgumentException if the name has other characters than letters, digits and underscores
     */
    @JsonCreator
    public static Sequence of(String name) {
        return ofSynonym(name).orElseGet(() -> new Sequence(name.toUpperCase(Locale.ROOT)));
    }

    @Override
    public int compareTo(Sequence other) {
        return name.compareTo(other.name);
    }

    @Override
    @JsonValue
    public String toString() {
        return name;
    }
}
