package dev.preceptor.cohort;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.JsonFiles;
import dev.preceptor.nifti.Nifti;
import dev.preceptor.volume.Affine;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.LabelClass;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Sequence;
import dev.preceptor.volume.Size;
import dev.preceptor.volume.Volume;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Six voxels of 8 ml for each subject, so that every figure is computed by hand. */
class CohortContrastTest {
    private static final Grid GRID = new Grid(new Size(6, 1, 1), new Affine(20, 0, 0, 0, 0, 20, 0, 0, 0, 0, 20, 0));
    private static final byte[] LABELS = {0, 0, 0, 1, 1, 0};

    /** Mean 4 and variance 10 over the non-zero voxels. */
    private static final float[] FIRST = {1, 2, 3, 4, 10, 0};

    @TempDir
    private Path folder;

    private void subject(String id, float[] t1, byte[] labels) {
        Path stem = folder.resolve(id);
        Nifti.write(stem.resolve(id + "_t1.nii.gz"), new Volume(GRID, t1));
        Nifti.write(stem.resolve(id + "_seg.nii.gz"), new LabelMap(GRID, labels, LabelSpace.BRATS_2018));
    }

    private CohortContrast contrast() {
        return CohortContrast.of(Cohort.open(folder, Optional.of(LabelSpace.BRATS_2018)), 1);
    }

    private static Map<LabelClass, SubjectContrast.Contrast> contrasts(float[] image, byte... labels) {
        return SubjectContrast.contrasts(new Volume(GRID, image), new LabelMap(GRID, labels, LabelSpace.BRATS_2018));
    }

    @Test
    void theContrastOfOneSubjectIsItsZScoreItsDeviationAndItsAuc() {
        SubjectContrast.Contrast found = contrasts(FIRST, LABELS).get(LabelClass.NCR);
        assertEquals(3 / Math.sqrt(10), found.z(), 1e-9, "mean of (4 - 4) and (10 - 4)");
        assertEquals(3 / Math.sqrt(10), found.within(), 1e-9);
        assertEquals(1, found.auc(), 1e-12, "both voxels are brighter than 1, 2 and 3");
    }

    @Test
    void equalIntensitiesCountHalf() {
        // Healthy 1, 2, 3; the class has 2 (1 below, 1 equal) and 1 (1 equal): (1.5 + 0.5) / 2 / 3.
        assertEquals(
                1 / 3.0,
                contrasts(new float[] {1, 2, 3, 2, 1, 0}, LABELS)
                        .get(LabelClass.NCR)
                        .auc(),
                1e-12);
    }

    @Test
    void voxelsThatAreZeroOrNotFiniteDoNotCount() {
        SubjectContrast.Contrast found =
                contrasts(new float[] {1, 2, 3, 10, 0, Float.NaN}, LABELS).get(LabelClass.NCR);
        assertEquals((10 - 4) / Math.sqrt(12.5), found.z(), 1e-9);
        assertEquals(0, found.within());
    }

    @Test
    void anImageOfOneValueOrWithoutHealthyBrainHasNoContrast() {
        assertTrue(contrasts(new float[] {5, 5, 5, 5, 5, 0}, LABELS).isEmpty());
        assertTrue(contrasts(FIRST, (byte) 1, (byte) 1, (byte) 1, (byte) 1, (byte) 2, (byte) 0)
                .isEmpty());
    }

    @Test
    void theSpreadBetweenSubjectsHasTheDivisorOfASample() throws IOException {
        subject("a", FIRST, LABELS);
        // Mean 3, variance 2: NCR has z of 1 / sqrt(2) and -1 / sqrt(2), ED has no voxel but in this subject.
        subject("b", new float[] {1, 2, 3, 4, 5, 0}, new byte[] {0, 1, 0, 1, 2, 0});
        CohortContrast contrast = contrast();
        CohortContrast.ClassContrast necrosis = contrast.contrasts().get(0);
        assertEquals(LabelClass.NCR, necrosis.labelClass());
        assertEquals(Sequence.T1, necrosis.sequence());
        double z = 3 / Math.sqrt(10);
        assertEquals(2, necrosis.z().count());
        assertEquals(z / 2, necrosis.z().mean(), 1e-6);
        assertEquals(z / Math.sqrt(2), necrosis.z().std(), 1e-6);
        // Of the second subject 2 is above 1 of 2 healthy voxels and 4 above both.
        assertEquals((1 + 0.75) / 2, necrosis.auc().mean(), 1e-12);
        assertEquals(0.25 / Math.sqrt(2), necrosis.auc().std(), 1e-12);
        CohortContrast.ClassContrast oedema = contrast.contrasts().get(1);
        assertEquals(1, oedema.z().count());
        assertEquals(Double.NaN, oedema.z().std());
        assertEquals(16, contrast.volumes().get(0).ml().mean(), 1e-9);
        assertEquals(2, contrast.volumes().get(1).ml().count(), "a subject without the class counts as 0 ml");
        assertEquals(4, contrast.volumes().get(1).ml().mean(), 1e-9);
        assertEquals(Math.sqrt(32), contrast.volumes().get(1).ml().std(), 1e-9);
    }

    @Test
    void aSubjectThatLacksASequenceIsLeftOutOfThatColumnAndOneWithoutLabelsOfAll() throws IOException {
        subject("a", FIRST, LABELS);
        subject("b", FIRST, LABELS);
        subject("c", FIRST, LABELS);
        Files.delete(folder.resolve("c/c_seg.nii.gz"));
        Nifti.write(folder.resolve("a/a_flair.nii.gz"), new Volume(GRID, FIRST));
        String text = contrast().toText();
        assertTrue(text.contains("NCR      T1          2     0.95 \u00b1 0.00       0.95    1.00 \u00b1 0.00"), text);
        assertTrue(text.contains("NCR      FLAIR       1            0.95       0.95           1.00"), text);
        assertTrue(text.contains("NCR         2       16.0 \u00b1 0.0"), text);
    }

    @Test
    void anUnreadableImageIsLeftOut() throws IOException {
        subject("a", FIRST, LABELS);
        subject("b", FIRST, LABELS);
        Files.write(folder.resolve("b/b_t1.nii.gz"), new byte[] {31, (byte) 139, 8});
        assertEquals(1, contrast().contrasts().get(0).z().count());
    }

    @Test
    void jsonHasEveryFigureByClassAndSequence() {
        subject("a", FIRST, LABELS);
        JsonNode necrosis = JsonFiles.parse(JsonFiles.text(contrast().toMap())).get("NCR");
        assertEquals(16, necrosis.get("volume_ml").get("mean").asDouble(), 1e-9);
        JsonNode t1 = necrosis.get("sequences").get("T1");
        assertEquals(1, t1.get("n").asInt());
        assertEquals(3 / Math.sqrt(10), t1.get("z").get("mean").asDouble(), 1e-6);
        assertTrue(Double.isNaN(t1.get("z").get("std").asDouble()));
        assertEquals(1, t1.get("auc").get("mean").asDouble());
    }
}
