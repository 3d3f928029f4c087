package dev.preceptor.data;

import dev.preceptor.base.Settings;
import dev.preceptor.volume.Volume;
import java.util.List;

/**
 * How the volumes of a subject become the input of a network: reoriented, resampled, normalised, cropped, thinned, in
 * this order.
 *
 * @param orientation the directions in which the voxel indices of the input grow, three letters as in {@code LPS}
 * @param spacing edge of the cubic voxels in millimetres to which volumes are resampled; 0 keeps them as they are
 * @param normalisation what is done to intensities
 * @param crop which part is kept
 * @param from lower corner of the crop BOX in voxels; empty for other crops
 * @param size edges of the crops CENTRE and BOX in voxels; empty for other crops
 * @param stride every how many voxels one is kept, 1 for all
 * @param resize extents to which the crop is resized by the nearest voxel, the i-th of n from m being floor(i m / n); empty
 *     to keep its own
 */
public record Preprocessing(
        String orientation,
        double spacing,
        Normalisation normalisation,
        Crop crop,
        List<Integer> from,
        List<Integer> size,
        int stride,
        List<Integer> resize) {

    /** What is done to intensities. */
    public enum Normalisation {
        /** Zero mean and unit variance over the non-zero voxels of each volume; zeros stay zero. */
        ZSCORE_NONZERO,
        /** Intensities stay as they are. */
        RAW
    }

    /** Which part of a volume is kept. */
    public enum Crop {
        /** The bounding box of what is not zero in any of the volumes. */
        BRAIN,
        /** A box of fixed size in the middle, padded with zeros where the volume is smaller. */
        CENTRE,
        /** A box of fixed place and size, padded with zeros where the volume is smaller. */
        BOX,
        /** All of it. */
        NONE
    }

    public Preprocessing {
        Settings.require(
                orientation.matches("(?=.*[LR])(?=.*[AP])(?=.*[SI])[LRAPSI]{3}"),
                "preprocessing.orientation",
                "three letters for three different axes, such as LPS",
                orientation);
        Settings.require(
                spacing == 0 || (spacing >= 0.1 && spacing <= 20),
                "preprocessing.spacing",
                "0 or 0.1 to 20 mm",
                spacing);
        Settings.require(stride >= 1 && stride <= 8, "preprocessing.stride", "a whole number from 1 to 8", stride);
        from = List.copyOf(from);
        size = List.copyOf(size);
        resize = List.copyOf(resize);
        requireThree(crop == Crop.BOX, from, 0, "from", "the crop " + crop);
        requireThree(crop == Crop.CENTRE || crop == Crop.BOX, size, 1, "size", "the crop " + crop);
        if (!resize.isEmpty()) {
            requireThree(true, resize, 1, "resize", "");
            Settings.require(stride == 1, "preprocessing.stride", "1 where volumes are resized", stride);
        }
    }

    private static void requireThree(boolean needed, List<Integer> numbers, int least, String key, String why) {
        Settings.require(
                needed
                        ? numbers.size() == 3 && numbers.stream().allMatch(n -> n >= least && n <= 1024)
                        : numbers.isEmpty(),
                "preprocessing." + key,
                needed ? "three numbers from " + least + " to 1024 voxels" : "empty for " + why,
                numbers);
    }

    /**
     * Prepares the volumes of one subject.
     *
     * <p>Resampling is linear towards finer voxels. Towards coarser ones each new voxel is a mean under a triangle as wide as
     * two of them, so that nothing aliases; a stride just picks.
     *
     * @param volumes at least one, all on one grid
     * @throws dev.preceptor.base.MismatchException if they lie on different grids
     */
    public PreprocessedSubject prepare(List<Volume> volumes) {
        for (Volume volume : volumes) {
            volume.grid().requireMatches(volumes.get(0).grid(), "a volume", "the first volume of its subject");
        }
        return new PreprocessedSubject(this, volumes);
    }
}
