package dev.preceptor.cohort;

import dev.preceptor.volume.Orientation;
import dev.preceptor.volume.Region;
import dev.preceptor.volume.Sequence;
import dev.preceptor.volume.Size;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * The statistics of one subject.
 *
 * @param id the subject
 * @param size voxels along each axis
 * @param spacingMm the edges of a voxel in millimetres
 * @param orientation the anatomical directions of the axes
 * @param brain size of the bounding box of the voxels that are non-zero in at least one sequence
 * @param intensities by sequence, over the non-zero voxels
 * @param regionsMl volume of each region in millilitres; empty without a readable label map
 * @param foregroundMl volume of all regions together in millilitres; empty without a readable label map
 * @param lesions number of connected components (26 neighbours) of all regions together
 */
public record SubjectStatistics(
        String id,
        Size size,
        double[] spacingMm,
        Orientation orientation,
        Size brain,
        Map<Sequence, IntensityStatistics> intensities,
        Map<Region, Double> regionsMl,
        OptionalDouble foregroundMl,
        int lesions) {}
