package dev.preceptor.model;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.preceptor.base.Settings;
import java.util.ArrayList;
import java.util.List;

/**
 * What is removed from the predicted mask of one region, and which holes in it are filled. Components are sets of voxels that are
 * connected through faces, edges or corners (26 neighbours). The parts are applied in this order; they are the keys in a model file.
 *
 * @param minimumMl components of a smaller volume are removed, in ml, 0 to 2000; 0: none
 * @param keepLargest whether all components but the largest are removed; of equals the first one stays
 * @param dropBelowMl a mask of a smaller volume in all is removed, in ml, 0 to 2000; 0: never. For ET this is the rule of BraTS that
 *     little enhancing tumour counts as necrosis
 * @param fillBelowMl holes of a smaller volume become part of the region, in ml, 0 to 2000; 0: none. A hole is a set of voxels outside
 *     the mask that are connected through faces and do not reach the border of the mask's box. Missing in a file: 0
 */
public record RegionRule(
        double minimumMl,
        boolean keepLargest,
        double dropBelowMl,
        @JsonInclude(JsonInclude.Include.NON_DEFAULT) double fillBelowMl) {
    /** Changes nothing. */
    public static final RegionRule NONE = new RegionRule(0, false, 0);

    /** The largest volume of a rule in ml, more than that of a brain. */
    public static final double MAX_ML = 2000;

    /** @throws dev.preceptor.base.InvalidRecipeException if a volume is out of range */
    public RegionRule {
        requireVolume("minimumMl", minimumMl);
        requireVolume("dropBelowMl", dropBelowMl);
        requireVolume("fillBelowMl", fillBelowMl);
    }

    /** A rule that fills no holes. */
    public RegionRule(double minimumMl, boolean keepLargest, double dropBelowMl) {
        this(minimumMl, keepLargest, dropBelowMl, 0);
    }

    private static void requireVolume(String key, double ml) {
        Settings.require(ml >= 0 && ml <= MAX_ML, key, "a volume from 0 to 2000 ml", ml);
    }

    /** Removes components of a volume below {@code ml}. */
    public static RegionRule minimum(double ml) {
        return new RegionRule(ml, false, 0);
    }

    /** Removes all components but the largest. */
    public static RegionRule largest() {
        return new RegionRule(0, true, 0);
    }

    /** Removes a mask of a volume below {@code ml}. */
    public static RegionRule dropBelow(double ml) {
        return new RegionRule(0, false, ml);
    }

    /** Fills holes of a volume below {@code ml}. */
    public static RegionRule fillBelow(double ml) {
        return new RegionRule(0, false, 0, ml);
    }

    /** Whether the rule changes no mask. */
    public boolean keepsAll() {
        return equals(NONE);
    }

    /** The rule that removes what both rules remove, at most, and fills what both fill. */
    RegionRule gentler(RegionRule other) {
        return new RegionRule(
                Math.min(minimumMl, other.minimumMl),
                keepLargest && other.keepLargest,
                Math.min(dropBelowMl, other.dropBelowMl),
                Math.min(fillBelowMl, other.fillBelowMl));
    }

    /** What it removes, for example {@code components below 0.5 ml are removed}. */
    @Override
    public String toString() {
        List<String> parts = new ArrayList<>();
        if (minimumMl > 0) {
            parts.add("components below " + ml(minimumMl) + " are removed");
        }
        if (keepLargest) {
            parts.add("only the largest component is kept");
        }
        if (dropBelowMl > 0) {
            parts.add("less than " + ml(dropBelowMl) + " in all is removed");
        }
        if (fillBelowMl > 0) {
            parts.add("holes below " + ml(fillBelowMl) + " are filled");
        }
        return parts.isEmpty() ? "nothing is removed" : String.join(", ", parts);
    }

    private static String ml(double volume) {
        return (volume == Math.rint(volume) ? Long.toString((long) volume) : Double.toString(volume)) + " ml";
    }
}
