package dev.preceptor.cohort;

import dev.preceptor.base.InvalidFileException;
import dev.preceptor.dicom.DicomSegmentation;
import dev.preceptor.nifti.Nifti;
import dev.preceptor.volume.HeadSize;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.LabelSpace;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/** Reads label maps from files of either format: NIfTI, or DICOM segmentations, whose names end in {@code .dcm}. Stateless. */
public final class LabelMapFiles {
    private static final String DICOM = ".dcm";
    private static final String PROBABILITIES = "_prob";

    private LabelMapFiles() {}

    /** Whether the name of a file is that of a DICOM segmentation rather than of a NIfTI file. */
    public static boolean isDicom(Path file) {
        return file.getFileName() != null
                && file.getFileName().toString().toLowerCase(Locale.ROOT).endsWith(DICOM);
    }

    /** The name of a DICOM file without its extension, in Unicode's composed form; empty for any other name. */
    static Optional<String> dicomStem(Path file) {
        String name = file.getFileName().toString();
        return isDicom(file) && name.length() > DICOM.length()
                ? Optional.of(NiftiFiles.composed(name.substring(0, name.length() - DICOM.length())))
                : Optional.empty();
    }

    /** The DICOM segmentation of probabilities beside the label map of a subject. */
    public static Path probabilities(Path labels, String id) {
        return labels.resolveSibling(id + PROBABILITIES + DICOM);
    }

    static boolean isProbabilities(Path file) {
        return dicomStem(file).filter(stem -> stem.endsWith(PROBABILITIES)).isPresent();
    }

    /**
     * Reads a label map on its own grid; that of a DICOM segmentation is the smallest that contains its frames.
     *
     * @param byNumber whether values of the space are numbers of segments, as in {@link DicomSegmentation#labels}
     * @throws InvalidFileException if the file cannot be read, holds labels that the space does not have, or has voxel sizes that
     *     cannot be those of a head
     */
    public static LabelMap read(Path file, LabelSpace space, boolean byNumber) {
        if (isDicom(file)) {
            DicomSegmentation segmentation = segmentation(file);
            return segmentation.labels(space, segmentation.grid(), byNumber);
        }
        SpacingCheck.require(file, Nifti.readHeader(file));
        return Nifti.readLabelMap(file, space);
    }

    /**
     * Reads a DICOM segmentation.
     *
     * @throws InvalidFileException if it cannot be read, or has voxel sizes that cannot be those of a head
     */
    public static DicomSegmentation segmentation(Path file) {
        DicomSegmentation segmentation = DicomSegmentation.read(file);
        HeadSize.problem(segmentation.grid()).ifPresent(problem -> {
            throw new InvalidFileException(file, problem);
        });
        return segmentation;
    }
}
