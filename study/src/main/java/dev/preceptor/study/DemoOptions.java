package dev.preceptor.study;

import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.phantom.PhantomRecipe;
import dev.preceptor.phantom.PhantomVariant;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Options of the demo.
 *
 * @param out an empty or absent folder for all files
 * @param cohort real data instead of the phantom
 * @param seeds different; each method is trained once for each
 * @param subjects count of phantom subjects to train on, at least 2; ignored with real data
 * @param unseen count of scored subjects, at least 1; with real data the fold of about that size, at most a fifth
 * @param distilled recipe of teacher and student
 * @param baseline recipe of the student without a teacher
 * @param overrides settings {@code key=value} changed in both recipes
 * @param device {@code cpu} or {@code cuda:N}
 * @param threads intra-op threads of libtorch; 0 for as many as there are cores
 */
public record DemoOptions(
        Path out,
        Optional<Path> cohort,
        List<Long> seeds,
        int subjects,
        int unseen,
        String distilled,
        String baseline,
        List<String> overrides,
        String device,
        int threads) {
    /** Default count of phantom subjects to train on. */
    public static final int SUBJECTS = 20;

    /** Default count of unseen subjects. */
    public static final int UNSEEN = 8;

    /** Voxels along x and y of a phantom: 3 mm, the spacing of the small recipes. */
    private static final int SIZE = 80;

    public DemoOptions {
        seeds = List.copyOf(seeds);
        overrides = List.copyOf(overrides);
        if (seeds.isEmpty() || seeds.stream().distinct().count() != seeds.size()) {
            throw new InvalidRecipeException("demo: seeds must be different numbers, at least one, not " + seeds);
        }
        if (subjects < 2 || unseen < 1 || subjects + unseen > 10000) {
            throw new InvalidRecipeException("demo: at least 2 subjects and 1 unseen, at most 10000 together, not "
                    + subjects + " and " + unseen);
        }
    }

    /** The defaults: the phantom, one seed. */
    public static DemoOptions in(Path out) {
        return new DemoOptions(
                out,
                Optional.empty(),
                List.of(1L),
                SUBJECTS,
                UNSEEN,
                "kd-net-small",
                "baseline-small",
                List.of(),
                "cpu",
                0);
    }

    /** The phantom subjects to train on; the unseen subjects have the indices after them. */
    PhantomRecipe phantom() {
        return PhantomRecipe.defaults()
                .withVariant(PhantomVariant.UNIFORM)
                .withSubjects(subjects)
                .withSize(SIZE);
    }
}
