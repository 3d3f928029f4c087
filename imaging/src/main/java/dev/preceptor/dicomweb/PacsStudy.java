package dev.preceptor.dicomweb;

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
        return found.text("0020000D")
                .filter(Uids::isUid)
                .map(uid -> new PacsStudy(
                        uid,
                        found.text("00080020").orElse(""),
                        found.texts("00080061"),
                        found.text("00081030").orElse(""),
                        found.count("00201206"),
                        found.count("00201208"),
                        found.text("00100010"),
                        found.text("00100020")));
    }

    /** Without personal data. */
    @Override
    public String toString() {
        return "study " + uid;
    }
}
