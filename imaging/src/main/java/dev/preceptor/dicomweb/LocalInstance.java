package dev.preceptor.dicomweb;

import dev.preceptor.base.PreceptorException;
import dev.preceptor.base.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A DICOM file that may be stored in a PACS.
 *
 * @param file the file
 * @param bytes its size
 * @param study its Study Instance UID
 * @param series its Series Instance UID
 * @param uid its SOP Instance UID
 */
public record LocalInstance(Path file, long bytes, String study, String series, String uid) {
    /** @throws PreceptorException if one of the UIDs is not 1 to 64 digits and dots */
    public LocalInstance {
        if (!Uids.isUid(study) || !Uids.isUid(series) || !Uids.isUid(uid)) {
            throw new PreceptorException(
                    file + ": cannot be stored, because its Study, Series or SOP Instance UID is absent or not a UID");
        }
    }

    /** Whether both files have the same bytes. */
    boolean hasContentOf(LocalInstance other) {
        try {
            return Files.mismatch(file, other.file) < 0;
        } catch (IOException e) {
            throw new PreceptorException(file + ", " + other.file + ": cannot be read: " + Reason.of(e), e);
        }
    }
}
