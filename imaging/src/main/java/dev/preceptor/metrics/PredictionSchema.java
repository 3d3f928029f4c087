package dev.preceptor.metrics;

import dev.preceptor.base.MismatchException;
import dev.preceptor.cohort.LabelFiles;
import dev.preceptor.cohort.SchemaDecision;
import dev.preceptor.nifti.LabelDeclaration;
import dev.preceptor.nifti.Nifti;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.LabelSchema;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What the labels of predictions mean.
 *
 * @param expected the schema that they are taken to be in
 * @param isTold whether that was said, and not taken from the references
 */
record PredictionSchema(LabelSchema expected, boolean isTold) {

    /**
     * The schema that was told, else that of the references.
     *
     * @throws MismatchException if a {@code dataset.json} of the predictions describes another one and none was told
     */
    static PredictionSchema of(LabelFiles predictions, LabelSchema references, Optional<LabelSchema> told) {
        if (told.isPresent()) {
            return new PredictionSchema(told.get(), true);
        }
        Optional<LabelSchema> described = predictions
                .description()
                .flatMap(file -> predictions.described())
                .map(SchemaDecision::schema);
        described.filter(own -> !own.agreesWith(references)).ifPresent(own -> {
            throw new MismatchException(predictions.description().orElseThrow() + ": says that the predictions are in "
                    + own + " but the references are in " + references
                    + "; name the schema of the predictions to have them mapped: --prediction-schema "
                    + predictions.description().orElseThrow());
        });
        return new PredictionSchema(references, false);
    }

    /**
     * Reads a prediction.
     *
     * @throws MismatchException if its header declares labels that mean something else
     * @throws dev.preceptor.base.InvalidFileException if it is broken, holds a label that the schema does not know, or declares
     *     labels that cannot be understood and no schema was told
     */
    LabelMap read(Path file) {
        // A declaration that cannot be understood is refused, unless somebody says what it means.
        Optional<LabelSchema> declared = isTold
                ? SchemaDecision.declarationIn(file).flatMap(LabelDeclaration::schema)
                : SchemaDecision.declaredIn(file);
        declared.ifPresent(own -> requireAgreement(file, own));
        return Nifti.readLabelMap(file, expected);
    }

    private void requireAgreement(Path file, LabelSchema declared) {
        if (!declared.agreesWith(expected)) {
            throw new MismatchException(file + ": was written in " + declared + " but "
                    + (isTold ? "is said to be in " : "the references are in ") + expected
                    + "; name the schema of the predictions to have them mapped: --prediction-schema \"" + declared
                    + "\"");
        }
    }
}
