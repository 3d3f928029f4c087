package dev.preceptor.cohort;

import dev.preceptor.base.InvalidCohortException;
import dev.preceptor.base.InvalidFileException;
import dev.preceptor.base.MismatchException;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.ImageSource;
import dev.preceptor.volume.Sequence;
import dev.preceptor.volume.Volume;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The images of one visit of a patient, which is all that prediction needs. Every call of a loading method reads the voxels
 * again.
 *
 * @param id unique among the sets that are used together
 * @param images by sequence; at least one unless {@code faults} says why there is none
 * @param otherFiles files of the same visit that are not images, such as a label map; never opened
 * @param faults why other files of the visit cannot be used
 */
public record ImageSet(String id, Map<Sequence, ImageSource> images, List<Path> otherFiles, FileFaults faults) {
    public ImageSet {
        images = Collections.unmodifiableMap(new TreeMap<>(images));
        otherFiles = List.copyOf(otherFiles);
        if (images.isEmpty() && faults.isEmpty()) {
            throw new IllegalArgumentException("subject " + id + " has no image");
        }
    }

    /** Images without other files and without faults. */
    public static ImageSet of(String id, Map<Sequence, ? extends ImageSource> images) {
        return new ImageSet(id, Map.copyOf(images), List.of(), FileFaults.NONE);
    }

    /**
     * The image sets below a folder in any {@link CohortLayout}, by id. Reads file names and the channels of a
     * {@code dataset.json}; label maps and their description do not matter.
     *
     * @throws InvalidCohortException if there is none
     */
    public static List<ImageSet> in(Path folder) {
        return Cohort.openImages(folder).subjects().stream()
                .map(Subject::imageSet)
                .toList();
    }

    /**
     * The source of one image.
     *
     * @throws InvalidCohortException if there is no usable image of that sequence
     */
    public ImageSource image(Sequence sequence) {
        ImageSource image = images.get(sequence);
        if (image == null) {
            faults.of(sequence).ifPresent(fault -> {
                throw new InvalidCohortException("subject " + id + ": " + fault);
            });
            throw new InvalidCohortException(
                    "subject " + id + ": has no " + sequence + ", only " + Sequence.names(images.keySet()));
        }
        return image;
    }

    /**
     * Reads one image. If its header differs from that of the other images by less than a voxel, the image gets their
     * common grid ({@link #grid()}).
     *
     * @throws InvalidCohortException if there is no usable image of that sequence
     * @throws MismatchException if the image is on another grid
     */
    public Volume volume(Sequence sequence) {
        return volumes(List.of(sequence)).get(sequence);
    }

    /** Reads several images, all on one grid; those that share a file in one pass. */
    public Map<Sequence, Volume> volumes(List<Sequence> sequences) {
        Map<Sequence, Volume> volumes = read(sequences);
        volumes.replaceAll((sequence, volume) -> placed(image(sequence), volume));
        return volumes;
    }

    /**
     * Reads several images, all on one grid, and refuses voxel sizes that cannot be those of a head.
     *
     * @throws InvalidFileException if the header of one states such sizes
     */
    public Map<Sequence, Volume> plausibleVolumes(List<Sequence> sequences) {
        Map<Sequence, Volume> volumes = read(sequences);
        volumes.keySet().forEach(sequence -> {
            ImageSource image = image(sequence);
            image.geometryProblem().ifPresent(problem -> {
                throw new InvalidFileException(image.files().get(0), problem);
            });
        });
        volumes.replaceAll((sequence, volume) -> placed(image(sequence), volume));
        return volumes;
    }

    /** Reads several images as they are stored; those that share a file in one pass. */
    Map<Sequence, Volume> read(List<Sequence> sequences) {
        Map<List<Path>, List<Sequence>> byFiles = new LinkedHashMap<>();
        for (Sequence sequence : sequences) {
            byFiles.computeIfAbsent(image(sequence).files(), files -> new ArrayList<>())
                    .add(sequence);
        }
        Map<Sequence, Volume> volumes = new TreeMap<>();
        for (List<Sequence> together : byFiles.values()) {
            List<ImageSource> images = together.stream().map(this::image).toList();
            List<Volume> read = images.size() == 1
                    ? List.of(images.get(0).read())
                    : images.get(0).readTogether(images);
            for (int i = 0; i < together.size(); i++) {
                volumes.put(together.get(i), read.get(i));
            }
        }
        return volumes;
    }

    /** The grid of the subject: that of its first image in the order of sequence names. Reads at most one header. */
    public Grid grid() {
        return first().grid();
    }

    private Volume placed(ImageSource image, Volume volume) {
        return new Volume(onCommonGrid(volume.grid(), image.toString()), volume.voxels());
    }

    Grid onCommonGrid(Grid grid, String name) {
        Grid first = grid();
        if (grid.matches(first)) {
            return grid;
        }
        if (!grid.matchesWithinOneVoxel(first)) {
            grid.requireMatches(first, "subject " + id + ": " + name, first().toString());
        }
        return first;
    }

    private ImageSource first() {
        return images.values().stream()
                .findFirst()
                .orElseThrow(() -> new InvalidCohortException(
                        "subject " + id + ": " + faults.lines().get(0)));
    }
}
