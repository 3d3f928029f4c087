package dev.preceptor.cohort;

import dev.preceptor.volume.Orientation;
import dev.preceptor.volume.Region;
import dev.preceptor.volume.Sequence;
import dev.preceptor.volume.Size;
import java.util.Map;

/**
 * One subject in numbers.
 *
 * @param id the subject
 * @param size voxels along each axis
 * @param spacingMm the voxel's edges
 * @param orientation which way the axes run
 * @param brain extent of the smallest box with every voxel that is not zero in all sequences
 * @param intensities by sequence, over non-zero voxels
 * @param regionsMl volume of each region in millilitres; empty without a readable label map
 * @param lesions 26-connected pieces of the whole tumour
 */
public record SubjectStatistics(
        String id,
        Size size,
        double[] spacingMm,
        Orientation orientation,
        Size brain,
        Map<Sequence, IntensityStatistics> intensities,
        Map<Region, Double> regionsMl,
        int lesions) {}
