package dev.preceptor.augment;

import java.util.Arrays;

/**
 * The voxels of a patch that are 0 in all sequences: the background of skull-stripped images.
 *
 * @param runs indices, within the patch, of the first voxel of each run and of one past its last, alternating
 */
record BackgroundMask(int[] runs) {
    static BackgroundMask of(Augmenter.Target target, int sequences) {
        int voxels = target.size().voxels();
        int[] runs = new int[1 << 12];
        int count = 0;
        boolean running = false;
        for (int i = 0; i < voxels; i++) {
            if (isZero(target, sequences, i) != running) {
                running = !running;
                if (count == runs.length) {
                    runs = Arrays.copyOf(runs, 2 * count);
                }
                runs[count++] = i;
            }
        }
        if (running) {
            runs = Arrays.copyOf(runs, count + 1);
            runs[count++] = voxels;
        }
        return new BackgroundMask(Arrays.copyOf(runs, count));
    }

    private static boolean isZero(Augmenter.Target target, int sequences, int voxel) {
        int voxels = target.size().voxels();
        int at = target.imageStart() + voxel;
        for (int c = 0; c < sequences; c++) {
            if (target.images()[at + c * voxels] != 0) {
                return false;
            }
        }
        return true;
    }

    /** Sets these voxels to 0 in a sequence. */
    void clear(Channel channel) {
        for (int i = 0; i < runs.length; i += 2) {
            Arrays.fill(channel.values(), channel.start() + runs[i], channel.start() + runs[i + 1], 0);
        }
    }
}
