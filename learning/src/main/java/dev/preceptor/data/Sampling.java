package dev.preceptor.data;

import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.volume.Size;
import java.util.List;

/**
 * What a step sees; the {@code sampling} block of a recipe.
 *
 * @param patch extents of a patch in voxels of the model grid
 * @param foreground the share of patches centred on a tumour voxel, 0 to 1; matters where a patch is smaller than a volume
 * @param batch patches a step
 * @param stepsPerEpoch steps an epoch; 0 for one pass over the subjects
 * @param flip the probability of mirroring each axis, 0 to 1
 */
public record Sampling(List<Integer> patch, double foreground, int batch, int stepsPerEpoch, double flip) {
    public Sampling {
        patch = List.copyOf(patch);
        require(
                patch.size() == 3 && patch.stream().allMatch(n -> n >= 8 && n <= 512),
                "patch",
                "three extents from 8 to 512 voxels",
                patch);
        require(foreground >= 0 && foreground <= 1, "foreground", "a share from 0 to 1", foreground);
        require(batch >= 1 && batch <= 256, "batch", "a whole number from 1 to 256", batch);
        require(stepsPerEpoch >= 0, "stepsPerEpoch", "0 or a number of steps", stepsPerEpoch);
        require(flip >= 0 && flip <= 1, "flip", "a probability from 0 to 1", flip);
    }

    /** The extents of a patch. */
    public Size patchSize() {
        return new Size(patch.get(0), patch.get(1), patch.get(2));
    }

    private static void require(boolean holds, String key, String expected, Object found) {
        if (!holds) {
            throw new InvalidRecipeException("sampling." + key + " must be " + expected + ", not " + found);
        }
    }
}
