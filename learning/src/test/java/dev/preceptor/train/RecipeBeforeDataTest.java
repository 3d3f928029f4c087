package dev.preceptor.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.PreceptorException;
import dev.preceptor.cohort.Cohort;
import dev.preceptor.cohort.CohortFixture;
import dev.preceptor.cohort.Subject;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.run.TrainingJob;
import dev.preceptor.testing.FileReads;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is wrong with a recipe is told before the voxels of an image or a label map are read. */
@Tag("integration")
class RecipeBeforeDataTest {
    @TempDir
    private Path folder;

    @Test
    void aWrongRecipeIsRefusedBeforeAnImageIsRead() throws Exception {
        Path cohort = cohortWithoutOfficialIds();
        assertRefused(cohort, "cpu", "optimization.epoch", "optimization.epoch=2");
        assertRefused(cohort, "cpu", "T1CF", "student=[T1CF]");
        assertRefused(cohort, "cpu", "sampling.patch", "sampling.patch=[9,8,8]");
        assertRefused(cohort, "cpu", "network.widths", "network.widths=[]");
        assertRefused(cohort, "cpu", "depth", "network.depth=3");
        assertRefused(cohort, "gpu", "unknown device \"gpu\"");
        assertRefused(cohort, "cuda:99", "cuda:99");
    }

    @Test
    void anOptimizerThatALaterPhaseCannotUseIsRefusedBeforeAnImageIsRead() throws Exception {
        assertRefused(
                "mtcm-kd-reference",
                cohortWithoutOfficialIds(),
                "cpu",
                "optimization.optimizer.name",
                "network={name: resunet, widths: [2, 4, 4]}",
                "optimization.optimizer.name=sgd");
    }

    private void assertRefused(Path cohort, String device, String named, String... overrides) {
        assertRefused("baseline", cohort, device, named, overrides);
    }

    private void assertRefused(String name, Path cohort, String device, String named, String... overrides) {
        AtomicReference<PreceptorException> refusal = new AtomicReference<>();
        FileReads reads = FileReads.during(() -> refusal.set(assertThrows(PreceptorException.class, () -> {
            Recipe recipe = TinyRuns.recipe(name, overrides);
            Path run = folder.resolve("run");
            Training.run(
                    new TrainingJob(recipe, cohort, run, Optional.empty(), false, device, 1), event -> {}, () -> false);
        })));
        assertTrue(refusal.get().getMessage().contains(named), refusal.get().getMessage());
        for (Subject subject : Cohort.open(cohort).subjects()) {
            subject.images().values().stream()
                    .flatMap(image -> image.files().stream())
                    .forEach(file -> assertEquals(0, reads.timesOf(file), file + " was read before: " + named));
        }
        assertTrue(Files.notExists(folder.resolve("run")), named);
    }

    @Test
    void theRecipeIsCheckedBeforeLabelMapsAreReadToLearnWhatTheirValuesMean() throws Exception {
        Path cohort = cohortWithoutOfficialIds();
        PreceptorException refusal = assertThrows(
                PreceptorException.class,
                () -> Cohort.open(cohort, Optional.empty(), () -> {
                    throw new PreceptorException("checked first");
                }));
        assertEquals("checked first", refusal.getMessage());
    }

    /** The label schema of such a cohort follows from the values of its label maps only. */
    private Path cohortWithoutOfficialIds() throws Exception {
        Path official = CohortFixture.brats2021(folder.resolve("official"), 3).root();
        Path cohort = folder.resolve("cohort");
        for (int number = 0; number < 3; number++) {
            List<Path> subjects;
            try (Stream<Path> listed = Files.list(official)) {
                subjects = listed.filter(Files::isDirectory).sorted().toList();
            }
            Path subject = Files.createDirectories(cohort.resolve("patient" + number));
            try (Stream<Path> files = Files.list(subjects.get(number))) {
                for (Path file : files.toList()) {
                    String name = file.getFileName().toString();
                    Files.copy(file, subject.resolve("patient" + number + name.substring(name.lastIndexOf('_'))));
                }
            }
        }
        return cohort;
    }
}
