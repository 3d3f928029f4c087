package dev.preceptor.volume;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A union of classes that is segmented and scored. Regions may overlap: in BraTS ET is part of TC, and TC of WT.
 *
 * @param name the short name in tables and files
 * @param classes the classes of the region, at least one
 * @param writtenAs the class, one of {@code classes}, that a label map gets where this region is predicted and no later
 *     region of the same {@link LabelSpace} overwrites it
 */
public record Region(String name, Set<LabelClass> classes, LabelClass writtenAs) {
    /** Whole tumour. */
    public static final Region WT =
            new Region("WT", Set.of(LabelClass.NCR, LabelClass.CC, LabelClass.ED, LabelClass.ET), LabelClass.ED);
    /** Tumour core. */
    public static final Region TC =
            new Region("TC", Set.of(LabelClass.NCR, LabelClass.CC, LabelClass.ET), LabelClass.NCR);
    /** Enhancing tumour. */
    public static final Region ET = of("ET", LabelClass.ET);

    /** Non-enhancing tumour core, scored by BraTS 2024. */
    public static final Region NETC = of("NETC", LabelClass.NCR);
    /** Surrounding non-enhancing FLAIR hyperintensity, scored by BraTS 2024. */
    public static final Region SNFH = of("SNFH", LabelClass.ED);
    /** Resection cavity, scored by BraTS 2024. */
    public static final Region RC = of("RC", LabelClass.RC);
    /** Cystic component of BraTS PED 2024. */
    public static final Region CC = of("CC", LabelClass.CC);

    /** WT, TC, ET: the regions of BraTS, in the order of region channels in networks and of columns in tables. */
    public static final List<Region> BRATS = List.of(WT, TC, ET);
    /** The regions that BraTS 2024 scores in glioma, in the order of its table. */
    public static final List<Region> BRATS_2024 = List.of(WT, TC, NETC, SNFH, ET, RC);

    /** @throws IllegalArgumentException if the region is not written as one of its classes, or its name is no class name */
    public Region {
        classes = Set.copyOf(classes);
        if (!classes.contains(writtenAs)) {
            throw new IllegalArgumentException("region " + name + " is written as " + writtenAs
                    + ", which is none of its classes " + LabelSpace.sorted(classes));
        }
        // A region has a name like that of a class: plain regions are named after theirs.
        name = new LabelClass(name).name();
    }

    /** A region of one class. */
    public static Region of(String name, LabelClass only) {
        return new Region(name, Set.of(only), only);
    }

    /** The name for use in a file name: characters that are not letters, digits, {@code .}, {@code +} or {@code -} become _. */
    public String fileName() {
        return name.replaceAll("[^\\p{L}\\p{N}.+-]", "_");
    }

    /**
     * One line, for example {@code TC {CC, ET, NCR} as NCR}; only the name if that is the name of the one class, as it was when hashes that
     * are still compared were made.
     */
    String definition() {
        if (equals(of(name, new LabelClass(name)))) {
            return name;
        }
        return LabelSpace.sorted(classes).stream()
                .map(one -> LabelText.quoted(one.name()))
                .collect(Collectors.joining(
                        ", ", LabelText.quoted(name) + " {", "} as " + LabelText.quoted(writtenAs.name())));
    }

    @Override
    public String toString() {
        return name;
    }
}
