package dev.preceptor.volume;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.List;

/**
 * The meaning of a label, independent of its integer in a file. The classes of BraTS are constants; any other has a name of
 * its own.
 *
 * @param name 1 to 80 characters, none of them a control character, the first and the last not blank
 */
public record LabelClass(String name) {
    /** Necrotic and non-enhancing tumour core (NCR, NET, NETC); class 1 of BraTS networks. */
    public static final LabelClass NCR = new LabelClass("NCR");
    /** Peritumoural oedema and infiltrated tissue (SNFH); class 2 of BraTS networks. */
    public static final LabelClass ED = new LabelClass("ED");
    /** Enhancing tumour; class 3 of BraTS networks. */
    public static final LabelClass ET = new LabelClass("ET");
    /** Resection cavity (BraTS 2024); not part of WT, TC or ET. */
    public static final LabelClass RC = new LabelClass("RC");
    /** Cystic component (BraTS PED 2024), part of the tumour core. */
    public static final LabelClass CC = new LabelClass("CC");
    /**
     * Voxels that the annotators left undecided (the "ignore" label of nnU-Net). They belong to no region and are excluded
     * from all scores and volumes.
     */
    public static final LabelClass IGNORE = new LabelClass("IGNORE");

    /** The classes that BraTS has had, in the order of the channels of BraTS networks; without {@link #IGNORE}. */
    public static final List<LabelClass> BRATS = List.of(NCR, ED, ET, RC, CC);

    /** The largest number of characters in a name. */
    public static final int MAX_NAME = 80;

    /** @throws IllegalArgumentException if the name is blank, too long or has a control character */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public LabelClass {
        if (!isName(name)) {
            throw new IllegalArgumentException("a class is named in 1 to " + MAX_NAME
                    + " characters without control characters, not \""
                    + name.replaceAll("\\p{Cntrl}", "?").substring(0, Math.min(name.length(), MAX_NAME)) + "\"");
        }
    }

    static boolean isName(String text) {
        return !text.isBlank()
                && text.length() <= MAX_NAME
                && text.equals(text.strip())
                && text.chars().noneMatch(Character::isISOControl);
    }

    @Override
    @JsonValue
    public String toString() {
        return name;
    }
}
