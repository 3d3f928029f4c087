package dev.preceptor.data;

import dev.preceptor.volume.Box;

/**
 * Identifies the content of a patch within a training.
 *
 * @param phase number of the phase, from 0
 * @param subject ID of the subject
 * @param box where the patch lies, in voxels of the sample; it may reach outside
 * @param flipX whether the patch is mirrored along x; likewise y and z
 * @param altered whether random augmentation changed voxels, so that the other components do not determine them
 * @param isRepeated whether a later batch contains the same patches in the same order: true of validation tiles, and of
 *     patches that cover the whole volume in batches of one
 */
public record PatchKey(
        int phase,
        String subject,
        Box box,
        boolean flipX,
        boolean flipY,
        boolean flipZ,
        boolean altered,
        boolean isRepeated) {

    /** A patch that is neither mirrored nor augmented. */
    public static PatchKey plain(int phase, String subject, Box box, boolean isRepeated) {
        return new PatchKey(phase, subject, box, false, false, false, false, isRepeated);
    }

    /** This patch after random augmentation changed it. */
    PatchKey asAltered() {
        return new PatchKey(phase, subject, box, flipX, flipY, flipZ, true, isRepeated);
    }
}
