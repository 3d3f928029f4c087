package dev.preceptor.data;

import dev.preceptor.base.Settings;
import dev.preceptor.volume.Size;
import java.util.List;

/**
 * Which patches a training step gets; the {@code sampling} block of a recipe.
 *
 * @param patch extents of a patch in voxels of the model grid, 8 to 512 each
 * @param foreground the share of patches centred on a tumour voxel, 0 to 1; without effect along axes where the patch covers
 *     the whole volume
 * @param batch patches per step, 1 to 256
 * @param stepsPerEpoch steps per epoch; 0 for one pass over the subjects
 * @param flip the probability of mirroring each axis, 0 to 1
 */
public record Sampling(List<Integer> patch, double foreground, int batch, int stepsPerEpoch, double flip) {
    public Sampling {
        patch = List.copyOf(patch);
        Settings.require(
                patch.size() == 3 && patch.stream().allMatch(n -> n >= 8 && n <= 512),
                "sampling.patch",
                "three extents from 8 to 512 voxels",
                patch);
        Settings.require(foreground >= 0 && foreground <= 1, "sampling.foreground", "a share from 0 to 1", foreground);
        Settings.require(batch >= 1 && batch <= 256, "sampling.batch", "a whole number from 1 to 256", batch);
        Settings.require(stepsPerEpoch >= 0, "sampling.stepsPerEpoch", "0 or a number of steps", stepsPerEpoch);
        Settings.require(flip >= 0 && flip <= 1, "sampling.flip", "a probability from 0 to 1", flip);
    }

    /** The extents of a patch. */
    public Size patchSize() {
        return new Size(patch.get(0), patch.get(1), patch.get(2));
    }
}
