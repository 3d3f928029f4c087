package dev.preceptor.dicom;

/** How a DICOM segmentation stores its segments (0062,0001). */
public enum SegmentationType {
    /** One bit for each voxel of each segment; segments may overlap. */
    BINARY,
    /** One byte for each voxel of each segment: probability or occupancy as a share of a maximum. */
    FRACTIONAL,
    /** The number of one segment for each voxel, 0 for background. */
    LABELMAP
}
