package dev.preceptor.dicomweb;

import dev.preceptor.dicom.Tag;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A study as a PACS describes it.
 *
 * @param uid its Study Instance UID
 * @param date as in the PACS, usually {@code 20260131}; may be empty
 * @param modalities of its series, for example MR and SEG
 * @param description may be empty
 * @param series number of series, if the PACS says it
 * @param instances number of instances, if the PACS says it
 * @param patientName personal data, to be shown only to a user who asks for it
 * @param patientId personal data, to be shown only to a user who asks for it
 */
public record PacsStudy(
        String uid,
        String date,
        List<String> modalities,
        String description,
        OptionalInt series,
        OptionalInt instances,
        Optional<String> patientName,
        Optional<String> patientId) {
    public PacsStudy {
        modalities = List.copyOf(modalities);
    }

    static Optional<PacsStudy> of(DicomJson found) {
        return found.text(Tag.STUDY_INSTANCE)
                .filter(Uids::isUid)
                .map(uid -> new PacsStudy(
                        uid,
                        found.text(Tag.STUDY_DATE).orElse(""),
                        found.texts(Tag.MODALITIES_IN_STUDY),
                        found.text(Tag.STUDY_DESCRIPTION).orElse(""),
                        found.count(Tag.NUMBER_OF_STUDY_RELATED_SERIES),
                        found.count(Tag.NUMBER_OF_STUDY_RELATED_INSTANCES),
                        found.text(Tag.PATIENT_NAME),
                        found.text(Tag.PATIENT_ID)));
    }

    /** Without personal data. */
    @Override
    public String toString() {
        return "study " + uid;
    }
}
