package dev.preceptor.metrics;

import dev.preceptor.base.MismatchException;
import dev.preceptor.cohort.LabelFiles;
import dev.preceptor.cohort.LabelMapFiles;
import dev.preceptor.cohort.SchemaDecision;
import dev.preceptor.dicom.DicomSegmentation;
import dev.preceptor.nifti.LabelDeclaration;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.LabelSpace;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The label schema of a set of predictions.
 *
 * @param expected the schema in which the predictions are read
 * @param isGiven whether the caller gave it; otherwise it is the schema of the references
 */
record PredictionSchema(LabelSpace expected, boolean isGiven) {

    /**
     * The given schema, else the schema of the references.
     *
     * @throws MismatchException if no schema is given and a {@code dataset.json} of the predictions describes a different
     *     one than that of the references
     */
    static PredictionSchema of(LabelFiles predictions, LabelSpace references, Optional<LabelSpace> given) {
        if (given.isPresent()) {
            return new PredictionSchema(given.get(), true);
        }
        Optional<LabelSpace> described = predictions
                .description()
                .flatMap(file -> predictions.described())
                .map(SchemaDecision::schema);
        described.filter(schema -> !schema.agreesWith(references)).ifPresent(schema -> {
            throw new MismatchException(predictions.description().orElseThrow() + ": the predictions are in "
                    + schema + " but the references are in " + references
                    + "; name the schema of the predictions to have them mapped: --prediction-schema "
                    + predictions.description().orElseThrow());
        });
        return new PredictionSchema(references, false);
    }

    /**
     * Reads a prediction for the grid of its reference: a DICOM segmentation whose pixels are voxels of that grid on it, any other
     * file on its own grid.
     *
     * @throws MismatchException as {@link #read(Path)}
     * @throws dev.preceptor.base.InvalidFileException as {@link #read(Path)}
     */
    LabelMap read(Path file, Grid grid) {
        if (!LabelMapFiles.isDicom(file)) {
            return read(file);
        }
        DicomSegmentation segmentation = LabelMapFiles.segmentation(file);
        return segmentation.labels(expected, segmentation.liesOn(grid) ? grid : segmentation.grid(), isGiven);
    }

    /**
     * Reads a prediction in a NIfTI file.
     *
     * @throws MismatchException if its header declares labels with another meaning
     * @throws dev.preceptor.base.InvalidFileException if the file is broken, holds a label that the schema does not define,
     *     or declares labels without their meaning while no schema is given
     */
    LabelMap read(Path file) {
        // A declaration without the meaning of its labels is refused unless the caller gave the schema.
        Optional<LabelSpace> declared = isGiven
                ? SchemaDecision.declarationIn(file).flatMap(LabelDeclaration::schema)
                : SchemaDecision.declaredIn(file);
        declared.ifPresent(schema -> requireAgreement(file, schema));
        return LabelMapFiles.read(file, expected, isGiven);
    }

    private void requireAgreement(Path file, LabelSpace declared) {
        if (!declared.agreesWith(expected)) {
            throw new MismatchException(file + ": was written in " + declared + " but "
                    + (isGiven ? "the given schema is " : "the references are in ") + expected
                    + "; name the schema of the predictions to have them mapped: --prediction-schema \"" + declared
                    + "\"");
        }
    }
}
