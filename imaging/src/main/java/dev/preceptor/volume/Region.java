package dev.preceptor.volume;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * A union of tissues that is scored. The three of BraTS are nested: ET within TC within WT.
 *
 * @param name short name, as printed in tables
 * @param tissues what it holds
 */
public record Region(String name, Set<Tissue> tissues) {
    /** Whole tumour. */
    public static final Region WT = new Region("WT", EnumSet.of(Tissue.NCR, Tissue.ED, Tissue.ET));
    /** Tumour core. */
    public static final Region TC = new Region("TC", EnumSet.of(Tissue.NCR, Tissue.ET));
    /** Enhancing tumour. */
    public static final Region ET = new Region("ET", EnumSet.of(Tissue.ET));

    /** The order of region channels in every network and table. */
    public static final List<Region> BRATS = List.of(WT, TC, ET);

    public Region {
        tissues = Set.copyOf(tissues);
    }

    @Override
    public String toString() {
        return name;
    }
}
