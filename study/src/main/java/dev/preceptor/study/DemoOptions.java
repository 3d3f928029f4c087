package dev.preceptor.study;

import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.phantom.PhantomRecipe;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What the demo does.
 *
 * @param out an empty or absent folder for everything it makes
 * @param cohort real data instead of the phantom
 * @param seeds one training of each method for each of these
 * @param subjects how many phantoms are learned from; not used with real data
 * @param unseen how many subjects are scored; of real data about as many, in equal folds, a fifth at most
 * @param distilled recipe of teacher and student
 * @param baseline recipe of the student that had no teacher
 * @param overrides settings changed in both recipes
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
    /** Of the phantom, when nobody says how many: subjects to learn from, and unseen ones. */
    public static final int SUBJECTS = 20;

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

    /** The whole story in one folder: phantom, one seed. */
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

    /** The cohort that the demo makes: those to learn from first, then the unseen. */
    PhantomRecipe phantom() {
        return PhantomRecipe.defaults().withSubjects(subjects).withSize(SIZE);
    }
}
