package dev.preceptor.cohort;

import dev.preceptor.nifti.Nifti;
import dev.preceptor.nifti.NiftiHeader;
import dev.preceptor.volume.Volume;
import java.nio.file.Path;
import java.util.OptionalInt;

/**
 * The file of one image of a subject.
 *
 * @param path a NIfTI file
 * @param frame the index of the image in a 4-D file, from 0; empty for a 3-D file
 */
public record ImageFile(Path path, OptionalInt frame) {
    /** A 3-D file. */
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

    /** Reads only the header. */
    public NiftiHeader header() {
        return Nifti.readHeader(path);
    }

    /** The name of the file, and the frame of a 4-D file. */
    @Override
    public String toString() {
        return path.getFileName() + (frame.isPresent() ? " frame " + frame.getAsInt() : "");
    }
}
