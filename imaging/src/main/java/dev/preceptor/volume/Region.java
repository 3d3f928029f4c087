package dev.preceptor.volume;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * A union of tissues that is segmented and scored. WT, TC and ET are nested: ET is part of TC, and TC of WT.
 *
 * @param name the short name in tables and files
 * @param tissues the tissues of the region
 */
public record Region(String name, Set<Tissue> tissues) {
    /** Whole tumour. */
    public static final Region WT = new Region("WT", EnumSet.of(Tissue.NCR, Tissue.CC, Tissue.ED, Tissue.ET));
    /** Tumour core. */
    public static final Region TC = new Region("TC", EnumSet.of(Tissue.NCR, Tissue.CC, Tissue.ET));
    /** Enhancing tumour. */
    public static final Region ET = new Region("ET", EnumSet.of(Tissue.ET));

    /** Non-enhancing tumour core, scored by BraTS 2024. */
    public static final Region NETC = new Region("NETC", EnumSet.of(Tissue.NCR));
    /** Surrounding non-enhancing FLAIR hyperintensity, scored by BraTS 2024. */
    public static final Region SNFH = new Region("SNFH", EnumSet.of(Tissue.ED));
    /** Resection cavity, scored by BraTS 2024. */
    public static final Region RC = new Region("RC", EnumSet.of(Tissue.RC));

    /** WT, TC, ET: the default order of region channels in networks and of columns in tables. */
    public static final List<Region> BRATS = List.of(WT, TC, ET);
    /** The regions that BraTS 2024 scores in glioma, in the order of its table. */
    public static final List<Region> BRATS_2024 = List.of(WT, TC, NETC, SNFH, ET, RC);

    public Region {
        tissues = Set.copyOf(tissues);
    }

    @Override
    public String toString() {
        return name;
    }
}
