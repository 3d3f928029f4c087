package dev.preceptor.testing;

import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.preceptor.dicom.DataSet;
import dev.preceptor.dicom.DataSetBuilder;
import dev.preceptor.dicom.DicomWriter;
import dev.preceptor.dicom.Tag;
import dev.preceptor.dicom.Vr;
import java.nio.file.Path;
import java.util.function.UnaryOperator;

/** Writes axial slices of 4 x 3 pixels as DICOM files. */
public final class DicomSlices {
    private DicomSlices() {}

    /** The header of a T1CE slice, without its pixels. */
    public static DataSetBuilder header(String study, String series, double z) {
        return DataSet.builder()
                .text(Tag.SOP_CLASS, "1.2.840.10008.5.1.4.1.1.4")
                .text(Tag.SOP_INSTANCE, DicomWriter.newUid())
                .text(Tag.PATIENT_NAME, "Secret^Patient")
                .text(Tag.PATIENT_BIRTH_DATE, "19500102")
                .text(Tag.MODALITY, "MR")
                .text(Tag.STUDY_INSTANCE, study)
                .text(Tag.SERIES_INSTANCE, series)
                .text(Tag.SERIES_NUMBER, "5")
                .text(Tag.SERIES_DESCRIPTION, "t1 mprage post gd")
                .decimals(Tag.REPETITION_TIME, 1900)
                .decimals(Tag.ECHO_TIME, 2.5)
                .decimals(Tag.INVERSION_TIME, 900)
                .decimals(Tag.IMAGE_POSITION, 0, 0, z)
                .decimals(Tag.IMAGE_ORIENTATION, 1, 0, 0, 0, 1, 0)
                .decimals(Tag.PIXEL_SPACING, 30, 20)
                .decimals(Tag.SLICE_THICKNESS, 2)
                .integers(Tag.SAMPLES_PER_PIXEL, 1)
                .text(Tag.PHOTOMETRIC_INTERPRETATION, "MONOCHROME2")
                .integers(Tag.ROWS, 3)
                .integers(Tag.COLUMNS, 4)
                .integers(Tag.BITS_ALLOCATED, 16)
                .integers(Tag.BITS_STORED, 12)
                .integers(Tag.HIGH_BIT, 11)
                .integers(Tag.PIXEL_REPRESENTATION, 0);
    }

    /** Asserts that a text about a folder of such slices has neither the name nor the date of birth of the patient. */
    public static void assertNobodyIsNamed(String text, Path folder) {
        // The digits in a temporary folder's name are random, and may be those of a year of birth.
        String said = text.replace(folder.toString(), "FOLDER");
        assertFalse(said.contains("Secret") || said.contains("1950"), said);
    }

    /** Writes slices at the given positions whose pixels hold their number. */
    public static void write(
            Path folder, String study, String series, UnaryOperator<DataSetBuilder> change, double... positions) {
        for (int i = 0; i < positions.length; i++) {
            byte[] pixels = new byte[24];
            for (int p = 0; p < 12; p++) {
                pixels[2 * p] = (byte) i;
            }
            DataSet slice = change.apply(header(study, series, positions[i]).integers(Tag.INSTANCE_NUMBER, i + 1))
                    .value(Tag.PIXEL_DATA, Vr.OW, pixels)
                    .build();
            DicomWriter.write(folder.resolve(series + "-" + i), slice);
        }
    }
}
