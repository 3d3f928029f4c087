package dev.preceptor.viewer;

import dev.preceptor.nifti.Nifti;
import dev.preceptor.volume.Affine;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Size;
import dev.preceptor.volume.Volume;
import java.nio.file.Path;

/**
 * Images that are not symmetric: a grey ball of 36 mm in a bright shell of 4 mm, with a cube of oedema of 16 mm on the patient's right and in it an enhancing core, in
 * a grid of 2 mm.
 */
final class Heads {
    static final int SIZE = 48;
    private static final double SPACING = 2;

    private Heads() {}

    /** The grid with x to the patient's right, or, mirrored, to the left; the same positions in space. */
    static Grid grid(boolean isMirrored) {
        double half = SPACING * (SIZE - 1) / 2;
        double sign = isMirrored ? -1 : 1;
        return new Grid(new Size(SIZE, SIZE, SIZE), Affine.of(new double[][] {
            {sign * SPACING, 0, 0, -sign * half}, {0, SPACING, 0, -half}, {0, 0, SPACING, -half}
        }));
    }

    static Path image(Path file, boolean isMirrored) {
        Grid grid = grid(isMirrored);
        float[] values = new float[SIZE * SIZE * SIZE];
        forEach(grid, (index, place) -> {
            double radius = Math.sqrt(place[0] * place[0] + place[1] * place[1] + place[2] * place[2]);
            values[index] = radius < 36 ? 100 : radius < 40 ? 250 : 0;
        });
        Nifti.write(file, new Volume(grid, values));
        return file;
    }

    /** The cube, moved by millimetres to the left. */
    static Path labels(Path file, boolean isMirrored, double movedMm) {
        Grid grid = grid(isMirrored);
        byte[] values = new byte[SIZE * SIZE * SIZE];
        forEach(grid, (index, place) -> {
            double distance = Math.max(
                    Math.abs(place[0] - 20 + movedMm), Math.max(Math.abs(place[1] - 4), Math.abs(place[2] - 4)));
            values[index] = (byte) (distance < 5 ? 4 : distance < 9 ? 2 : 0);
        });
        Nifti.write(file, new LabelMap(grid, values, LabelSpace.BRATS_2018));
        return file;
    }

    /** One bit in a shell around the cube, none elsewhere. */
    static Path uncertainty(Path file) {
        Grid grid = grid(false);
        float[] values = new float[SIZE * SIZE * SIZE];
        forEach(grid, (index, place) -> {
            double distance =
                    Math.max(Math.abs(place[0] - 20), Math.max(Math.abs(place[1] - 4), Math.abs(place[2] - 4)));
            values[index] = distance >= 9 && distance < 17 ? 1 : 0;
        });
        Nifti.write(file, new Volume(grid, values));
        return file;
    }

    private interface VoxelTask {
        void at(int index, double[] place);
    }

    private static void forEach(Grid grid, VoxelTask task) {
        for (int index = 0; index < SIZE * SIZE * SIZE; index++) {
            task.at(index, grid.affine().apply(index % SIZE, index / SIZE % SIZE, index / (SIZE * SIZE)));
        }
    }
}
