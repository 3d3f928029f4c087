package dev.preceptor.phantom;

import dev.preceptor.volume.Affine;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.Size;
import dev.preceptor.volume.Volume;
import java.util.Arrays;

/**
 * The voxels of one patient's brain and what healthy tissue they hold. Arrays run over the voxels of the brain in the order
 * of the grid.
 *
 * @param grid where the whole image lies
 * @param places the place of each voxel of the brain in an array of the whole grid
 * @param csf fraction of CSF
 * @param grey fraction of grey matter
 * @param white fraction of white matter; the three sum to one
 * @param surface how near the outer surface: 1 at the last voxel, 0 from about 4 mm below it
 * @param ventricle how much of the neighbourhood (about 3 mm) is CSF and lies deep
 */
record Brain(Grid grid, int[] places, float[] csf, float[] grey, float[] white, float[] surface, float[] ventricle) {

    static Brain of(Grid grid, Anatomy anatomy, Deformation deformation) {
        Size size = grid.size();
        float[][] whole = new float[3][size.voxels()];
        double edge = grid.spacing()[0];
        int parts = edge > 1.3 ? 2 : 1;
        double[] fractions = new double[3];
        double[] point = new double[3];
        Affine affine = grid.affine();
        for (int k = 0; k < size.z(); k++) {
            for (int j = 0; j < size.y(); j++) {
                for (int i = 0; i < size.x(); i++) {
                    if (!PhantomLayout.mayHoldBrain(affine, i, j, k)) {
                        continue;
                    }
                    int at = size.index(i, j, k);
                    PhantomLayout.world(affine, i, j, k, point);
                    deformation.apply(point);
                    anatomy.sample(point[0], point[1], point[2], parts == 1 ? edge : 1.6 * edge, fractions);
                    if (parts == 1 || isPure(fractions)) {
                        for (int tissue = 0; tissue < 3; tissue++) {
                            whole[tissue][at] = (float) fractions[tissue];
                        }
                        continue;
                    }
                    for (int part = 0; part < parts * parts * parts; part++) {
                        double di = (part % parts + 0.5) / parts - 0.5;
                        double dj = (part / parts % parts + 0.5) / parts - 0.5;
                        double dk = (part / parts / parts + 0.5) / parts - 0.5;
                        PhantomLayout.world(affine, i + di, j + dj, k + dk, point);
                        deformation.apply(point);
                        anatomy.sample(point[0], point[1], point[2], edge / parts, fractions);
                        for (int tissue = 0; tissue < 3; tissue++) {
                            whole[tissue][at] += (float) fractions[tissue] / (parts * parts * parts);
                        }
                    }
                }
            }
        }
        return of(grid, whole);
    }

    /** Whether a cube holds one tissue alone, or nothing, so that its parts need no look of their own. */
    private static boolean isPure(double[] fractions) {
        double sum = fractions[0] + fractions[1] + fractions[2];
        double most = Math.max(fractions[0], Math.max(fractions[1], fractions[2]));
        return sum == 0 || most > 0.999;
    }

    private static Brain of(Grid grid, float[][] whole) {
        int[] places = new int[whole[0].length];
        int count = 0;
        for (int i = 0; i < places.length; i++) {
            if (whole[0][i] + whole[1][i] + whole[2][i] >= 0.5f) {
                places[count++] = i;
            }
        }
        int[] kept = Arrays.copyOf(places, count);
        float[] mask = new float[whole[0].length];
        float[][] fractions = new float[3][count];
        for (int v = 0; v < count; v++) {
            int at = kept[v];
            float sum = whole[0][at] + whole[1][at] + whole[2][at];
            for (int tissue = 0; tissue < 3; tissue++) {
                fractions[tissue][v] = whole[tissue][at] / sum;
                whole[tissue][at] /= sum;
            }
            mask[at] = 1;
        }
        for (int i = 0; i < mask.length; i++) {
            whole[Anatomy.CSF][i] *= mask[i];
        }
        double spacing = grid.spacing()[0];
        float[] blurredMask = GaussianFilter.gaussian(mask, grid.size(), 3 / spacing);
        float[] blurredCsf = GaussianFilter.gaussian(whole[Anatomy.CSF], grid.size(), 2.5 / spacing);
        float[] surface = new float[count];
        float[] ventricle = new float[count];
        for (int v = 0; v < count; v++) {
            surface[v] = (float) Solids.clamp((0.9 - blurredMask[kept[v]]) / 0.4);
            ventricle[v] = (float) (Solids.clamp((blurredCsf[kept[v]] - 0.35) * 3) * (1 - surface[v]));
        }
        return new Brain(grid, kept, fractions[0], fractions[1], fractions[2], surface, ventricle);
    }

    /** The tissue that holds most of each voxel, as a map of 0 outside, 1 CSF, 2 GM, 3 WM. */
    Volume tissues() {
        float[] classes = new float[grid.size().voxels()];
        for (int v = 0; v < places.length; v++) {
            classes[places[v]] = 1 + majority(v);
        }
        return new Volume(grid, classes);
    }

    /** {@link Anatomy#CSF}, {@link Anatomy#GM} or {@link Anatomy#WM}. */
    int majority(int voxel) {
        if (csf[voxel] >= grey[voxel] && csf[voxel] >= white[voxel]) {
            return Anatomy.CSF;
        }
        return grey[voxel] >= white[voxel] ? Anatomy.GM : Anatomy.WM;
    }

    /** The number of voxels of the brain. */
    int count() {
        return places.length;
    }

    /** The world coordinates of the centre of a voxel of the brain. */
    void world(int voxel, double[] point) {
        Size size = grid.size();
        int at = places[voxel];
        PhantomLayout.world(grid.affine(), at % size.x(), at / size.x() % size.y(), at / size.x() / size.y(), point);
    }
}
