package dev.preceptor.phantom;

import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.Sequence;
import dev.preceptor.volume.Volume;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One patient who never was: the four sequences of BraTS, an annotator's labels, and the truth.
 *
 * @param id as the folder is called, for instance BraTS2021_90003
 * @param volumes by sequence in the order of {@link Sequence#BRATS}; whole numbers, exactly 0 outside the brain
 * @param annotated what a person would draw, in schema BRATS_2018
 * @param clean the tissue that holds most of each voxel, in schema BRATS_2018
 * @param tissues the healthy tissue that holds, or before the tumour held, most of each voxel: 1 CSF, 2 GM, 3 WM, 0 outside
 */
public record PhantomSubject(
        String id, Map<Sequence, Volume> volumes, LabelMap annotated, LabelMap clean, Volume tissues) {
    public PhantomSubject {
        volumes = Collections.unmodifiableMap(new LinkedHashMap<>(volumes));
    }

    /**
     * Makes the subject of an index, in memory, on the calling thread.
     *
     * @throws dev.preceptor.base.InvalidFileException if the recipe names a tissue map that cannot serve
     */
    public static PhantomSubject of(PhantomRecipe recipe, int index) {
        return new PhantomGenerator(recipe).subject(index);
    }
}
