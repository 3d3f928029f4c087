package dev.preceptor.nifti;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.PreceptorException;
import dev.preceptor.testing.JavadocExamples;
import dev.preceptor.volume.Affine;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Size;
import dev.preceptor.volume.Volume;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NiftiRoundTripTest {
    private static final List<String> NAMES = List.of("a.nii", "b.nii.gz", "c.hdr", "d.img", "e.hdr.gz", "f.img.gz");

    @TempDir
    private Path folder;

    @Test
    void aWrittenVolumeReadsBackUnderEveryName() {
        for (long seed = 0; seed < 30; seed++) {
            Volume volume = NiftiFixture.volume(seed);
            for (String name : NAMES) {
                Path file = folder.resolve(name);
                Nifti.write(file, volume);
                Volume reread = Nifti.readVolume(file);
                assertArrayEquals(volume.voxels(), reread.voxels(), "seed " + seed + " " + name);
                assertTrue(volume.grid().matches(reread.grid()), "seed " + seed + " " + name);
            }
        }
    }

    @Test
    void theExampleOfTheJavadocWritesLabelsWithTheHeaderOfTheImage() throws IOException {
        Volume image = NiftiFixture.volume(7);
        Nifti.write(folder.resolve("flair.nii.gz"), image);
        Nifti.write(
                folder.resolve("seg.nii.gz"),
                new LabelMap(image.grid(), new byte[image.voxels().length], LabelSpace.BRATS_2018));

        Volume flair = Nifti.readVolume(folder.resolve("flair.nii.gz"));
        LabelMap labels = Nifti.readLabelMap(folder.resolve("seg.nii.gz"), LabelSpace.BRATS_2018);
        NiftiHeader header = Nifti.readHeader(folder.resolve("flair.nii.gz"));
        Nifti.write(folder.resolve("prediction.nii.gz"), labels, header);

        assertTrue(flair.grid().matches(labels.grid()));
        assertEquals(
                header.placement(),
                Nifti.readHeader(folder.resolve("prediction.nii.gz")).placement());
        JavadocExamples.assertCompiledIn("imaging", NiftiRoundTripTest.class, Nifti.class);
    }

    @Test
    void theQformAloneGivesTheSameAffineAsTheSform() {
        for (long seed = 0; seed < 200; seed++) {
            Affine affine = NiftiFixture.affine(new SplittableRandom(seed));
            Affine reread = QForm.of(affine).orElseThrow().affine().orElseThrow();
            assertTrue(affine.isCloseTo(reread, 1e-9), "seed " + seed + ": " + affine + " and " + reread);
        }
    }

    @Test
    void aShearedGridKeepsItsAffineWithoutQform() {
        Grid grid = new Grid(new Size(2, 2, 2), new Affine(1, 0.3, 0, 4, 0, 1, 0, 5, 0, 0, 2, 6));
        Path file = folder.resolve("sheared.nii");
        Nifti.write(file, new Volume(grid, new float[8]));
        NiftiHeader header = Nifti.readHeader(file);
        assertEquals(0, header.qformCode());
        assertTrue(grid.matches(header.grid()));
    }

    @Test
    void labelsKeepTheirValuesAndDeclareTheirSchema() {
        Grid grid = Grid.of(new Size(3, 2, 1), 1);
        LabelMap labels = new LabelMap(grid, new byte[] {0, 1, 2, 4, 0, 1}, LabelSpace.BRATS_2018);
        Path file = folder.resolve("seg.nii.gz");
        Nifti.write(file, labels);
        assertArrayEquals(
                labels.voxels(), Nifti.readLabelMap(file, LabelSpace.BRATS_2018).voxels());
        assertEquals(Set.of(0, 1, 2, 4), Nifti.readLabelValues(file));
        NiftiHeader header = Nifti.readHeader(file);
        assertEquals(NiftiDatatype.UINT8, header.datatype());
        assertEquals("preceptor labels BRATS_2018 {1 NCR, 2 ED, 4 ET}", header.description());
        PreceptorException refusal =
                assertThrows(PreceptorException.class, () -> Nifti.readLabelMap(file, LabelSpace.BRATS_2023));
        assertTrue(refusal.getMessage().contains("seg.nii.gz: label 4 "), refusal.getMessage());
    }

    @Test
    void fractionalLabelsAreRefusedAndNearlyWholeOnesRounded() {
        Grid grid = Grid.of(new Size(2, 1, 1), 1);
        Path file = folder.resolve("labels.nii");
        Nifti.write(file, new Volume(grid, new float[] {0.9999f, 2}));
        assertArrayEquals(
                new byte[] {1, 2},
                Nifti.readLabelMap(file, LabelSpace.BRATS_2018).voxels());
        Nifti.write(file, new Volume(grid, new float[] {0.5f, 2}));
        PreceptorException refusal =
                assertThrows(PreceptorException.class, () -> Nifti.readLabelMap(file, LabelSpace.BRATS_2018));
        assertTrue(refusal.getMessage().contains("labels.nii: voxel value 0.5"), refusal.getMessage());
    }

    @Test
    void codesVersionAndUnitsAreThoseOfTheGivenHeader() {
        Volume volume = NiftiFixture.volume(3);
        NiftiHeader plain = write("plain.nii", volume);
        NiftiHeader like = NiftiFixture.inVersion2(plain);
        Path file = folder.resolve("like.nii.gz");
        Nifti.write(file, volume, like);
        NiftiHeader header = Nifti.readHeader(file);
        assertEquals("nifti-2", header.format());
        assertEquals(List.of(1, 0, 10), List.of(header.qformCode(), header.sformCode(), header.units()));
        assertTrue(volume.grid().matches(Nifti.readVolume(file).grid()));
    }

    private NiftiHeader write(String name, Volume volume) {
        Nifti.write(folder.resolve(name), volume);
        return Nifti.readHeader(folder.resolve(name));
    }

    @Test
    void aLongAxisIsWrittenAsVersion2() {
        Volume volume = new Volume(Grid.of(new Size(40_000, 1, 1), 1), new float[40_000]);
        assertEquals("nifti-2", write("long.nii.gz", volume).format());
    }

    @Test
    void theSameVoxelsGiveTheSameBytes() throws IOException {
        Nifti.write(folder.resolve("one.nii.gz"), NiftiFixture.volume(1));
        Nifti.write(folder.resolve("two.nii.gz"), NiftiFixture.volume(1));
        assertArrayEquals(
                Files.readAllBytes(folder.resolve("one.nii.gz")), Files.readAllBytes(folder.resolve("two.nii.gz")));
    }

    @Test
    void anotherExtensionIsRefused() {
        PreceptorException refusal = assertThrows(
                PreceptorException.class, () -> Nifti.write(folder.resolve("x.png"), NiftiFixture.volume(1)));
        assertTrue(refusal.getMessage().contains(".nii"), refusal.getMessage());
    }
}
