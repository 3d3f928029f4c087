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

/** Makes the subjects of one recipe; the tissue map, if there is one, is read once. Immutable and thread-safe. */
public final class PhantomGenerator {
    private final PhantomRecipe recipe;
    private final Grid grid;
    private final Optional<Anatomy> template;

    /** @throws InvalidFileException if the recipe names a tissue map that cannot serve */
    public PhantomGenerator(PhantomRecipe recipe) {
        this.recipe = recipe;
        grid = PhantomLayout.grid(recipe.size());
        template = recipe.anatomy().map(PhantomGenerator::read);
    }

    private static Anatomy read(Path file) {
        return TissueMapAnatomy.of(Nifti.readVolume(file), file);
    }

    /** The subject of an index from 0 to 9999, whether or not the recipe counts it; on the calling thread. */
    public PhantomSubject subject(int index) {
        RandomStreams streams = new RandomStreams(recipe.seed());
        Anatomy anatomy = template.orElseGet(() -> new ProceduralAnatomy(streams, index));
        Deformation healthy = Deformation.of(streams, index);
        TumourPlan plan = TumourPlan.of(streams, index, anatomy, healthy);
        Brain brain = Brain.of(grid, anatomy, healthy.pushedBy(plan.lesions()));
        Tumour tumour = Tumour.grow(brain, plan, streams, index);
        LabelMap clean = Annotator.clean(brain, tumour);
        LabelMap annotated = Annotator.annotated(brain, tumour, streams, index);
        Mixture mixture = Mixture.of(brain, tumour, plan, clean, streams, index);
        Map<Sequence, Volume> volumes = new LinkedHashMap<>();
        for (Contrast contrast : Contrast.brats()) {
            volumes.put(contrast.sequence(), new Renderer(mixture, contrast, streams, index).render());
        }
        return new PhantomSubject(PhantomRecipe.id(index), volumes, annotated, clean, brain.tissues());
    }
}
