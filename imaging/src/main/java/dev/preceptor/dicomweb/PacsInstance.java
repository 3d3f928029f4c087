package dev.preceptor.dicomweb;

import dev.preceptor.dicom.Tag;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * An instance, which is one file, as a PACS describes it.
 *
 * @param study the Study Instance UID
 * @param series the Series Instance UID
 * @param uid its SOP Instance UID
 * @param sopClass the SOP Class UID; may be empty
 * @param number the Instance Number, if the PACS says it
 */
public record PacsInstance(String study, String series, String uid, String sopClass, OptionalInt number) {
    static Optional<PacsInstance> of(DicomJson found, String study, String series) {
        return found.text(Tag.SOP_INSTANCE)
                .filter(Uids::isUid)
                .map(uid -> new PacsInstance(
                        study, series, uid, found.text(Tag.SOP_CLASS).orElse(""), found.count(Tag.INSTANCE_NUMBER)));
    }
}
