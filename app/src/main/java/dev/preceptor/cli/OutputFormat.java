package dev.preceptor.cli;

import dev.preceptor.base.MismatchException;
import dev.preceptor.dicom.SegmentationType;
import dev.preceptor.infer.Predictor;
import dev.preceptor.infer.SegmentationWriter;
import dev.preceptor.nifti.Nifti;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/** The formats in which {@code predict} writes. */
enum OutputFormat {
    NIFTI,
    DICOM_SEG,
    DICOM_LABELMAP;

    /** Refuses an output whose name is that of another format, which would become a folder. */
    void requireNameOf(Path out) {
        String name =
                out.getFileName() == null ? "" : out.getFileName().toString().toLowerCase(Locale.ROOT);
        boolean isNifti = Nifti.isNamed(out);
        if (this == NIFTI ? name.endsWith(".dcm") : isNifti) {
            throw new MismatchException(out + ": is the name of a " + (isNifti ? "NIfTI" : "DICOM")
                    + " file, but --format is " + this + "; "
                    + (isNifti
                            ? "name a .dcm file, or write NIfTI"
                            : "add --format dicom-seg, or name a .nii.gz file"));
        }
    }

    /** The type of DICOM segmentations; empty for NIfTI. */
    Optional<SegmentationType> segmentationType() {
        return switch (this) {
            case NIFTI -> Optional.empty();
            case DICOM_SEG -> Optional.of(SegmentationType.BINARY);
            case DICOM_LABELMAP -> Optional.of(SegmentationType.LABELMAP);
        };
    }

    SegmentationWriter writer(Predictor predictor) {
        return SegmentationWriter.of(segmentationType(), predictor);
    }

    /** The value of the option. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
