package dev.preceptor.service;

import dev.preceptor.base.PreceptorException;
import dev.preceptor.base.Sha256;
import dev.preceptor.dicom.DicomFile;
import dev.preceptor.dicom.Tag;
import dev.preceptor.dicomweb.Uids;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/**
 * What names a DICOM instance.
 *
 * @param sopClass what kind of object it is
 * @param instance its UID
 * @param series UID of its series
 */
record InstanceHeader(String sopClass, String instance, String series) {
    /** Of names of folders and files, which are hexadecimal. */
    static final int HASH_DIGITS = 32;

    /** MR, Enhanced MR and Legacy Converted Enhanced MR Image Storage. */
    private static final Set<String> MR_IMAGES =
            Set.of("1.2.840.10008.5.1.4.1.1.4", "1.2.840.10008.5.1.4.1.1.4.1", "1.2.840.10008.5.1.4.1.1.4.4");

    /**
     * Reads the header of a file.
     *
     * @throws PreceptorException if it is no DICOM file, or lacks one of the three
     */
    static InstanceHeader read(Path file) {
        DicomFile dicom = DicomFile.read(file);
        return new InstanceHeader(
                require(dicom.sopClass()),
                require(dicom.sopInstance()),
                require(dicom.dataSet().text(Tag.SERIES_INSTANCE)));
    }

    private static String require(Optional<String> uid) {
        return uid.filter(Uids::isUid).orElseThrow(() -> new PreceptorException("a UID is missing or malformed"));
    }

    /** Whether it is an image of magnetic resonance. */
    boolean isMrImage() {
        return MR_IMAGES.contains(sopClass);
    }

    /** The series in names of folders and in logs. */
    String seriesHash() {
        return Sha256.of(series).substring(0, HASH_DIGITS);
    }

    /** The name of the file of this instance. */
    String fileName() {
        return Sha256.of(instance).substring(0, HASH_DIGITS) + ".dcm";
    }
}
