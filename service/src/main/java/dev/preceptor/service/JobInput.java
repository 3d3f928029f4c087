package dev.preceptor.service;

import dev.preceptor.volume.Sequence;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The images of a job.
 *
 * @param kind in what form they are
 * @param files the file of each sequence, in the folder of the inputs; only of NIfTI
 * @param sequence of a DICOM series, as the caller says it; empty if its headers are to say it
 * @param study UID in the PACS; only of a series that is fetched
 * @param series UID in the PACS; only of a series that is fetched
 * @param seriesHash SHA-256 of the UID of a DICOM series that was sent by DICOMweb
 * @param deliver whether the segmentation goes to the PACS
 */
public record JobInput(
        Kind kind,
        Map<Sequence, String> files,
        Optional<Sequence> sequence,
        Optional<String> study,
        Optional<String> series,
        Optional<String> seriesHash,
        boolean deliver) {
    /** In what form images come. */
    public enum Kind {
        /** A file for each sequence. */
        NIFTI,
        /** The files of one series. */
        DICOM,
        /** A series that is fetched from the PACS when the job begins. */
        PACS
    }

    public JobInput {
        files = Collections.unmodifiableMap(new TreeMap<>(files));
    }

    /** NIfTI files that were uploaded. */
    static JobInput nifti(Map<Sequence, String> files) {
        return new JobInput(
                Kind.NIFTI, files, Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), false);
    }

    /** DICOM files that were uploaded. */
    static JobInput dicom(Optional<Sequence> sequence) {
        return new JobInput(
                Kind.DICOM, Map.of(), sequence, Optional.empty(), Optional.empty(), Optional.empty(), false);
    }

    /** A series that DICOMweb sent. */
    static JobInput stored(String seriesHash, boolean deliver) {
        return new JobInput(
                Kind.DICOM,
                Map.of(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.of(seriesHash),
                deliver);
    }

    /** A series to fetch. */
    static JobInput pacs(String study, String series, Optional<Sequence> sequence, boolean deliver) {
        return new JobInput(
                Kind.PACS, Map.of(), sequence, Optional.of(study), Optional.of(series), Optional.empty(), deliver);
    }
}
