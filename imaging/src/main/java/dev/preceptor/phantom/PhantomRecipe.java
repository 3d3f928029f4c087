package dev.preceptor.phantom;

import dev.preceptor.base.InvalidRecipeException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/**
 * The parameters that determine the bytes of a phantom cohort. A subject depends on the variant, the seed, the
 * size, the anatomy and its own index, never on the number of subjects.
 *
 * @param subjects the number of subjects, 1 to 10000
 * @param size voxels along x and y, 24 to 480; z has round(size * 155 / 240); 240 is the BraTS grid of 1 mm
 * @param seed any number
 * @param anatomy a NIfTI map of tissue classes (0 outside, 1 CSF, 2 GM, 3 WM) in SRI24 space; empty for procedural
 *     brains
 * @param firstIndex the index of the first subject, so that a second cohort can contain other subjects of the same
 *     seed; the last index is at most 9999
 * @param variant how different the subjects are
 */
public record PhantomRecipe(
        int subjects, int size, long seed, Optional<Path> anatomy, int firstIndex, PhantomVariant variant) {

    /** @throws InvalidRecipeException if a value is out of range */
    public PhantomRecipe {
        require(subjects >= 1 && subjects <= 10000, "subjects must be 1 to 10000, not " + subjects);
        require(size >= 24 && size <= 480, "size must be 24 to 480 voxels, not " + size);
        require(
                firstIndex >= 0 && firstIndex + subjects <= 10000,
                "subjects are numbered 0 to 9999, which " + subjects + " from index " + firstIndex + " exceed");
    }

    /** 12 subjects of 96x96x62 voxels of 2.5 mm, seed 1, procedural anatomy, variant {@link PhantomVariant#VARIOUS}. */
    public static PhantomRecipe defaults() {
        return new PhantomRecipe(12, 96, 1, Optional.empty(), 0, PhantomVariant.VARIOUS);
    }

    /** The same recipe with another number of subjects. */
    public PhantomRecipe withSubjects(int count) {
        return new PhantomRecipe(count, size, seed, anatomy, firstIndex, variant);
    }

    /** The same recipe with another number of voxels along x and y. */
    public PhantomRecipe withSize(int voxels) {
        return new PhantomRecipe(subjects, voxels, seed, anatomy, firstIndex, variant);
    }

    /** The same recipe with another seed. */
    public PhantomRecipe withSeed(long number) {
        return new PhantomRecipe(subjects, size, number, anatomy, firstIndex, variant);
    }

    /** The same recipe with a map of tissue classes. */
    public PhantomRecipe withAnatomy(Path file) {
        return new PhantomRecipe(subjects, size, seed, Optional.of(file), firstIndex, variant);
    }

    /** The same recipe with another index of the first subject. */
    public PhantomRecipe withFirstIndex(int index) {
        return new PhantomRecipe(subjects, size, seed, anatomy, index, variant);
    }

    /** The same recipe of another variant. */
    public PhantomRecipe withVariant(PhantomVariant other) {
        return new PhantomRecipe(subjects, size, seed, anatomy, firstIndex, other);
    }

    /** The id of a subject in the style of BraTS 2021, in a range without real patients. */
    public static String id(int index) {
        return String.format(Locale.ROOT, "BraTS2021_9%04d", index);
    }

    private static void require(boolean holds, String problem) {
        if (!holds) {
            throw new InvalidRecipeException("phantom: " + problem);
        }
    }
}
