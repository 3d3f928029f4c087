package dev.preceptor.service;

import java.util.Map;

/** The files of a result and their media types. */
final class JobFiles {
    static final String IMAGE = "image.nii.gz";
    static final String LABELS = "labels.nii.gz";
    static final String UNCERTAINTY = "uncertainty.nii.gz";
    static final String SEGMENTATION = "segmentation.dcm";
    static final String RESULT = "result.json";

    static final Map<String, String> TYPES = Map.of(
            IMAGE, "application/gzip",
            LABELS, "application/gzip",
            UNCERTAINTY, "application/gzip",
            SEGMENTATION, "application/dicom",
            RESULT, "application/json");

    private JobFiles() {}
}
