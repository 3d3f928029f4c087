package dev.preceptor.augment;

import java.util.Arrays;

/**
 * The voxels of a patch that are 0 in all sequences: the background of skull-stripped images.
 *
 * @param runs indices, within the patch, of the first voxel of each run and of one past its last, alternating
 */
record BackgroundMask(int[] runs) {
    private static final int BLOCK = 1024;

    static BackgroundMask of(Augmenter.Target target, int sequences) {
        int voxels = target.size().voxels();
        float[] sums = new float[BLOCK];
        float[] values = new float[BLOCK];
        int[] runs = new int[1 << 12];
        int count = 0;
        for (int begin = 0; begin < voxels; begin += BLOCK) {
            int length = Math.min(BLOCK, voxels - begin);
            Arrays.fill(sums, 0);
            for (int c = 0; c < sequences; c++) {
                System.arraycopy(target.images(), target.imageStart() + c * voxels + begin, values, 0, length);
                addMagnitudes(values, sums, length);
            }
            for (int i = 0; i < length; i++) {
                // A run is open after an odd number of ends.
                if ((sums[i] == 0) == ((count & 1) == 0)) {
                    if (count == runs.length) {
                        runs = Arrays.copyOf(runs, 2 * count);
                    }
                    runs[count++] = begin + i;
                }
            }
        }
        runs = Arrays.copyOf(runs, count + (count & 1));
        if ((count & 1) == 1) {
            runs[count] = voxels;
        }
        return new BackgroundMask(runs);
    }

    private static void addMagnitudes(float[] values, float[] sums, int length) {
        for (int i = 0; i < length; i++) {
            sums[i] += Math.abs(values[i]);
        }
    }

    /** Sets these voxels to 0 in a sequence. */
    void clear(Channel channel) {
        for (int i = 0; i < runs.length; i += 2) {
            Arrays.fill(channel.values(), channel.start() + runs[i], channel.start() + runs[i + 1], 0);
        }
    }
}
