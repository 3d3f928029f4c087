package dev.preceptor.phantom;

import dev.preceptor.base.RandomSource;
import dev.preceptor.base.RandomStreams;
import java.util.List;

/** Subjects of {@link PhantomVariant#VARIOUS}. */
record VariousPopulation(RandomStreams streams, long subject) implements Population {
    @Override
    public TumourPlan tumour(Anatomy anatomy, Deformation deformation) {
        return VariousTumours.draw(streams, subject, anatomy, deformation);
    }

    @Override
    public Distractors distractors() {
        return new VariousDistractors(streams, subject);
    }

    @Override
    public List<Contrast> contrasts(TumourPlan plan) {
        return VariousContrasts.draw(streams, subject, plan.nature());
    }

    @Override
    public Scanner scanner(Contrast contrast, RandomSource randomSource) {
        return ScannerProfile.draw(new RandomSource(streams.stream("various/scanner", subject)))
                .scanner(contrast, randomSource);
    }
}
