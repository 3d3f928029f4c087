package dev.preceptor.data;

import dev.preceptor.base.Settings;
import dev.preceptor.volume.Volume;
import java.util.List;

/**
 * The transform from the volumes of a subject to the input of a network: reorient, resample, normalise, crop, then subsample
 * or resize, in this order. It is the {@code preprocessing} block of a recipe.
 *
 * @param orientation the directions in which the voxel indices of the input grow, three letters as in {@code LPS}
 * @param spacing edge in millimetres of the cubic voxels to which volumes are resampled, 0.1 to 20; 0: no resampling
 * @param normalisation the normalisation of intensities
 * @param crop the part of the volume that the network sees
 * @param from lower corner of the crop BOX in voxels, three numbers from 0; empty for other crops
 * @param size extents of the crops CENTRE and BOX in voxels, three numbers from 1; empty for other crops
 * @param stride subsampling: one voxel of this many is taken along each axis, 1 to 8; 1: all
 * @param resize extents to which the crop is resized by the nearest voxel: voxel i of n is voxel floor(i m / n) of m; empty:
 *     no resizing
 */
public record Preprocessing(
        String orientation,
        double spacing,
        Normalisation normalisation,
        CropMode crop,
        List<Integer> from,
        List<Integer> size,
        int stride,
        List<Integer> resize) {

    /** The normalisation of intensities. */
    public enum Normalisation {
        /** Zero mean and unit variance over the non-zero voxels of each volume; zeros stay zero. */
        ZSCORE_NONZERO,
        /** None. */
        RAW
    }

    /** The part of a volume that the network sees. */
    public enum CropMode {
        /** The bounding box of the voxels that are not 0 in at least one of the volumes. */
        BRAIN,
        /** A box of fixed size around the centre, padded with zeros where the volume is smaller. */
        CENTRE,
        /** A box of fixed position and size, padded with zeros where the volume is smaller. */
        BOX,
        /** The whole volume. */
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
        requireThree(crop == CropMode.BOX, from, 0, "from", "the crop " + crop);
        requireThree(crop == CropMode.CENTRE || crop == CropMode.BOX, size, 1, "size", "the crop " + crop);
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
     * Preprocesses the volumes of one subject.
     *
     * <p>Resampling interpolates linearly towards finer voxels; towards coarser ones it takes the mean under a triangle two
     * target voxels wide, which prevents aliasing. Subsampling takes single voxels without smoothing.
     *
     * @param volumes at least one, all on one grid
     * @throws dev.preceptor.base.MismatchException if they lie on different grids, or would have more voxels at the
     *     spacing than a Java array holds
     */
    public PreprocessedSubject prepare(List<Volume> volumes) {
        for (Volume volume : volumes) {
            volume.grid().requireMatches(volumes.get(0).grid(), "a volume", "the first volume of its subject");
        }
        return new PreprocessedSubject(this, volumes);
    }
}
