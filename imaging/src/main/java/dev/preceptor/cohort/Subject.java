package dev.preceptor.cohort;

import dev.preceptor.base.InvalidCohortException;
import dev.preceptor.base.MismatchException;
import dev.preceptor.nifti.Nifti;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.ImageSource;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Sequence;
import dev.preceptor.volume.Volume;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * One visit of a patient: its images and, if it has been annotated, the file of its label map. Every call of a loading method
 * reads the voxels again.
 *
 * @param id unique in its cohort
 * @param images by sequence; at least one unless {@code faults} says why there is none
 * @param labelFile the label map, if there is one
 * @param schema the label schema of the label map
 * @param faults why other files of the subject cannot be used
 */
public record Subject(
        String id, Map<Sequence, ImageSource> images, Optional<Path> labelFile, LabelSpace schema, FileFaults faults) {

    public Subject {
        images = Collections.unmodifiableMap(new TreeMap<>(images));
        if (images.isEmpty() && faults.isEmpty()) {
            throw new IllegalArgumentException("subject " + id + " has no image");
        }
    }

    /** A subject without faults. */
    public Subject(String id, Map<Sequence, ImageSource> images, Optional<Path> labelFile, LabelSpace schema) {
        this(id, images, labelFile, schema, FileFaults.NONE);
    }

    /** The images alone. */
    public ImageSet imageSet() {
        return new ImageSet(id, images, labelFile.stream().toList(), faults);
    }

    /** The same images without the label map. */
    Subject withoutLabels(LabelSpace labels) {
        return new Subject(id, images, Optional.empty(), labels, faults.ofImages());
    }

    /** Whether there is a label map. */
    public boolean hasLabels() {
        return labelFile.isPresent();
    }

    /**
     * The required sequences for which this subject has no file; those with a fault in {@link #faults()} are not included.
     */
    public List<Sequence> missing(List<Sequence> required) {
        return required.stream()
                .filter(s -> !images.containsKey(s) && faults.of(s).isEmpty())
                .toList();
    }

    /**
     * The source of one image.
     *
     * @throws InvalidCohortException if the subject has no usable file of that sequence
     */
    public ImageSource image(Sequence sequence) {
        return imageSet().image(sequence);
    }

    /**
     * Reads one image. If its header differs from that of the other images by less than a voxel, the image gets their
     * common grid ({@link #grid()}).
     *
     * @throws InvalidCohortException if the subject has no usable file of that sequence
     * @throws MismatchException if the image is on another grid
     */
    public Volume volume(Sequence sequence) {
        return imageSet().volume(sequence);
    }

    /** Reads several images, all on one grid. */
    public Map<Sequence, Volume> volumes(List<Sequence> sequences) {
        return imageSet().volumes(sequences);
    }

    /**
     * Reads the label map on the grid of the images.
     *
     * @throws InvalidCohortException if there is none
     * @throws MismatchException if it is on another grid
     */
    public LabelMap labels() {
        Path file = labelFile.orElseThrow(() -> new InvalidCohortException(
                "subject " + id + ": " + faults.labels().orElse("has no label map; it can be predicted, not scored")));
        LabelMap labels = Nifti.readLabelMap(file, schema);
        Grid grid = imageSet().onCommonGrid(labels.grid(), file.getFileName().toString());
        return new LabelMap(grid, labels.voxels(), schema);
    }

    /** The grid of the subject: that of its first image in the order of sequence names. Reads at most one header. */
    public Grid grid() {
        return imageSet().grid();
    }
}
