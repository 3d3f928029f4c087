package dev.preceptor.dicomweb;

import java.util.Optional;
import java.util.OptionalInt;

/**
 * A series as a PACS describes it.
 *
 * @param uid its Series Instance UID
 * @param modality for example MR; may be empty
 * @param number the Series Number, if the PACS says it
 * @param description may be empty
 * @param instances number of instances, if the PACS says it
 */
public record PacsSeries(String uid, String modality, OptionalInt number, String description, OptionalInt instances) {
    static Optional<PacsSeries> of(DicomJson found) {
        return found.text("0020000E")
                .filter(Uids::isUid)
                .map(uid -> new PacsSeries(
                        uid,
                        found.text("00080060").orElse(""),
                        found.count("00200011"),
                        found.text("0008103E").orElse(""),
                        found.count("00201209")));
    }
}
