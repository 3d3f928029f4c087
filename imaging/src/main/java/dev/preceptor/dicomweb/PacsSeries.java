package dev.preceptor.dicomweb;

import dev.preceptor.dicom.Tag;
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
        return found.text(Tag.SERIES_INSTANCE)
                .filter(Uids::isUid)
                .map(uid -> new PacsSeries(
                        uid,
                        found.text(Tag.MODALITY).orElse(""),
                        found.count(Tag.SERIES_NUMBER),
                        found.text(Tag.SERIES_DESCRIPTION).orElse(""),
                        found.count(Tag.NUMBER_OF_SERIES_RELATED_INSTANCES)));
    }
}
