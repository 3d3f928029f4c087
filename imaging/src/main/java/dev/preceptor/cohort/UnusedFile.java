package dev.preceptor.cohort;

import java.nio.file.Path;

/**
 * A NIfTI or DICOM file, or a folder, below a cohort that belongs to no subject.
 *
 * @param path the file or folder
 * @param reason why it is not used, in one phrase
 */
public record UnusedFile(Path path, String reason) {
    @Override
    public String toString() {
        return path + ": " + reason;
    }
}
