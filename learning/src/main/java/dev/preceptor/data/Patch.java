package dev.preceptor.data;

import dev.preceptor.volume.Box;
import dev.preceptor.volume.Size;
import java.util.List;

/**
 * Boxes cut out of samples, stacked to a batch, in plain Java so that another thread can make them.
 *
 * @param subjects whose boxes these are, for messages
 * @param size of each box
 * @param images [B, C, X, Y, Z], last axis fastest
 * @param classes [B, X, Y, Z], last axis fastest
 */
public record Patch(List<String> subjects, Size size, float[] images, long[] classes) {
    /** Where a box lies in a sample and which axes are mirrored. */
    public record Cut(Sample sample, Box box, boolean flipX, boolean flipY, boolean flipZ) {}

    /** Cuts out boxes of equal size; what lies outside a sample is 0. */
    public static Patch of(List<Cut> cuts) {
        Size size = cuts.get(0).box().size();
        int channels = cuts.get(0).sample().images().size();
        int voxels = size.voxels();
        float[] images = new float[cuts.size() * channels * voxels];
        long[] classes = new long[cuts.size() * voxels];
        for (int b = 0; b < cuts.size(); b++) {
            copy(cuts.get(b), images, b * channels * voxels, classes, b * voxels);
        }
        return new Patch(cuts.stream().map(c -> c.sample().subject()).toList(), size, images, classes);
    }

    private static void copy(Cut cut, float[] images, int imageStart, long[] classes, int classStart) {
        Size from = cut.sample.size();
        Box box = cut.box;
        Size to = box.size();
        for (int x = 0; x < to.x(); x++) {
            int sx = box.x0() + (cut.flipX ? to.x() - 1 - x : x);
            if (sx < 0 || sx >= from.x()) {
                continue;
            }
            for (int y = 0; y < to.y(); y++) {
                int sy = box.y0() + (cut.flipY ? to.y() - 1 - y : y);
                if (sy < 0 || sy >= from.y()) {
                    continue;
                }
                int row = (x * to.y() + y) * to.z();
                for (int z = 0; z < to.z(); z++) {
                    int sz = box.z0() + (cut.flipZ ? to.z() - 1 - z : z);
                    if (sz >= 0 && sz < from.z()) {
                        int source = from.index(sx, sy, sz);
                        classes[classStart + row + z] = cut.sample.classes()[source];
                        for (int c = 0; c < cut.sample.images().size(); c++) {
                            images[imageStart + c * to.voxels() + row + z] =
                                    cut.sample.images().get(c)[source];
                        }
                    }
                }
            }
        }
    }
}
