package dev.preceptor.augment;

import java.util.Arrays;

/**
 * The voxels of a patch that are 0 in all sequences, which for skull-stripped images is what lies outside the brain.
 *
 * @param runs first voxel and one past the last of each run of them, by numbers within the patch
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

    /** Makes them 0 in a sequence. */
    void clear(Channel channel) {
        for (int i = 0; i < runs.length; i += 2) {
            Arrays.fill(channel.values(), channel.start() + runs[i], channel.start() + runs[i + 1], 0);
        }
    }
}
