package dev.preceptor.infer;

import dev.preceptor.base.MismatchException;
import dev.preceptor.dicom.SegmentationType;
import dev.preceptor.volume.Provenance;
import dev.preceptor.volume.Region;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Writes the predictions of a {@link PredictionJob} in one file format. Implementations are stateless and thread-safe; NIfTI's is
 * {@link NiftiSegmentations}, DICOM's {@link DicomSegmentations}.
 */
public interface SegmentationWriter {
    /**
     * The writer of a format.
     *
     * @param dicom the type of DICOM segmentations; empty for NIfTI files
     * @param predictor whose labels DICOM segmentations describe
     */
    static SegmentationWriter of(Optional<SegmentationType> dicom, Predictor predictor) {
        return dicom.<SegmentationWriter>map(type -> DicomSegmentations.of(type, predictor))
                .orElseGet(NiftiSegmentations::new);
    }

    /** What tells files of this writer from others of the same names; with another value an earlier output is not kept. */
    default String format() {
        return "";
    }

    /**
     * Refuses an image of which this format cannot hold a segmentation, before it is segmented.
     *
     * @param provenance of the image of the model's first sequence
     * @throws dev.preceptor.base.MismatchException with cause and remedy
     */
    default void requireWritable(Provenance provenance) {}

    /** Whether a path names a file of this format, for one subject, rather than a folder. */
    boolean namesFile(Path output);

    /**
     * The files of one subject in the order in which they are written. The last one holds the labels: its presence means that
     * the subject is complete. The others have its name with an ending of their own.
     *
     * @param output a file of this format, or the folder of the files
     * @param id of the subject
     * @param probabilities the regions whose probabilities are written too
     */
    List<Path> files(Path output, String id, List<Region> probabilities);

    /**
     * The file of the uncertainty of one subject; empty if the format has none.
     *
     * @param output a file of this format, or the folder of the files
     * @param id of the subject
     */
    default Optional<Path> uncertaintyFile(Path output, String id) {
        return Optional.empty();
    }

    /**
     * Refuses {@code --uncertainty} where the format has no file for it.
     *
     * @param output as the user names it
     * @throws MismatchException with cause and remedy
     */
    default void requireUncertainty(String output) {
        if (uncertaintyFile(Path.of(""), "").isEmpty()) {
            throw new MismatchException(output + ": files of this format hold no uncertainty; leave out --uncertainty");
        }
    }

    /**
     * Writes the {@linkplain Prediction#uncertainty uncertainty} of one subject, whole or not at all. Called before {@link #write}.
     *
     * @param prediction on the grid of the image, or on one that differs from it by less than a voxel
     * @param provenance of the image of the model's first sequence, whose geometry the file gets
     * @param file what {@link #uncertaintyFile} gave
     * @throws dev.preceptor.base.PreceptorException if the file cannot be written
     */
    default void writeUncertainty(Prediction prediction, Provenance provenance, Path file) {
        throw new UnsupportedOperationException("this format has no uncertainty");
    }

    /**
     * Writes one subject, each file whole or not at all.
     *
     * @param prediction on the grid of the image, or on one that differs from it by less than a voxel
     * @param provenance of the image of the model's first sequence, whose geometry the files get
     * @param probabilities the regions whose probabilities are written too
     * @param files what {@link #files} gave for these regions
     * @throws dev.preceptor.base.PreceptorException if a file cannot be written
     */
    void write(Prediction prediction, Provenance provenance, List<Region> probabilities, List<Path> files);
}
