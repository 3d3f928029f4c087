package dev.preceptor.phantom;

import dev.preceptor.base.RandomSource;
import dev.preceptor.base.RandomStreams;
import java.util.List;

/** Subjects of {@link PhantomVariant#UNIFORM}. */
record UniformPopulation(RandomStreams streams, long subject) implements Population {
    @Override
    public TumourPlan tumour(Anatomy anatomy, Deformation deformation) {
        return TumourPlan.uniform(streams, subject, anatomy, deformation);
    }

    @Override
    public Distractors distractors() {
        return new UniformDistractors(streams, subject);
    }

    @Override
    public List<Contrast> contrasts(TumourPlan plan) {
        return List.of(Contrast.brats());
    }

    @Override
    public Scanner scanner(Contrast contrast, RandomSource randomSource) {
        double noise = randomSource.logNormal(0.13, 0.3);
        double scale = randomSource.logNormal(260, 0.6);
        double plane = randomSource.uniform(0.35, 0.6);
        double slice = randomSource.chance(0.5) ? plane : randomSource.uniform(0.6, 1.6);
        double texture = contrast.texture() * randomSource.uniform(0.7, 1.3);
        double shading = randomSource.uniform(0.02, 0.07);
        return new Scanner(noise, scale, new double[] {plane, plane, slice}, texture, shading, 1);
    }
}
