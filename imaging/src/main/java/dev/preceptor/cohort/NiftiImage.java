package dev.preceptor.cohort;

import dev.preceptor.nifti.Nifti;
import dev.preceptor.nifti.NiftiHeader;
import dev.preceptor.volume.ImageSource;
import dev.preceptor.volume.Volume;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * An image in a NIfTI file. The header is remembered once read, so that an image that is read is opened once. Two are equal if
 * path and frame are.
 */
public final class NiftiImage implements ImageSource {
    private final Path path;
    private final OptionalInt frame;
    private volatile NiftiHeader header;

    private NiftiImage(Path path, OptionalInt frame) {
        this.path = path;
        this.frame = frame;
    }

    /** A file with one image. */
    public static NiftiImage of(Path path) {
        return new NiftiImage(path, OptionalInt.empty());
    }

    /**
     * One image of a 4-D file.
     *
     * @param frame its index, from 0
     */
    public static NiftiImage of(Path path, int frame) {
        return new NiftiImage(path, OptionalInt.of(frame));
    }

    /** The file. */
    public Path path() {
        return path;
    }

    /** The index of the image in a 4-D file, from 0; empty for a file with one image. */
    public OptionalInt frame() {
        return frame;
    }

    @Override
    public Volume read() {
        Nifti.HeaderAndVolumes file =
                frame.isPresent() ? Nifti.readWithHeader(path, List.of(frame.getAsInt())) : Nifti.readWithHeader(path);
        header = file.header();
        return file.volumes().get(0);
    }

    /** Reads the frames of a 4-D file in one pass. */
    @Override
    public List<Volume> readTogether(List<ImageSource> images) {
        List<NiftiImage> frames = images.stream()
                .filter(image ->
                        image instanceof NiftiImage other && other.path.equals(path) && other.frame.isPresent())
                .map(NiftiImage.class::cast)
                .toList();
        if (frames.size() < images.size()) {
            return ImageSource.super.readTogether(images);
        }
        Nifti.HeaderAndVolumes file = Nifti.readWithHeader(
                path, frames.stream().map(image -> image.frame.getAsInt()).toList());
        frames.forEach(image -> image.header = file.header());
        return file.volumes();
    }

    @Override
    public NiftiHeader provenance() {
        NiftiHeader known = header;
        if (known == null) {
            known = Nifti.readHeader(path);
            header = known;
        }
        return known;
    }

    @Override
    public Optional<String> geometryProblem() {
        return SpacingCheck.problem(provenance());
    }

    @Override
    public List<Path> files() {
        return Nifti.files(path);
    }

    @Override
    public String selector() {
        return frame.toString();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof NiftiImage image && path.equals(image.path) && frame.equals(image.frame);
    }

    @Override
    public int hashCode() {
        return Objects.hash(path, frame);
    }

    /** The name of the file, and the frame of a 4-D file. */
    @Override
    public String toString() {
        return path.getFileName() + (frame.isPresent() ? " frame " + frame.getAsInt() : "");
    }
}
