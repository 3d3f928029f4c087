package dev.preceptor.metrics;

import dev.preceptor.base.InvalidFileException;
import dev.preceptor.base.MismatchException;
import dev.preceptor.cohort.LabelFiles;
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

/** The probabilities that {@code predict --probabilities} writes beside a label map, read and held against a reference. */
final class ProbabilityFiles {
    private ProbabilityFiles() {}

    /**
     * The calibration of the regions whose probabilities lie beside a prediction; empty if none do.
     *
     * @param isResampled whether other grids are mapped, else they are refused
     */
    static Map<Region, Calibration> calibrations(Path prediction, String subject, LabelMap truth, boolean isResampled) {
        Map<Region, Calibration> calibrations = new LinkedHashMap<>();
        for (Region region : Region.BRATS) {
            beside(prediction, subject, region).ifPresent(file -> {
                Volume read = Nifti.readVolume(file);
                Volume aligned = aligned(read, file, subject, truth.grid(), isResampled);
                try {
                    calibrations.put(region, Calibration.of(aligned, truth.mask(region), truth.ignored()));
                } catch (IllegalArgumentException e) {
                    throw new InvalidFileException(file, e.getMessage(), e);
                }
            });
        }
        return calibrations;
    }

    private static Optional<Path> beside(Path prediction, String subject, Region region) {
        String own = LabelFiles.id(prediction).orElse(subject);
        // The file's own spelling too: macOS writes accents in another form than ids have.
        String written = prediction.getFileName().toString().replaceFirst("(?i)\\.nii(\\.gz)?$", "");
        return Stream.of(own, subject, written, written.replaceFirst("(?i)[_-]segm?$", ""))
                .flatMap(id -> Stream.of(".nii.gz", ".nii").map(ending -> id + "_prob_" + region + ending))
                .map(prediction::resolveSibling)
                .filter(Files::isRegularFile)
                .findFirst();
    }

    private static Volume aligned(Volume read, Path file, String subject, Grid grid, boolean isResampled) {
        if (grid.matchesWithinOneVoxel(read.grid())) {
            return new Volume(grid, read.voxels());
        }
        if (isResampled) {
            return Resampling.linear(read, grid);
        }
        throw new MismatchException(grid.difference(read.grid(), "the reference of subject " + subject, file.toString())
                .orElseThrow());
    }
}
