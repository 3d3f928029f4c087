package dev.preceptor.cohort;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.InvalidFileException;
import dev.preceptor.metrics.Evaluation;
import dev.preceptor.metrics.EvaluationOptions;
import dev.preceptor.nifti.Nifti;
import dev.preceptor.volume.Affine;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.Size;
import dev.preceptor.volume.Volume;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpacingCheckTest {
    private static final int UNITS = 123;
    private static final int PIXDIM = 76;
    private static final int SFORM_CODE = 254;

    @TempDir
    private Path folder;

    private Path image(Size size, double x, double y, double z) {
        Path file = folder.resolve("x_t1ce.nii");
        Nifti.write(file, new Volume(new Grid(size, Affine.scaling(x, y, z)), new float[size.voxels()]));
        return file;
    }

    private static void unit(Path file, int unit) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        bytes[UNITS] = (byte) unit;
        Files.write(file, bytes);
    }

    private static Optional<String> problem(Path file) {
        return SpacingCheck.problem(Nifti.readHeader(file));
    }

    @Test
    void sizesOfBrainImagesAreAcceptedInEveryUnit() throws IOException {
        for (double[] edges :
                new double[][] {{1, 1, 1}, {0.4, 0.4, 6}, {0.9375, 0.9375, 1.5}, {4, 4, 4}, {0.5, 0.5, 20}}) {
            Size size = new Size(96, 100, 20);
            assertEquals(Optional.empty(), problem(image(size, edges[0], edges[1], edges[2])));
            Path metres = image(size, edges[0] / 1000, edges[1] / 1000, edges[2] / 1000);
            unit(metres, 1);
            assertEquals(Optional.empty(), problem(metres));
            Path microns = image(size, edges[0] * 1000, edges[1] * 1000, edges[2] * 1000);
            unit(microns, 3);
            assertEquals(Optional.empty(), problem(microns));
        }
    }

    @Test
    void aWrongUnitIsNamedWithTheResultingSize() throws IOException {
        Path file = image(new Size(64, 64, 64), 1, 1, 1);
        unit(file, 1);
        String metres = problem(file).orElseThrow();
        assertTrue(metres.startsWith("its voxels are 1000 x 1000 x 1000 mm"), metres);
        assertTrue(metres.contains("1 x 1 x 1 by pixdim, 1 x 1 x 1 by its affine, unit metre"), metres);
        unit(file, 3);
        String microns = problem(file).orElseThrow();
        assertTrue(microns.startsWith("its voxels are 0.001 x 0.001 x 0.001 mm"), microns);
        assertTrue(microns.contains("unit micron"), microns);
    }

    @Test
    void implausibleSizesAndFieldsOfViewAreRefused() {
        for (double[] edges : new double[][] {{100, 100, 100}, {1, 1, 50}, {1, 0.05, 1}}) {
            String said = problem(image(new Size(64, 64, 8), edges[0], edges[1], edges[2]))
                    .orElseThrow();
            assertTrue(said.startsWith("its voxels are "), said);
        }
        String wide = problem(image(new Size(200, 10, 10), 5, 1, 1)).orElseThrow();
        assertTrue(wide.startsWith("its field of view is 1000 x 10 x 10 mm"), wide);
        String centimetres =
                problem(image(new Size(240, 240, 155), 0.1, 0.1, 0.1)).orElseThrow();
        assertTrue(centimetres.startsWith("its field of view is 24 x 24 x 15.5 mm"), centimetres);
    }

    @Test
    void aSizeInPixdimThatIsNotPositiveIsRefused() throws IOException {
        for (int sform : new int[] {0, 1}) {
            for (float size : new float[] {0, -1, Float.NaN, Float.POSITIVE_INFINITY}) {
                for (int axis = 1; axis <= 3; axis++) {
                    Path file = image(new Size(8, 8, 8), 1, 1, 1);
                    byte[] bytes = Files.readAllBytes(file);
                    ByteBuffer.wrap(bytes)
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .putFloat(PIXDIM + 4 * axis, size)
                            .putShort(SFORM_CODE, (short) sform);
                    Files.write(file, bytes);
                    String said = assertThrows(
                                    InvalidFileException.class,
                                    () -> SpacingCheck.require(file, Nifti.readHeader(file)))
                            .getMessage();
                    assertTrue(said.startsWith(file + ": "), said);
                    assertTrue(said.contains("pixdim[" + axis + "], a voxel size"), said);
                    assertEquals(1, said.lines().count(), said);
                }
            }
        }
    }

    @Test
    void aCohortAndAnEvaluationRefuseImplausibleSizes() throws IOException {
        CohortFixture fixture = CohortFixture.brats2021(folder.resolve("cohort"), 2);
        for (String what : List.of("t1ce", "seg")) {
            Path file = fixture.file("BraTS2021_00001", what);
            Path plain = folder.resolve("plain.nii");
            byte[] bytes;
            try (var in = new GZIPInputStream(Files.newInputStream(file))) {
                bytes = in.readAllBytes();
            }
            bytes[UNITS] = 1;
            Files.write(plain, bytes);
            Files.delete(file);
            Files.move(plain, file);
        }
        String problems = CohortSummary.of(Cohort.open(folder.resolve("cohort")))
                .problems()
                .toString();
        assertTrue(problems.contains("t1ce.nii.gz: its voxels are 1000 x 1000 x 1000 mm"), problems);
        String said = assertThrows(
                        InvalidFileException.class,
                        () -> Evaluation.of(
                                folder.resolve("cohort"), folder.resolve("cohort"), EvaluationOptions.DEFAULT))
                .getMessage();
        assertTrue(said.contains("unit metre"), said);
    }
}
