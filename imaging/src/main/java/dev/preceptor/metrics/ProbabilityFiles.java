package dev.preceptor.metrics;

import dev.preceptor.base.InvalidFileException;
import dev.preceptor.base.MismatchException;
import dev.preceptor.base.NiftiName;
import dev.preceptor.cohort.LabelFiles;
import dev.preceptor.cohort.LabelMapFiles;
import dev.preceptor.dicom.DicomSegmentation;
import dev.preceptor.nifti.Nifti;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.Region;
import dev.preceptor.volume.Resampling;
import dev.preceptor.volume.Volume;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Reads the probabilities that {@code predict --probabilities} writes beside a label map, and measures their calibration.
 */
final class ProbabilityFiles {
    private ProbabilityFiles() {}

    /**
     * The calibration of each region whose probabilities lie beside a prediction; empty if there are none.
     *
     * @param resamples whether probabilities on another grid are resampled (linearly) instead of refused
     */
    static Map<Region, Calibration> calibrations(
            Path prediction, String subject, LabelMap reference, boolean resamples) {
        Map<Region, Calibration> calibrations = new LinkedHashMap<>();
        Path dicom = LabelMapFiles.probabilities(
                prediction, LabelFiles.id(prediction).orElse(subject));
        if (LabelMapFiles.isDicom(prediction) && Files.isRegularFile(dicom)) {
            DicomSegmentation.read(dicom)
                    .probabilities(reference.schema(), reference.grid())
                    .forEach((region, volume) ->
                            calibrations.put(region, calibration(volume, dicom, region, reference)));
            return calibrations;
        }
        for (Region region : reference.schema().regions()) {
            beside(prediction, subject, region).ifPresent(file -> {
                Volume probabilities = Nifti.readVolume(file);
                Volume aligned = aligned(probabilities, file, subject, reference.grid(), resamples);
                calibrations.put(region, calibration(aligned, file, region, reference));
            });
        }
        return calibrations;
    }

    private static Calibration calibration(Volume probabilities, Path file, Region region, LabelMap reference) {
        try {
            return Calibration.of(probabilities, reference.mask(region), reference.ignored());
        } catch (IllegalArgumentException e) {
            throw new InvalidFileException(file, e.getMessage(), e);
        }
    }

    private static Optional<Path> beside(Path prediction, String subject, Region region) {
        String id = LabelFiles.id(prediction).orElse(subject);
        // Also the spelling on disk: macOS writes accents in decomposed form, ids are composed.
        String spelling = NiftiName.stem(prediction);
        return Stream.of(id, subject, spelling, spelling.replaceFirst("(?i)[_-]segm?$", ""))
                .flatMap(name ->
                        Stream.of(".nii.gz", ".nii").map(ending -> name + "_prob_" + region.fileName() + ending))
                .map(prediction::resolveSibling)
                .filter(Files::isRegularFile)
                .findFirst();
    }

    private static Volume aligned(Volume probabilities, Path file, String subject, Grid grid, boolean resamples) {
        if (grid.matchesWithinOneVoxel(probabilities.grid())) {
            return new Volume(grid, probabilities.voxels());
        }
        if (resamples) {
            return Resampling.linear(probabilities, grid);
        }
        throw new MismatchException(
                grid.difference(probabilities.grid(), "the reference of subject " + subject, file.toString())
                        .orElseThrow());
    }
}
