package dev.preceptor.phantom;

import dev.preceptor.base.RandomSource;
import dev.preceptor.base.RandomStreams;
import java.util.List;

/** What the variants of the phantom draw differently for one subject. Immutable. */
sealed interface Population permits UniformPopulation, VariousPopulation {
    static Population of(PhantomVariant variant, RandomStreams streams, long subject) {
        return variant == PhantomVariant.UNIFORM
                ? new UniformPopulation(streams, subject)
                : new VariousPopulation(streams, subject);
    }

    /** The tumour. */
    TumourPlan tumour(Anatomy anatomy, Deformation deformation);

    /** What is bright and no tumour. */
    Distractors distractors();

    /** The contrasts of T1, T1CE, T2 and FLAIR, in this order. */
    List<Contrast> contrasts(TumourPlan plan);

    /**
     * The acquisition of one sequence.
     *
     * @param randomSource the random numbers of the sequence
     */
    Scanner scanner(Contrast contrast, RandomSource randomSource);
}
