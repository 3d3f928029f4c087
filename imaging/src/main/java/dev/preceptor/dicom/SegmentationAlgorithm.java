package dev.preceptor.dicom;

/**
 * What made a segmentation, as a DICOM SEG names it.
 *
 * @param name of the algorithm, at most 64 characters
 * @param version at most 64 characters
 * @param parameters what tells this run from others, such as the hash of the model; may be empty, at most 10240 characters
 */
public record SegmentationAlgorithm(String name, String version, String parameters) {}
