package dev.preceptor.viewer;

import dev.preceptor.base.InvalidFileException;
import dev.preceptor.nifti.Nifti;
import dev.preceptor.nifti.NiftiHeader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What is looked at.
 *
 * @param image a NIfTI file with one image
 * @param overlays label maps; the first is shown, the others can be compared with it
 * @param uncertainty NIfTI with bits per voxel, 0 to 1
 */
public record ViewedFiles(ViewedImage image, List<LabelOverlay> overlays, Optional<Path> uncertainty) {
    /** @throws InvalidFileException if a file cannot be read or has several images */
    public ViewedFiles {
        overlays = List.copyOf(overlays);
        requireOneImage(image.file());
        uncertainty.ifPresent(ViewedFiles::requireOneImage);
    }

    private static void requireOneImage(Path file) {
        NiftiHeader header = Nifti.readHeader(file);
        if (header.frames() != 1) {
            throw new InvalidFileException(
                    file, "has " + header.frames() + " images; write the one to look at into a file of its own");
        }
    }

    /** One line for each file that is on another grid than the image. */
    public List<String> warnings() {
        NiftiHeader header = Nifti.readHeader(image.file());
        List<String> lines = new ArrayList<>();
        overlays.forEach(overlay -> overlay.labels()
                .grid()
                .difference(header.grid(), overlay.file().toString(), image.name())
                .ifPresent(lines::add));
        uncertainty.ifPresent(file -> Nifti.readHeader(file)
                .grid()
                .difference(header.grid(), file.toString(), image.name())
                .ifPresent(lines::add));
        return lines.stream()
                .map(line -> line + "; both are shown where their headers place them")
                .toList();
    }
}
