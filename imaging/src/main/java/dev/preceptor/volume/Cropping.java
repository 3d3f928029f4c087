package dev.preceptor.volume;

import java.util.Arrays;
import java.util.List;

/**
 * Crops images to boxes, with padding outside the grid, and pastes them back: {@code paste(crop(v, box), box, v.grid(),
 * 0)} equals {@code v} inside the box and 0 elsewhere. Stateless, thread-safe.
 */
public final class Cropping {
    private Cropping() {}

    /**
     * The smallest box that contains every non-zero voxel of any of the volumes; for skull-stripped images, the brain.
     * If all voxels are 0, the box of the whole grid.
     *
     * @param volumes at least one, all of the same size
     * @throws IllegalArgumentException if the sizes differ
     */
    public static Box brainBox(List<Volume> volumes) {
        Size size = volumes.get(0).size();
        int[] low = {size.x(), size.y(), size.z()};
        int[] high = {-1, -1, -1};
        for (Volume volume : volumes) {
            if (!volume.size().equals(size)) {
                throw new IllegalArgumentException("volumes of " + size + " and " + volume.size() + " voxels");
            }
            float[] voxels = volume.voxels();
            for (int k = 0; k < size.z(); k++) {
                for (int j = 0; j < size.y(); j++) {
                    int row = size.index(0, j, k);
                    int first = 0;
                    while (first < size.x() && voxels[row + first] == 0) {
                        first++;
                    }
                    if (first == size.x()) {
                        continue;
                    }
                    int last = size.x() - 1;
                    while (voxels[row + last] == 0) {
                        last--;
                    }
                    low[0] = Math.min(low[0], first);
                    high[0] = Math.max(high[0], last);
                    low[1] = Math.min(low[1], j);
                    high[1] = Math.max(high[1], j);
                    low[2] = Math.min(low[2], k);
                    high[2] = Math.max(high[2], k);
                }
            }
        }
        return high[0] < 0 ? Box.of(size) : new Box(low[0], low[1], low[2], high[0] + 1, high[1] + 1, high[2] + 1);
    }

    /** The same as {@link #brainBox(List)}. */
    public static Box brainBox(Volume... volumes) {
        return brainBox(List.of(volumes));
    }

    /** The voxels inside a box, 0 outside the grid. */
    public static Volume crop(Volume volume, Box box) {
        return crop(volume, box, 0);
    }

    /** The voxels inside a box, {@code padding} outside the grid. */
    public static Volume crop(Volume volume, Box box, float padding) {
        float[] out = new float[box.size().voxels()];
        Arrays.fill(out, padding);
        copy(volume.voxels(), volume.size(), Box.of(volume.size()), out, box.size(), box);
        return new Volume(volume.grid().crop(box), out);
    }

    /** The labels inside a box, background outside the grid. */
    public static LabelMap crop(LabelMap labels, Box box) {
        byte[] out = new byte[box.size().voxels()];
        copy(labels.voxels(), labels.size(), Box.of(labels.size()), out, box.size(), box);
        return new LabelMap(labels.grid().crop(box), out, labels.schema());
    }

    /**
     * The inverse of cropping: a cropped volume on its full grid. Padding is dropped.
     *
     * @param part the result of {@link #crop(Volume, Box)}, or a volume computed from it
     * @param box the box of the crop
     * @param full the grid of the uncropped image
     * @param background the value outside the box
     * @throws IllegalArgumentException if {@code part} does not have the size of the box
     */
    public static Volume paste(Volume part, Box box, Grid full, float background) {
        requireFit(part.size(), box);
        float[] out = new float[full.size().voxels()];
        Arrays.fill(out, background);
        copy(part.voxels(), part.size(), box, out, full.size(), Box.of(full.size()));
        return new Volume(full, out);
    }

    /**
     * The inverse of cropping: a cropped label map on its full grid, with background outside the box.
     *
     * @throws IllegalArgumentException if {@code part} does not have the size of the box
     */
    public static LabelMap paste(LabelMap part, Box box, Grid full) {
        requireFit(part.size(), box);
        byte[] out = new byte[full.size().voxels()];
        copy(part.voxels(), part.size(), box, out, full.size(), Box.of(full.size()));
        return new LabelMap(full, out, part.schema());
    }

    private static void requireFit(Size size, Box box) {
        if (!size.equals(box.size())) {
            throw new IllegalArgumentException("a crop of " + size + " voxels for a box of " + box.size());
        }
    }

    /** Copies the intersection of two arrays that cover the given boxes of a common index space. */
    private static void copy(Object from, Size fromSize, Box fromBox, Object to, Size toSize, Box toBox) {
        int x0 = Math.max(fromBox.x0(), toBox.x0());
        int length = Math.min(fromBox.x1(), toBox.x1()) - x0;
        if (length <= 0) {
            return;
        }
        for (int k = Math.max(fromBox.z0(), toBox.z0()); k < Math.min(fromBox.z1(), toBox.z1()); k++) {
            for (int j = Math.max(fromBox.y0(), toBox.y0()); j < Math.min(fromBox.y1(), toBox.y1()); j++) {
                System.arraycopy(
                        from,
                        fromSize.index(x0 - fromBox.x0(), j - fromBox.y0(), k - fromBox.z0()),
                        to,
                        toSize.index(x0 - toBox.x0(), j - toBox.y0(), k - toBox.z0()),
                        length);
            }
        }
    }
}
