package dev.preceptor.quality;

import dev.preceptor.volume.Volume;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

/** The reduced images of a subject by the name of the sequence, and the features of its lesion; a few hundred kB. Immutable. */
public final class SubjectImages {
    private final Map<String, CoarseImage> images;
    private final Optional<LesionFeatures> lesion;

    private SubjectImages(Map<String, CoarseImage> images, Optional<LesionFeatures> lesion) {
        this.images = Collections.unmodifiableMap(new TreeMap<>(images));
        this.lesion = lesion;
    }

    /** The images of a subject without a lesion, each read and reduced in turn. */
    public static SubjectImages of(Iterable<String> sequences, Function<String, Optional<Volume>> read) {
        Map<String, CoarseImage> images = new TreeMap<>();
        for (String sequence : sequences) {
            read.apply(sequence).ifPresent(volume -> images.put(sequence, CoarseImage.of(volume)));
        }
        return new SubjectImages(images, Optional.empty());
    }

    /**
     * The same subject with its lesion.
     *
     * @param mask of the lesion by voxel index
     * @param inputs the sequences whose intensities count, in order
     * @param volumes of at least one of them, on the grid of the mask
     */
    public SubjectImages withLesion(BitSet mask, List<String> inputs, Map<String, Volume> volumes) {
        List<Volume> ordered = new ArrayList<>();
        List<CoarseImage> reduced = new ArrayList<>();
        for (String input : inputs) {
            boolean isThere = volumes.containsKey(input) && images.containsKey(input);
            ordered.add(isThere ? volumes.get(input) : null);
            reduced.add(isThere ? images.get(input) : null);
        }
        return new SubjectImages(images, Optional.of(LesionFeatures.of(mask, ordered, reduced)));
    }

    Map<String, CoarseImage> images() {
        return images;
    }

    Optional<LesionFeatures> lesion() {
        return lesion;
    }
}
