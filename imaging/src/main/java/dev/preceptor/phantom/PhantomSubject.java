package dev.preceptor.phantom;

import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.Sequence;
import dev.preceptor.volume.Volume;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One synthetic patient: the four sequences of BraTS, annotated and true labels, and the healthy tissue.
 *
 * @param id the name of the subject's folder, for example BraTS2021_90003
 * @param volumes by sequence, in the order of {@link Sequence#BRATS}; whole numbers, at least 1 in the brain, 0 outside
 * @param annotated the labels of a simulated annotator, in schema BRATS_2018
 * @param clean the true labels, the tissue with the largest share of each voxel, in schema BRATS_2018
 * @param tissues the healthy tissue with the largest share of each voxel, ignoring the tumour: 0 outside, 1 CSF, 2 GM,
 *     3 WM
 */
public record PhantomSubject(
        String id, Map<Sequence, Volume> volumes, LabelMap annotated, LabelMap clean, Volume tissues) {
    public PhantomSubject {
        volumes = Collections.unmodifiableMap(new LinkedHashMap<>(volumes));
    }

    /**
     * Generates one subject in memory, on the calling thread.
     *
     * @param index the index of the subject, from 0 to 9999 (inclusive)
     * @throws dev.preceptor.base.InvalidFileException if the recipe names an unsuitable tissue map
     */
    public static PhantomSubject of(PhantomRecipe recipe, int index) {
        return new PhantomGenerator(recipe).subject(index);
    }
}
