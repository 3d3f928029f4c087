package dev.preceptor.phantom;

import dev.preceptor.base.InvalidFileException;
import dev.preceptor.volume.Affine;
import dev.preceptor.volume.Size;
import dev.preceptor.volume.Volume;
import java.nio.file.Path;

/**
 * The anatomy of a tissue map with the classes 0 outside, 1 CSF, 2 GM and 3 WM, such as that of SRI24. The affine of
 * the map positions it, so maps stored mirrored relative to the BraTS grid are placed correctly.
 */
final class TissueMapAnatomy implements Anatomy {
    private final Size size;
    private final Affine toVoxel;
    private final byte[] classes;

    private TissueMapAnatomy(Size size, Affine toVoxel, byte[] classes) {
        this.size = size;
        this.toVoxel = toVoxel;
        this.classes = classes;
    }

    /**
     * The anatomy of a volume of classes.
     *
     * @param file the name for messages
     * @throws InvalidFileException if a value is not 0, 1, 2 or 3, a class is missing, or most of the map is outside
     *     the field of view of the BraTS grid
     */
    static TissueMapAnatomy of(Volume map, Path file) {
        byte[] classes = new byte[map.voxels().length];
        int[] counts = new int[4];
        for (int i = 0; i < classes.length; i++) {
            float value = map.voxels()[i];
            if (!(value == 0 || value == 1 || value == 2 || value == 3)) {
                throw new InvalidFileException(
                        file,
                        "value " + value + " is not a tissue class; the classes are 0 outside, 1 CSF, 2 GM and 3 WM");
            }
            classes[i] = (byte) value;
            counts[classes[i]]++;
        }
        if (counts[1] == 0 || counts[2] == 0 || counts[3] == 0) {
            throw new InvalidFileException(
                    file, "not all of the tissue classes 1 CSF, 2 GM and 3 WM occur; use a map with all three");
        }
        if (2L * inView(map, classes) < counts[1] + counts[2] + counts[3]) {
            throw new InvalidFileException(
                    file,
                    "most of its tissue is outside the field of view of BraTS (x -239 to 0, y 0 to 239, z 0 to 154 mm);"
                            + " register it to SRI24 space");
        }
        return new TissueMapAnatomy(map.size(), map.grid().affine().inverse(), classes);
    }

    private static int inView(Volume map, byte[] classes) {
        Size size = map.size();
        int count = 0;
        for (int k = 0, i = 0; k < size.z(); k++) {
            for (int j = 0; j < size.y(); j++) {
                for (int x = 0; x < size.x(); x++, i++) {
                    if (classes[i] != 0) {
                        double[] at = map.grid().affine().apply(x, j, k);
                        count += at[0] >= -239 && at[0] <= 0 && at[1] >= 0 && at[1] <= 239 && at[2] >= 0 && at[2] <= 154
                                ? 1
                                : 0;
                    }
                }
            }
        }
        return count;
    }

    @Override
    public void sample(double x, double y, double z, double edge, double[] fractions) {
        fractions[CSF] = 0;
        fractions[GM] = 0;
        fractions[WM] = 0;
        double i = toVoxel.m00() * x + toVoxel.m01() * y + toVoxel.m02() * z + toVoxel.m03();
        double j = toVoxel.m10() * x + toVoxel.m11() * y + toVoxel.m12() * z + toVoxel.m13();
        double k = toVoxel.m20() * x + toVoxel.m21() * y + toVoxel.m22() * z + toVoxel.m23();
        int i0 = (int) Math.floor(i);
        int j0 = (int) Math.floor(j);
        int k0 = (int) Math.floor(k);
        for (int corner = 0; corner < 8; corner++) {
            int ci = i0 + (corner & 1);
            int cj = j0 + (corner >> 1 & 1);
            int ck = k0 + (corner >> 2);
            if (ci >= 0 && cj >= 0 && ck >= 0 && ci < size.x() && cj < size.y() && ck < size.z()) {
                int tissue = classes[size.index(ci, cj, ck)];
                if (tissue != 0) {
                    fractions[tissue - 1] += (1 - Math.abs(i - ci)) * (1 - Math.abs(j - cj)) * (1 - Math.abs(k - ck));
                }
            }
        }
    }
}
