package dev.preceptor.viewer;

import dev.preceptor.base.InvalidFileException;
import dev.preceptor.dicom.DicomFolder;
import dev.preceptor.dicom.DicomImage;
import dev.preceptor.dicom.DicomSeries;
import dev.preceptor.nifti.Nifti;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The image that is looked at.
 *
 * @param name shown as its title: of the file, or of the DICOM series, which is not that of the patient
 * @param file NIfTI
 */
public record ViewedImage(String name, Path file) {
    private static final int LISTED = 12;

    /**
     * Opens a NIfTI file, or a DICOM series, which is written as NIfTI for the page.
     *
     * @param path a file, or a folder with DICOM files
     * @param series which of several volumes, as {@link DicomImage#selector()} names them; empty if there is one
     * @param copies where a DICOM series is written
     * @throws InvalidFileException if there is no volume, or several and none is selected, or if a DICOM file is damaged
     */
    public static ViewedImage open(Path path, Optional<String> series, ServedCopies copies) {
        if (Nifti.isNamed(path) || DicomFolder.firstFile(path).isEmpty()) {
            if (series.isPresent()) {
                throw new InvalidFileException(path, "is no DICOM, so that --series has nothing to choose");
            }
            return new ViewedImage(
                    Optional.ofNullable(path.getFileName()).orElse(path).toString(), path);
        }
        DicomFolder folder = DicomFolder.at(path);
        folder.requireWhole();
        DicomImage image = selected(path, folder, series);
        Path copy = copies.newFile();
        Nifti.write(copy, image.read());
        String name = folder.series().stream()
                .filter(one -> one.images().contains(image))
                .map(DicomSeries::name)
                .findFirst()
                .orElse("series");
        return new ViewedImage(image.distinction().isEmpty() ? name : name + ", " + image.distinction(), copy);
    }

    private static DicomImage selected(Path path, DicomFolder folder, Optional<String> series) {
        List<DicomImage> images = folder.images();
        if (images.isEmpty()) {
            String reasons = folder.series().stream()
                    .flatMap(one -> one.problem().stream())
                    .distinct()
                    .limit(LISTED)
                    .collect(Collectors.joining("; "));
            throw new InvalidFileException(
                    path, "has no DICOM series with a volume" + (reasons.isEmpty() ? "" : ": " + reasons));
        }
        List<DicomImage> wanted = images.stream()
                .filter(image -> series.isEmpty() || image.selector().equals(series.get()))
                .toList();
        if (wanted.size() == 1) {
            return wanted.get(0);
        }
        String choice = folder.series().stream()
                .flatMap(one -> one.images().stream()
                        .map(image -> image.selector() + " (" + one.name()
                                + (image.distinction().isEmpty() ? "" : ", " + image.distinction()) + ")"))
                .limit(LISTED)
                .collect(Collectors.joining(", "));
        throw new InvalidFileException(
                path,
                (series.isPresent() ? "has no volume " + series.get() : "has " + images.size() + " volumes")
                        + "; choose one with --series: " + choice + (images.size() > LISTED ? ", ..." : ""));
    }
}
