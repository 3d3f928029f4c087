package dev.preceptor.volume;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * One image of a subject, wherever and in whatever format it is stored. A format has one implementation; NIfTI's is
 * {@code cohort.NiftiImage}. Implementations are thread-safe, and {@link #toString()} is the name of the image in messages.
 *
 * <p>Errors in the stored image are {@link dev.preceptor.base.InvalidFileException}s that name the file.
 */
public interface ImageSource {
    /** Reads the image. Each call reads the voxels again. */
    Volume read();

    /**
     * Reads several images that are stored in the same {@link #files}, in one pass if the format can.
     *
     * @param images this one among them
     * @return the volumes in the order of the images
     */
    default List<Volume> readTogether(List<ImageSource> images) {
        return images.stream().map(ImageSource::read).toList();
    }

    /** The grid of the image. Reads at most the header, and nothing after {@link #read()} or an earlier call. */
    default Grid grid() {
        return provenance().grid();
    }

    /**
     * What a result on the grid of this image repeats of it. Reads at most the header, and nothing after {@link #read()} or an
     * earlier call.
     */
    Provenance provenance();

    /**
     * Why the voxel sizes that the header states cannot be those of a head, in one line; empty if they are plausible. Reads as
     * little as {@link #provenance()}.
     */
    Optional<String> geometryProblem();

    /** What the reader of a result should know about the image, in one line; most have nothing to say. */
    default Optional<String> note() {
        return Optional.empty();
    }

    /** The files in which the image is stored, at least one; does not open them. */
    List<Path> files();

    /** Which image of its files this is, as a text that never changes, for hashes. */
    String selector();
}
