package dev.preceptor.cohort;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.MismatchException;
import dev.preceptor.volume.Affine;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Sequence;
import dev.preceptor.volume.Size;
import dev.preceptor.volume.Volume;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ValidationTest {
    private static final String FIRST = "BraTS2021_00001";

    @TempDir
    Path root;

    private CohortFixture fixture;

    @BeforeEach
    void writeTwoSubjects() {
        fixture = CohortFixture.brats2021(root, 2);
    }

    @Test
    void findsNoProblemInAFaultlessCohort() {
        assertEquals(List.of(), CohortSummary.of(Cohort.open(root)).problems());
    }

    @Test
    void warnsAboutAMissingSequenceIfOthersHaveIt() {
        fixture.delete(FIRST, "t2");
        assertProblem(false, "has no T2");
    }

    @Test
    void namesDifferentSizes() {
        Grid other = Grid.of(new Size(5, 6, 7), 1);
        float[] ones = new float[210];
        Arrays.fill(ones, 1);
        fixture.replace(FIRST, "t1ce", new Volume(other, ones));
        assertProblem(true, "5x6x7", "12x10x8");
        assertThrows(
                MismatchException.class, () -> Cohort.open(root).subject(FIRST).volume(Sequence.T1CE));
    }

    @Test
    void refusesAnAffineThatIsFarOff() {
        moveT1ce(5);
        assertProblem(true, "lies up to 5.00 voxels off");
    }

    @Test
    void warnsAboutAnAffineLessThanAVoxelOffAndLoadsAllImagesOnOneGrid() {
        moveT1ce(0.4);
        assertProblem(false, "lies up to 0.40 voxels off");
        Subject subject = Cohort.open(root).subject(FIRST);
        assertEquals(
                subject.volume(Sequence.T1).grid(),
                subject.volume(Sequence.FLAIR).grid());
        assertEquals(
                List.of(),
                subject.volumes(Sequence.BRATS).values().stream()
                        .filter(v -> !v.grid().matches(subject.labels().grid()))
                        .toList());
    }

    private void moveT1ce(double millimetres) {
        Volume volume = CohortFixture.volume(1, Sequence.T1CE);
        Affine moved = Affine.translation(millimetres, 0, 0).times(volume.grid().affine());
        fixture.replace(FIRST, "t1ce", new Volume(new Grid(volume.size(), moved), volume.voxels()));
    }

    @Test
    void namesUnknownLabels() {
        byte[] labels = CohortFixture.labels(1, LabelSpace.BRATS_2018).voxels().clone();
        labels[0] = 7;
        labels[1] = 3;
        fixture.replaceLabels(FIRST, labels);
        assertProblem(true, "holds 3, 7", "BRATS_2018");
    }

    @Test
    void warnsAboutAnEmptyLabelMap() {
        fixture.replaceLabels(FIRST, new byte[CohortFixture.SIZE.voxels()]);
        assertProblem(false, "is empty");
    }

    @Test
    void countsVoxelsThatAreNotFinite() {
        float[] voxels = CohortFixture.volume(1, Sequence.T2).voxels();
        voxels[5] = Float.NaN;
        voxels[6] = Float.POSITIVE_INFINITY;
        fixture.replace(FIRST, "t2", new Volume(CohortFixture.GRID, voxels));
        assertProblem(true, "has 2 voxels that are NaN");
    }

    @Test
    void namesAVolumeOfZeros() {
        fixture.replace(FIRST, "flair", new Volume(CohortFixture.GRID, new float[CohortFixture.SIZE.voxels()]));
        assertProblem(true, "flair", "zero everywhere");
    }

    @Test
    void namesASubjectThatOccursTwice() {
        fixture.legacySubject("copy", FIRST, 3, ".nii.gz");
        assertProblem(true, "occurs twice");
    }

    @Test
    void namesEqualVoxelsUnderAnotherId() {
        fixture.legacySubject("", "BraTS2021_00000", 1, ".nii");
        assertProblem(true, "same T1CE voxels as BraTS2021_00000");
    }

    @Test
    void warnsAboutOneImageUnderTwoSequences() {
        fixture.replace(FIRST, "t1", CohortFixture.volume(1, Sequence.T2));
        assertProblem(false, "T1 and T2 hold the same voxels");
    }

    @Test
    void namesAnUnreadableFile() throws IOException {
        Path file = fixture.file(FIRST, "t1ce");
        Files.write(file, Arrays.copyOf(Files.readAllBytes(file), 100));
        assertProblem(true, "cannot be read", "t1ce.nii.gz");
    }

    @Test
    void warnsAboutASubjectWithoutLabelsIfOthersHaveThem() {
        fixture.delete(FIRST, "seg");
        assertProblem(false, "has no label map");
    }

    private void assertProblem(boolean unusable, String... parts) {
        CohortSummary summary = CohortSummary.of(Cohort.open(root));
        assertEquals(1, summary.problems().size(), summary.problems().toString());
        Problem problem = summary.problems().get(0);
        assertEquals(FIRST, problem.subject());
        assertEquals(unusable, problem.unusable());
        assertEquals(unusable, summary.hasUnusable());
        assertTrue(problem.text().lines().count() == 1);
        for (String part : parts) {
            assertTrue(problem.text().contains(part), problem.text());
        }
        assertTrue(summary.toText().contains(problem.toString()), summary.toText());
        assertTrue(summary.toJson().contains("\"unusable\" : " + unusable), summary.toJson());
    }
}
