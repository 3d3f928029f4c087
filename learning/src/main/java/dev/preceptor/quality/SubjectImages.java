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

/** The reduced images of a subject by the name of the sequence, and the features of its lesion; a few dozen kB. Immutable. */
public final class SubjectImages {
    private final Map<String, CoarseImage> images;
    private final Optional<LesionFeatures> lesion;

    private SubjectImages(Map<String, CoarseImage> images, Optional<LesionFeatures> lesion) {
        this.images = Collections.unmodifiableMap(new TreeMap<>(images));
        this.lesion = lesion;
    }

    /**
     * Reduces the images of a subject without a lesion.
     *
     * @param sequences their names
     * @param read reads one; called once for each, and the volume is not kept; empty leaves it out
     */
    public static SubjectImages of(Iterable<String> sequences, Function<String, Optional<Volume>> read) {
        return of(sequences, read, Optional.empty());
    }

    /**
     * Reduces the images of a subject.
     *
     * @param sequences their names
     * @param read reads one; called once for each, and the volume is not kept; empty leaves it out
     * @param mask of the lesion by voxel index, on the grid of all images
     */
    public static SubjectImages of(
            Iterable<String> sequences, Function<String, Optional<Volume>> read, Optional<BitSet> mask) {
        Map<String, CoarseImage> images = new TreeMap<>();
        Map<String, Double> intensities = new TreeMap<>();
        List<Double> geometry = new ArrayList<>();
        for (String sequence : sequences) {
            Optional<Volume> volume = read.apply(sequence);
            if (volume.isPresent()) {
                CoarseImage image = CoarseImage.of(volume.get());
                images.put(sequence, image);
                if (mask.isPresent()) {
                    intensities.put(sequence, LesionFeatures.intensity(mask.get(), volume.get(), image));
                    if (geometry.isEmpty()) {
                        geometry.addAll(LesionFeatures.geometry(mask.get(), volume.get(), image));
                    }
                }
            }
        }
        return new SubjectImages(
                images, geometry.isEmpty() ? Optional.empty() : Optional.of(new LesionFeatures(geometry, intensities)));
    }

    /**
     * The same images with a lesion.
     *
     * @param mask by voxel index
     * @param volumes the images themselves, on one grid
     */
    public SubjectImages withLesion(BitSet mask, Map<String, Volume> volumes) {
        Map<String, Double> intensities = new TreeMap<>();
        List<Double> geometry = new ArrayList<>();
        images.forEach((sequence, image) -> {
            intensities.put(sequence, LesionFeatures.intensity(mask, volumes.get(sequence), image));
            if (geometry.isEmpty()) {
                geometry.addAll(LesionFeatures.geometry(mask, volumes.get(sequence), image));
            }
        });
        return new SubjectImages(images, Optional.of(new LesionFeatures(geometry, intensities)));
    }

    Map<String, CoarseImage> images() {
        return images;
    }

    Optional<LesionFeatures> lesion() {
        return lesion;
    }
}
