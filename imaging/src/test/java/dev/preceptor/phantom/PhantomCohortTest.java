package dev.preceptor.phantom;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.InvalidFileException;
import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.nifti.Nifti;
import dev.preceptor.volume.Affine;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Region;
import dev.preceptor.volume.Sequence;
import dev.preceptor.volume.Size;
import dev.preceptor.volume.Volume;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.IntUnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PhantomCohortTest {
    private static final PhantomRecipe SMALL =
            PhantomRecipe.defaults().withSize(32).withSubjects(3);

    @TempDir
    Path folder;

    @Test
    void foldersAreThoseOfBrats2021WithTheTrueLabelsBesideThem() throws IOException {
        List<String> reported = new ArrayList<>();
        PhantomCohort.write(SMALL.withSubjects(1), folder.resolve("c"), 1, (id, done, total) -> reported.add(id));
        assertEquals(
                Set.of(
                        "phantom.json",
                        "clean/BraTS2021_90000.nii.gz",
                        "BraTS2021_90000/BraTS2021_90000_t1.nii.gz",
                        "BraTS2021_90000/BraTS2021_90000_t1ce.nii.gz",
                        "BraTS2021_90000/BraTS2021_90000_t2.nii.gz",
                        "BraTS2021_90000/BraTS2021_90000_flair.nii.gz",
                        "BraTS2021_90000/BraTS2021_90000_seg.nii.gz"),
                files(folder.resolve("c")));
        assertEquals(List.of("BraTS2021_90000"), reported);
    }

    @Test
    void anUnfinishedCohortIsNamedAsSuchAndItsPartialFilesAreRemoved() throws IOException {
        Path cohort = folder.resolve("c");
        Files.createDirectories(cohort.resolve("clean"));
        Files.createDirectories(cohort.resolve("BraTS2021_90000"));
        Path part = Files.createDirectories(cohort.resolve(".BraTS2021_90001.4711-1.part"));
        PreceptorException refused = assertThrows(
                PreceptorException.class, () -> PhantomCohort.write(SMALL, cohort, 1, (id, done, total) -> {}));
        assertEquals(
                cohort
                        + ": contains an unfinished phantom cohort (subjects: 1); remove it, or name a folder that"
                        + " is empty or does not exist",
                refused.getMessage());
        assertFalse(Files.exists(part), "the partial folder of the killed run is removed");
    }

    @Test
    void filesContainTheVoxelsOfTheSubject() {
        PhantomCohort.write(SMALL.withSubjects(1), folder.resolve("c"), 1, (id, done, total) -> {});
        PhantomSubject subject = PhantomSubject.of(SMALL, 0);
        Path stem = folder.resolve("c/BraTS2021_90000");
        Volume t1ce = Nifti.readVolume(stem.resolve("BraTS2021_90000_t1ce.nii.gz"));
        assertArrayEquals(subject.volumes().get(Sequence.T1CE).voxels(), t1ce.voxels());
        assertTrue(t1ce.grid().matches(subject.clean().grid()));
        assertArrayEquals(
                subject.annotated().voxels(),
                Nifti.readLabelMap(stem.resolve("BraTS2021_90000_seg.nii.gz"), LabelSpace.BRATS_2018)
                        .voxels());
        assertArrayEquals(
                subject.clean().voxels(),
                Nifti.readLabelMap(folder.resolve("c/clean/BraTS2021_90000.nii.gz"), LabelSpace.BRATS_2018)
                        .voxels());
    }

    @Test
    void bytesDoNotDependOnThreadsOrTheNumberOfSubjects() throws IOException {
        PhantomCohort.write(SMALL, folder.resolve("a"), 1, (id, done, total) -> {});
        PhantomCohort.write(SMALL, folder.resolve("b"), 3, (id, done, total) -> {});
        PhantomCohort.write(SMALL.withSubjects(2).withFirstIndex(1), folder.resolve("c"), 2, (id, done, total) -> {});
        assertEquals(files(folder.resolve("a")), files(folder.resolve("b")));
        for (String file : files(folder.resolve("a"))) {
            byte[] bytes = Files.readAllBytes(folder.resolve("a").resolve(file));
            assertArrayEquals(bytes, Files.readAllBytes(folder.resolve("b").resolve(file)), file);
            if (file.contains("90001") || file.contains("90002")) {
                assertArrayEquals(bytes, Files.readAllBytes(folder.resolve("c").resolve(file)), file);
            }
        }
        assertTrue(files(folder.resolve("c")).stream().noneMatch(f -> f.contains("90000")));
    }

    @Test
    void anEmptyFolderIsFilledAndANonEmptyOneIsRefusedUntouched() throws IOException {
        Path full = Files.createDirectory(folder.resolve("full"));
        Files.writeString(full.resolve("thesis.tex"), "years of work");
        PreceptorException refusal = assertThrows(
                PreceptorException.class, () -> PhantomCohort.write(SMALL, full, 1, (id, done, total) -> {}));
        assertEquals(
                full + ": is not empty; name a folder that is empty or does not exist, or remove this one",
                refusal.getMessage());
        assertEquals(Set.of("thesis.tex"), files(full));
        Path empty = Files.createDirectory(folder.resolve("empty"));
        PhantomCohort.write(SMALL.withSubjects(1), empty, 1, (id, done, total) -> {});
        assertTrue(Files.exists(empty.resolve("phantom.json")));
    }

    @Test
    void aFileAtTheTargetIsNamed() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "x");
        PreceptorException refusal = assertThrows(
                PreceptorException.class, () -> PhantomCohort.write(SMALL, file, 1, (id, done, total) -> {}));
        assertTrue(refusal.getMessage().startsWith(file + ": is a file"), refusal.getMessage());
    }

    @Test
    void recipesOutOfRangeAreRefusedInOneLine() {
        for (Runnable impossible : List.<Runnable>of(
                () -> SMALL.withSubjects(0),
                () -> SMALL.withSize(23),
                () -> SMALL.withSize(481),
                () -> SMALL.withFirstIndex(9998),
                () -> SMALL.withFirstIndex(-1))) {
            InvalidRecipeException refusal = assertThrows(InvalidRecipeException.class, impossible::run);
            assertTrue(refusal.getMessage().startsWith("phantom: "), refusal.getMessage());
            assertFalse(refusal.getMessage().contains("\n"), refusal.getMessage());
        }
    }

    @Nested
    class AnatomyFromAFile {
        @Test
        void determinesTheBrain() {
            // Without the mass effect of VARIOUS, which moves white matter across the midline.
            PhantomSubject subject =
                    PhantomSubject.of(SMALL.withVariant(PhantomVariant.UNIFORM).withAnatomy(balls(1, cls -> cls)), 0);
            double right = 0;
            double left = 0;
            Size size = subject.tissues().size();
            for (int i = 0; i < size.voxels(); i++) {
                if (subject.tissues().voxels()[i] == 3) {
                    if (i % size.x() < size.x() / 2) {
                        right++;
                    } else {
                        left++;
                    }
                }
            }
            assertTrue(right > 3 * left, "white matter of the one-sided map lies right " + right + ", left " + left);
            assertTrue(subject.clean().mask(Region.TC).cardinality() > 0);
        }

        @Test
        void isPositionedByItsAffine() {
            PhantomSubject straight = PhantomSubject.of(SMALL.withAnatomy(balls(1, cls -> cls)), 0);
            PhantomSubject mirrored = PhantomSubject.of(SMALL.withAnatomy(balls(-1, cls -> cls)), 0);
            assertArrayEquals(straight.tissues().voxels(), mirrored.tissues().voxels());
        }

        @Test
        void isRefusedIfItHasOtherClassesOrLacksOne() {
            assertRefused(balls(1, cls -> cls == 3 ? 7 : cls), "is not a tissue class");
            assertRefused(balls(1, cls -> cls == 2 ? 3 : cls), "not all of the tissue classes");
        }

        @Test
        void isRefusedOutsideTheFieldOfView() {
            Volume original = Nifti.readVolume(balls(1, cls -> cls));
            Path moved = folder.resolve("moved.nii.gz");
            Affine affine = Affine.translation(200, 0, 0).times(original.grid().affine());
            Nifti.write(moved, new Volume(new Grid(original.size(), affine), original.voxels()));
            assertRefused(moved, "outside the field of view");
        }

        @Test
        void thatIsMissingCreatesNoFolder() {
            Path out = folder.resolve("never");
            assertThrows(
                    PreceptorException.class,
                    () -> PhantomCohort.write(
                            SMALL.withAnatomy(folder.resolve("none.nii")), out, 1, (id, done, total) -> {}));
            assertFalse(Files.exists(out));
        }

        private void assertRefused(Path map, String reason) {
            InvalidFileException refusal =
                    assertThrows(InvalidFileException.class, () -> PhantomSubject.of(SMALL.withAnatomy(map), 0));
            assertTrue(refusal.getMessage().startsWith(map + ": "), refusal.getMessage());
            assertTrue(refusal.getMessage().contains(reason), refusal.getMessage());
        }

        /** Nested balls of CSF, GM and WM, with WM in the right half only, stored in either direction along y. */
        private Path balls(int yDirection, IntUnaryOperator classes) {
            Size size = new Size(60, 60, 39);
            Affine affine = yDirection > 0
                    ? new Affine(-4, 0, 0, -1.5, 0, 4, 0, 1.5, 0, 0, 4, 1.5)
                    : new Affine(-4, 0, 0, -1.5, 0, -4, 0, 237.5, 0, 0, 4, 1.5);
            Grid grid = new Grid(size, affine);
            float[] voxels = new float[size.voxels()];
            for (int i = 0; i < voxels.length; i++) {
                double[] p = affine.apply(i % 60, i / 60 % 60, i / 3600);
                double r = Math.sqrt(Math.pow(p[0] + 118.5, 2) + Math.pow(p[1] - 115, 2) + Math.pow(p[2] - 72, 2));
                int tissue = r > 66 ? 0 : r > 60 ? 1 : r > 45 || p[0] < -118.5 ? 2 : 3;
                voxels[i] = classes.applyAsInt(tissue);
            }
            Path file = folder.resolve("balls" + yDirection + ".nii.gz");
            Nifti.write(file, new Volume(grid, voxels));
            return file;
        }
    }

    private static Set<String> files(Path root) throws IOException {
        try (Stream<Path> tree = Files.walk(root)) {
            return tree.filter(Files::isRegularFile)
                    .map(path -> root.relativize(path).toString())
                    .collect(Collectors.toCollection(TreeSet::new));
        }
    }
}
