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
 * @param stepsPerEpoch steps per epoch; 0 for as many as the batches of one pass over the labelled subjects, of which unlabelled
 *     patches take their part
 * @param flip the probability of mirroring each axis, 0 to 1
 * @param labelled the number of training subjects whose labels are used, drawn by the seed; the others count as unlabelled; 0
 *     for all
 * @param unlabelled how patches of subjects without labels are mixed in, for methods that use them
 */
public record Sampling(
        List<Integer> patch,
        double foreground,
        int batch,
        int stepsPerEpoch,
        double flip,
        int labelled,
        Unlabelled unlabelled) {
    /**
     * How patches of subjects without labels are mixed in: as a share of each batch, or as batches of their own.
     *
     * @param share the share of each batch that is unlabelled, at least 0 and below 1; {@code batch * share} is a whole number
     * @param every after how many labelled batches one unlabelled batch follows; 0 for none
     * @param subjects the number of unlabelled subjects, drawn by the seed; 0 for all
     */
    public record Unlabelled(double share, int every, int subjects) {
        /** No unlabelled patches. */
        public static final Unlabelled NONE = new Unlabelled(0, 0, 0);

        public Unlabelled {
            Settings.require(share >= 0 && share < 1, "sampling.unlabelled.share", "a share from 0 to below 1", share);
            Settings.require(every >= 0, "sampling.unlabelled.every", "0 or a number of batches", every);
            Settings.require(
                    subjects >= 0, "sampling.unlabelled.subjects", "0 for all, or a number of subjects", subjects);
            Settings.require(
                    share == 0 || every == 0,
                    "sampling.unlabelled",
                    "a share of each batch or batches of their own, not both",
                    "share " + share + " and every " + every);
        }

        /** Whether the share of this number of patches is a whole number. */
        public boolean isWholeIn(int patches) {
            double mixed = patches * share;
            return Math.abs(mixed - Math.rint(mixed)) < 1e-9;
        }

        /** Whether any unlabelled patch is drawn. */
        public boolean draws() {
            return share > 0 || every > 0;
        }
    }

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
        Settings.require(labelled >= 0, "sampling.labelled", "0 for all, or a number of subjects", labelled);
        Settings.require(
                unlabelled.isWholeIn(batch),
                "sampling.unlabelled.share",
                "a share that makes a whole number of the " + batch + " patches of a batch",
                unlabelled.share);
        Settings.require(flip >= 0 && flip <= 1, "sampling.flip", "a probability from 0 to 1", flip);
    }

    /** The number of unlabelled patches in a batch; batches count from 0 in each epoch. */
    public int unlabelledIn(int number) {
        if (unlabelled.every > 0) {
            return number % (unlabelled.every + 1) == unlabelled.every ? batch : 0;
        }
        return (int) Math.rint(batch * unlabelled.share);
    }

    /** The number of unlabelled patches in the first batches of an epoch. */
    public int unlabelledBefore(int batches) {
        return unlabelled.every > 0 ? batches / (unlabelled.every + 1) * batch : batches * unlabelledIn(0);
    }

    /**
     * The batches of an epoch, unlabelled ones among them: {@code stepsPerEpoch}, or as many as one patch of each labelled subject
     * would fill. Unlabelled patches take places of these, so that an epoch with them passes over a part of the labelled subjects.
     *
     * @param subjects number of labelled subjects
     */
    public int batchesPerEpoch(int subjects) {
        return stepsPerEpoch > 0 ? stepsPerEpoch : (subjects + batch - 1) / batch;
    }

    /** The extents of a patch. */
    public Size patchSize() {
        return new Size(patch.get(0), patch.get(1), patch.get(2));
    }
}
