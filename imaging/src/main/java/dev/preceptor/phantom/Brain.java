package dev.preceptor.phantom;

import dev.preceptor.volume.Affine;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.Size;
import dev.preceptor.volume.Volume;
import java.util.Arrays;

/**
 * The voxels of one patient's brain and their healthy tissue. Arrays have one entry per brain voxel, in the order of
 * the grid.
 *
 * @param grid the grid of the whole image
 * @param voxelIndices the index of each brain voxel in an array over the whole grid
 * @param csf the fraction of CSF
 * @param grey the fraction of grey matter
 * @param white the fraction of white matter; the three fractions sum to one
 * @param surface the proximity of the outer surface: 1 at the outermost voxel, 0 from about 4 mm below it
 * @param ventricle the fraction of CSF in the neighbourhood (about 3 mm), 0 near the outer surface
 */
record Brain(
        Grid grid, int[] voxelIndices, float[] csf, float[] grey, float[] white, float[] surface, float[] ventricle) {

    static Brain of(Grid grid, Anatomy anatomy, Deformation deformation) {
        Size size = grid.size();
        float[][] fractionMaps = new float[3][size.voxels()];
        double edge = grid.spacing()[0];
        int subdivisions = edge > 1.3 ? 2 : 1;
        double[] fractions = new double[3];
        double[] point = new double[3];
        Affine affine = grid.affine();
        for (int k = 0; k < size.z(); k++) {
            for (int j = 0; j < size.y(); j++) {
                for (int i = 0; i < size.x(); i++) {
                    if (!PhantomLayout.mayContainBrain(affine, i, j, k)) {
                        continue;
                    }
                    int at = size.index(i, j, k);
                    PhantomLayout.world(affine, i, j, k, point);
                    deformation.apply(point);
                    anatomy.sample(point[0], point[1], point[2], subdivisions == 1 ? edge : 1.6 * edge, fractions);
                    if (subdivisions == 1 || isPure(fractions)) {
                        for (int tissue = 0; tissue < 3; tissue++) {
                            fractionMaps[tissue][at] = (float) fractions[tissue];
                        }
                        continue;
                    }
                    for (int part = 0; part < subdivisions * subdivisions * subdivisions; part++) {
                        double di = (part % subdivisions + 0.5) / subdivisions - 0.5;
                        double dj = (part / subdivisions % subdivisions + 0.5) / subdivisions - 0.5;
                        double dk = (part / subdivisions / subdivisions + 0.5) / subdivisions - 0.5;
                        PhantomLayout.world(affine, i + di, j + dj, k + dk, point);
                        deformation.apply(point);
                        anatomy.sample(point[0], point[1], point[2], edge / subdivisions, fractions);
                        for (int tissue = 0; tissue < 3; tissue++) {
                            fractionMaps[tissue][at] +=
                                    (float) fractions[tissue] / (subdivisions * subdivisions * subdivisions);
                        }
                    }
                }
            }
        }
        return of(grid, fractionMaps);
    }

    /** Whether a cube contains a single tissue or none, so that it need not be subdivided. */
    private static boolean isPure(double[] fractions) {
        double sum = fractions[0] + fractions[1] + fractions[2];
        double most = Math.max(fractions[0], Math.max(fractions[1], fractions[2]));
        return sum == 0 || most > 0.999;
    }

    private static Brain of(Grid grid, float[][] fractionMaps) {
        int[] voxelIndices = new int[fractionMaps[0].length];
        /** The number of brain voxels. */
        int count = 0;
        for (int i = 0; i < voxelIndices.length; i++) {
            if (fractionMaps[0][i] + fractionMaps[1][i] + fractionMaps[2][i] >= 0.5f) {
                voxelIndices[count++] = i;
            }
        }
        int[] brainVoxels = Arrays.copyOf(voxelIndices, count);
        float[] mask = new float[fractionMaps[0].length];
        float[][] fractions = new float[3][count];
        for (int v = 0; v < count; v++) {
            int at = brainVoxels[v];
            float sum = fractionMaps[0][at] + fractionMaps[1][at] + fractionMaps[2][at];
            for (int tissue = 0; tissue < 3; tissue++) {
                fractions[tissue][v] = fractionMaps[tissue][at] / sum;
                fractionMaps[tissue][at] /= sum;
            }
            mask[at] = 1;
        }
        for (int i = 0; i < mask.length; i++) {
            fractionMaps[Anatomy.CSF][i] *= mask[i];
        }
        double spacing = grid.spacing()[0];
        float[] blurredMask = GaussianFilter.gaussian(mask, grid.size(), 3 / spacing);
        float[] blurredCsf = GaussianFilter.gaussian(fractionMaps[Anatomy.CSF], grid.size(), 2.5 / spacing);
        float[] surface = new float[count];
        float[] ventricle = new float[count];
        for (int v = 0; v < count; v++) {
            surface[v] = (float) Solids.clamp((0.9 - blurredMask[brainVoxels[v]]) / 0.4);
            ventricle[v] = (float) (Solids.clamp((blurredCsf[brainVoxels[v]] - 0.35) * 3) * (1 - surface[v]));
        }
        return new Brain(grid, brainVoxels, fractions[0], fractions[1], fractions[2], surface, ventricle);
    }

    /** The tissue with the largest share of each voxel: 0 outside the brain, 1 CSF, 2 GM, 3 WM. */
    Volume tissues() {
        float[] classes = new float[grid.size().voxels()];
        for (int v = 0; v < voxelIndices.length; v++) {
            classes[voxelIndices[v]] = 1 + majority(v);
        }
        return new Volume(grid, classes);
    }

    /** The tissue with the largest share: {@link Anatomy#CSF}, {@link Anatomy#GM} or {@link Anatomy#WM}. */
    int majority(int voxel) {
        if (csf[voxel] >= grey[voxel] && csf[voxel] >= white[voxel]) {
            return Anatomy.CSF;
        }
        return grey[voxel] >= white[voxel] ? Anatomy.GM : Anatomy.WM;
    }

    /** The number of voxels of the brain. */
    int count() {
        return voxelIndices.length;
    }

    /**
     * The world coordinates of the centre of a brain voxel.
     *
     * @param point receives the three coordinates
     */
    void world(int voxel, double[] point) {
        Size size = grid.size();
        int at = voxelIndices[voxel];
        PhantomLayout.world(grid.affine(), at % size.x(), at / size.x() % size.y(), at / size.x() / size.y(), point);
    }
}
