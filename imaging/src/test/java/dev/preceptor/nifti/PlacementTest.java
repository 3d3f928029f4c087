package dev.preceptor.nifti;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.preceptor.volume.Affine;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.LabelSchema;
import dev.preceptor.volume.Size;
import dev.preceptor.volume.Volume;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What lies on the grid of a file is put, bit for bit, where that file is, whichever field a reader believes. */
class PlacementTest {
    private static final String PYTHON = System.getProperty("preceptor.python", "python3");
    private static final List<String> ENDS = List.of(".nii", ".nii.gz", ".hdr", ".hdr.gz");

    @TempDir
    private Path folder;

    private Path labelsLike(Path image, long seed) {
        NiftiHeader header = Nifti.readHeader(image);
        Path file = folder.resolve("labels" + seed + ENDS.get((int) (seed / 6 % 4)));
        byte[] voxels = new byte[header.grid().size().voxels()];
        Nifti.write(file, new LabelMap(header.grid(), voxels, LabelSchema.BRATS_2018), header);
        return file;
    }

    private Path probabilitiesLike(Path image, long seed) {
        NiftiHeader header = Nifti.readHeader(image);
        Path file = folder.resolve("prob" + seed + ENDS.get((int) (seed / 6 % 4)));
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
    void simpleItkAndNibabelFindBothInOnePlace() throws IOException, InterruptedException {
        String script = PlacementTest.class.getResource("placement_oracle.py").getPath();
        assumeTrue(
                here(script),
                "skipped: " + PYTHON
                        + " lacks nibabel or SimpleITK; name one that has both with -Dpreceptor.python=...");
        List<String> command = new ArrayList<>(List.of(PYTHON, script));
        for (long seed = 0; seed < 36; seed++) {
            Path image = HeaderFamily.write(folder, seed);
            command.addAll(List.of(
                    image.toString(),
                    labelsLike(image, seed).toString(),
                    image.toString(),
                    probabilitiesLike(image, seed).toString()));
        }
        for (String name : List.of("sform4_qform1_t1ce.nii.gz", "sform_shear_3e-4_t1ce.nii.gz")) {
            Path image = Path.of(PlacementTest.class.getResource(name).getPath());
            command.addAll(List.of(
                    image.toString(), labelsLike(image, 1000 + name.length()).toString()));
        }
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), said);
        String last = said.lines().reduce((a, b) -> b).orElse("");
        assertTrue(last.matches("74 pairs agree, [1-9]\\d+ of them in SimpleITK"), said);
    }

    private static boolean here(String script) throws InterruptedException {
        try {
            return new ProcessBuilder(PYTHON, script)
                            .redirectErrorStream(true)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void anotherGridCannotBorrowAHeader() throws IOException {
        Path file = folder.resolve("a.nii");
        Nifti.write(file, Example.volume(3));
        NiftiHeader header = Nifti.readHeader(file);
        Grid cropped = new Grid(new Size(2, 2, 2), header.affine().times(Affine.translation(1, 0, 0)));
        assertThrows(
                IllegalArgumentException.class,
                () -> Nifti.write(folder.resolve("b.nii"), new Volume(cropped, new float[8]), header));
        assertTrue(Files.notExists(folder.resolve("b.nii")));
    }
}
