package dev.preceptor.cohort;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.nifti.Nifti;
import dev.preceptor.testing.FileReads;
import dev.preceptor.testing.NoiseVolumes;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Sequence;
import dev.preceptor.volume.Size;
import dev.preceptor.volume.Volume;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReadOnceTest {
    private static final Grid GRID = Grid.of(new Size(24, 22, 20), 1);

    /** Longer than the pointers of git-annex and Git LFS, whose beginning is read. */
    private static final String NO_LABEL_MAP = "no label map ".repeat(100);

    @TempDir
    private Path folder;

    private List<Path> subject(String id) {
        List<Path> files = new ArrayList<>();
        for (String sequence : List.of("flair", "t1", "t1ce", "t2")) {
            Path file = folder.resolve(id + "/" + id + "_" + sequence + ".nii.gz");
            Nifti.write(file, NoiseVolumes.of(GRID, (id + sequence).hashCode()));
            files.add(file);
        }
        byte[] labels = new byte[GRID.size().voxels()];
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < labels.length; i++) {
            labels[i] = new byte[] {0, 1, 2, 4}[random.nextInt(4)];
        }
        Path file = folder.resolve(id + "/" + id + "_seg.nii.gz");
        Nifti.write(file, new LabelMap(GRID, labels, LabelSpace.BRATS_2018));
        files.add(file);
        return files;
    }

    @Test
    void validationAndStatisticsReadEachFileOnce() {
        List<Path> files = new ArrayList<>(subject("a"));
        files.addAll(subject("b"));
        Cohort cohort = Cohort.open(folder);
        FileReads reads =
                FileReads.during(() -> assertFalse(CohortSummary.of(cohort).hasUnusable()));
        files.forEach(file -> assertEquals(1, reads.timesOf(file), file.toString()));
    }

    @Test
    void anImageIsReadOnceForItsHeaderAndItsVoxels() {
        Path file = subject("a").get(0);
        NiftiImage image = NiftiImage.of(file);
        FileReads reads = FileReads.during(() -> {
            assertTrue(image.read().grid().matches(GRID));
            assertTrue(image.grid().matches(GRID));
            assertTrue(image.geometryProblem().isEmpty());
            assertSame(image.provenance(), image.provenance());
        });
        assertEquals(1, reads.timesOf(file));
    }

    @Test
    void theHeaderIsThatOfTheLatestReading() {
        Path file = subject("a").get(0);
        NiftiImage image = NiftiImage.of(file);
        assertEquals(GRID.size(), image.grid().size());
        Grid larger = Grid.of(new Size(25, 22, 20), 1);
        Nifti.write(file, NoiseVolumes.of(larger, 3));
        image.read();
        assertEquals(larger.size(), image.grid().size());
    }

    @Test
    void imageSetsOfAFolderNeedNoLabels() throws IOException {
        for (Path file : subject("a")) {
            if (file.toString().contains("_seg")) {
                Files.writeString(file, NO_LABEL_MAP);
            }
        }
        FileReads reads = FileReads.during(() -> {
            ImageSet set = ImageSet.in(folder).get(0);
            assertEquals("a", set.id());
            assertEquals(
                    List.of(Sequence.T1CE),
                    List.copyOf(set.volumes(List.of(Sequence.T1CE)).keySet()));
            assertEquals(List.of(folder.resolve("a/a_seg.nii.gz")), set.otherFiles());
        });
        assertEquals(0, reads.of(folder.resolve("a/a_seg.nii.gz")));
    }

    @Test
    void theImagesInOneFileAreReadInOnePass() {
        CohortFixture.msd(folder, 2);
        Cohort cohort = Cohort.open(folder);
        List<Subject> subjects = cohort.subjects();
        // In this thread: the flight recorder of JDK 17 may lose what it reads right after a recording of other
        // threads.
        FileReads validation = FileReads.during(() -> assertFalse(
                CohortSummary.of(cohort, 1, ScanObserver.NONE, ScanCache.NONE).hasUnusable()));
        FileReads loading = FileReads.during(() -> {
            for (Subject subject : subjects) {
                Map<Sequence, Volume> together = subject.volumes(cohort.sequences());
                assertEquals(4, together.size());
            }
        });
        for (Subject subject : subjects) {
            Path file = subject.image(Sequence.T1).files().get(0);
            assertEquals(1, validation.timesOf(file), file.toString());
            assertEquals(1, loading.timesOf(file), file.toString());
        }
    }

    @Test
    void imagesReadTogetherAreThoseReadAlone() {
        CohortFixture.msd(folder, 1);
        Subject subject = Cohort.open(folder).subjects().get(0);
        List<Sequence> some = List.of(Sequence.T2, Sequence.FLAIR, Sequence.T1CE);
        Map<Sequence, Volume> together = subject.volumes(some);
        assertEquals(Set.copyOf(some), together.keySet());
        some.forEach(sequence -> {
            Volume alone = Nifti.readVolume(
                    subject.image(sequence).files().get(0),
                    ((NiftiImage) subject.image(sequence)).frame().orElseThrow());
            assertArrayEquals(alone.voxels(), together.get(sequence).voxels(), sequence.name());
            assertArrayEquals(alone.voxels(), subject.volume(sequence).voxels(), sequence.name());
        });
    }
}
