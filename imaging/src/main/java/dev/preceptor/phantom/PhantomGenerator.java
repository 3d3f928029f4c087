package dev.preceptor.phantom;

import dev.preceptor.base.InvalidFileException;
import dev.preceptor.base.RandomStreams;
import dev.preceptor.nifti.Nifti;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.Sequence;
import dev.preceptor.volume.Volume;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Generates the subjects of a recipe; a tissue map is read once. Immutable, thread-safe. */
public final class PhantomGenerator {
    private final PhantomRecipe recipe;
    private final Grid grid;
    private final Optional<Anatomy> template;

    /** @throws InvalidFileException if the recipe names an unsuitable tissue map */
    public PhantomGenerator(PhantomRecipe recipe) {
        this.recipe = recipe;
        grid = PhantomLayout.grid(recipe.size());
        template = recipe.anatomy().map(PhantomGenerator::read);
    }

    private static Anatomy read(Path file) {
        return TissueMapAnatomy.of(Nifti.readVolume(file), file);
    }

    /**
     * Generates one subject on the calling thread.
     *
     * @param index the index of the subject, from 0 to 9999 (inclusive); it need not be one of the recipe's
     */
    public PhantomSubject subject(int index) {
        RandomStreams streams = new RandomStreams(recipe.seed());
        Anatomy anatomy = template.orElseGet(() -> new ProceduralAnatomy(streams, index));
        Deformation healthy = Deformation.of(streams, index);
        Population population = Population.of(recipe.variant(), streams, index);
        TumourPlan plan = population.tumour(anatomy, healthy);
        Brain brain = Brain.of(grid, anatomy, healthy.pushedBy(plan.massEffect()));
        Tumour tumour = Tumour.grow(brain, plan, streams, index);
        LabelMap clean = Annotator.clean(brain, tumour);
        LabelMap annotated = Annotator.annotated(brain, tumour, streams, index);
        Mixture mixture = Mixture.of(brain, tumour, plan, clean, population.distractors(), streams, index);
        Map<Sequence, Volume> volumes = new LinkedHashMap<>();
        for (Contrast contrast : population.contrasts(plan)) {
            volumes.put(contrast.sequence(), new Renderer(mixture, contrast, population, streams, index).render());
        }
        return new PhantomSubject(PhantomRecipe.id(index), volumes, annotated, clean, brain.tissues());
    }
}
