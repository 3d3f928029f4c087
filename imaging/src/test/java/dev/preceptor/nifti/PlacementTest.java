package dev.preceptor.nifti;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.testing.Python;
import dev.preceptor.volume.Affine;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Size;
import dev.preceptor.volume.Volume;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Results on the grid of a file have the same geometry fields as that file, bit for bit, so that every program places
 * both identically.
 */
class PlacementTest {
    private static final List<String> ENDINGS = List.of(".nii", ".nii.gz", ".hdr", ".hdr.gz");

    @TempDir
    private Path folder;

    private Path labelsLike(Path image, long seed) {
        NiftiHeader header = Nifti.readHeader(image);
        Path file = folder.resolve("labels" + seed + ENDINGS.get((int) (seed / 6 % 4)));
        byte[] voxels = new byte[header.grid().size().voxels()];
        Nifti.write(file, new LabelMap(header.grid(), voxels, LabelSpace.BRATS_2018), header);
        return file;
    }

    private Path probabilitiesLike(Path image, long seed) {
        NiftiHeader header = Nifti.readHeader(image);
        Path file = folder.resolve("prob" + seed + ENDINGS.get((int) (seed / 6 % 4)));
        Nifti.write(
                file, new Volume(header.grid(), new float[header.grid().size().voxels()]), header);
        return file;
    }

    @Test
    void everyFieldOfThePlacementIsCopiedBitForBit() {
        for (long seed = 0; seed < 96; seed++) {
            Path image = HeaderFamily.write(folder, seed);
            List<Long> expected = HeaderFamily.geometry(image);
            assertEquals(expected, HeaderFamily.geometry(labelsLike(image, seed)), "labels, seed " + seed);
            assertEquals(expected, HeaderFamily.geometry(probabilitiesLike(image, seed)), "volume, seed " + seed);
        }
    }

    @Test
    void simpleItkAndNibabelPlaceBothIdentically() {
        String script = PlacementTest.class.getResource("placement_oracle.py").getPath();
        Python python = Python.with("nibabel", "SimpleITK");
        List<String> arguments = new ArrayList<>(List.of(script));
        for (long seed = 0; seed < 36; seed++) {
            Path image = HeaderFamily.write(folder, seed);
            arguments.addAll(List.of(
                    image.toString(),
                    labelsLike(image, seed).toString(),
                    image.toString(),
                    probabilitiesLike(image, seed).toString()));
        }
        for (String name : List.of("sform4_qform1_t1ce.nii.gz", "sform_shear_3e-4_t1ce.nii.gz")) {
            Path image = Path.of(PlacementTest.class.getResource(name).getPath());
            arguments.addAll(List.of(
                    image.toString(), labelsLike(image, 1000 + name.length()).toString()));
        }
        String output = python.run(arguments);
        String last = output.lines().reduce((a, b) -> b).orElse("");
        assertTrue(last.matches("74 pairs agree, [1-9]\\d+ of them in SimpleITK"), output);
    }

    @Test
    void aHeaderOfAnotherGridIsRefused() {
        Path file = folder.resolve("a.nii");
        Nifti.write(file, NiftiFixture.volume(3));
        NiftiHeader header = Nifti.readHeader(file);
        Grid cropped = new Grid(new Size(2, 2, 2), header.affine().times(Affine.translation(1, 0, 0)));
        assertThrows(
                IllegalArgumentException.class,
                () -> Nifti.write(folder.resolve("b.nii"), new Volume(cropped, new float[8]), header));
        assertTrue(Files.notExists(folder.resolve("b.nii")));
    }
}
