package dev.preceptor.cohort;

import dev.preceptor.nifti.Nifti;
import dev.preceptor.nifti.NiftiHeader;
import dev.preceptor.volume.Volume;
import java.nio.file.Path;
import java.util.OptionalInt;

/**
 * Where one image of a subject stands.
 *
 * @param path a NIfTI file
 * @param frame which image of a 4-D file, from 0; empty for a 3-D file
 */
public record ImageFile(Path path, OptionalInt frame) {
    /** The image of a 3-D file. */
    public static ImageFile of(Path path) {
        return new ImageFile(path, OptionalInt.empty());
    }

    /** One image of a 4-D file. */
    public static ImageFile of(Path path, int frame) {
        return new ImageFile(path, OptionalInt.of(frame));
    }

    /** Reads the image. */
    public Volume read() {
        return frame.isPresent() ? Nifti.readVolume(path, frame.getAsInt()) : Nifti.readVolume(path);
    }

    /** Reads the header alone. */
    public NiftiHeader header() {
        return Nifti.readHeader(path);
    }

    /** The file's name, and the frame where there is one. */
    @Override
    public String toString() {
        return path.getFileName() + (frame.isPresent() ? " frame " + frame.getAsInt() : "");
    }
}
