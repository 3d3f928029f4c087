package dev.preceptor.cohort;

import java.nio.file.Path;

/**
 * A NIfTI file, or a folder, below a cohort that belongs to none of its subjects.
 *
 * @param path the file or folder
 * @param reason why, in one phrase
 */
public record UnusedFile(Path path, String reason) {
    @Override
    public String toString() {
        return path + ": " + reason;
    }
}
