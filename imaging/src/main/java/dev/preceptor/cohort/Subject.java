package dev.preceptor.cohort;

import dev.preceptor.base.InvalidCohortException;
import dev.preceptor.base.MismatchException;
import dev.preceptor.nifti.Nifti;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.LabelSchema;
import dev.preceptor.volume.Sequence;
import dev.preceptor.volume.Volume;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * One patient visit: where its images lie and, if it has been annotated, its label map. Holds paths only; every call of a
 * loading method reads the file again.
 *
 * @param id unique in its cohort
 * @param images by sequence; at least one unless a fault says why there is none
 * @param labelFile the label map, if there is one
 * @param schema the schema of the label map
 * @param faults why files that the subject is known to have are not among these
 */
public record Subject(
        String id, Map<Sequence, ImageFile> images, Optional<Path> labelFile, LabelSchema schema, FileFaults faults) {

    public Subject {
        images = Collections.unmodifiableMap(new TreeMap<>(images));
        if (images.isEmpty() && faults.isEmpty()) {
            throw new IllegalArgumentException("subject " + id + " has no image");
        }
    }

    /** A subject whose files are as they should be. */
    public Subject(String id, Map<Sequence, ImageFile> images, Optional<Path> labelFile, LabelSchema schema) {
        this(id, images, labelFile, schema, FileFaults.NONE);
    }

    /** Whether there is a label map. */
    public boolean hasLabels() {
        return labelFile.isPresent();
    }

    /** Those of the wanted sequences that this subject lacks, other than by a fault of {@link #faults()}. */
    public List<Sequence> missing(List<Sequence> wanted) {
        return wanted.stream()
                .filter(s -> !images.containsKey(s) && faults.of(s).isEmpty())
                .toList();
    }

    /**
     * Where one image stands.
     *
     * @throws InvalidCohortException if the subject lacks the sequence, or its file is at fault
     */
    public ImageFile image(Sequence sequence) {
        ImageFile file = images.get(sequence);
        if (file == null) {
            faults.of(sequence).ifPresent(fault -> {
                throw new InvalidCohortException("subject " + id + ": " + fault);
            });
            throw new InvalidCohortException("subject " + id + ": has no " + sequence + ", only "
                    + images.keySet().stream().map(Sequence::name).collect(Collectors.joining(", ")));
        }
        return file;
    }

    /**
     * Reads one image. Where its header differs from that of the subject's other images by less than a voxel, it is put on
     * their common grid ({@link #grid()}).
     *
     * @throws MismatchException if it lies on another grid
     */
    public Volume volume(Sequence sequence) {
        ImageFile file = image(sequence);
        Volume volume = file.read();
        return new Volume(common(volume.grid(), file.toString()), volume.voxels());
    }

    /** Reads several images, which lie on one grid. */
    public Map<Sequence, Volume> volumes(List<Sequence> sequences) {
        Map<Sequence, Volume> volumes = new TreeMap<>();
        sequences.forEach(sequence -> volumes.put(sequence, volume(sequence)));
        return volumes;
    }

    /**
     * Reads the label map, on the grid of the images.
     *
     * @throws InvalidCohortException if there is none
     * @throws MismatchException if it lies on another grid
     */
    public LabelMap labels() {
        Path file = labelFile.orElseThrow(() -> new InvalidCohortException(
                "subject " + id + ": " + faults.labels().orElse("has no label map; it can be predicted, not scored")));
        LabelMap labels = Nifti.readLabelMap(file, schema);
        return new LabelMap(common(labels.grid(), file.getFileName().toString()), labels.voxels(), schema);
    }

    /** The grid of the subject: that of its first image in the order of the names of sequences. Reads one header. */
    public Grid grid() {
        return first().header().grid();
    }

    private Grid common(Grid own, String what) {
        Grid first = grid();
        if (own.matches(first)) {
            return own;
        }
        if (!own.matchesWithinOneVoxel(first)) {
            own.requireMatches(first, "subject " + id + ": " + what, first().toString());
        }
        return first;
    }

    private ImageFile first() {
        return images.values().stream()
                .findFirst()
                .orElseThrow(() -> new InvalidCohortException(
                        "subject " + id + ": " + faults.lines().get(0)));
    }
}
