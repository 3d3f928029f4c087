package dev.preceptor.service;

import dev.preceptor.dicom.DataSet;
import dev.preceptor.dicom.DicomWriter;
import dev.preceptor.dicom.Tag;
import dev.preceptor.dicom.TransferSyntax;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * A series of noise in which a patient is named.
 *
 * @param study UID
 * @param series UID
 * @param files its instances
 */
record MrSeries(String study, String series, List<byte[]> files) {
    static final String NAME = "ZZTOPSECRET^NAME";
    static final String BIRTH_DATE = "19010203";
    static final String PATIENT_ID = "QQSECRETID";
    private static final String BOUNDARY = "a-boundary-of-the-tests";

    /** A series with a contrast agent, of slices 5 mm apart. */
    static MrSeries of(int slices, int size, long seed) {
        return described("T1 MPRAGE POST GD", slices, size, seed);
    }

    /** The same under a description of its own. */
    static MrSeries described(String description, int slices, int size, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        String study = DicomWriter.newUid();
        String series = DicomWriter.newUid();
        String frame = DicomWriter.newUid();
        List<byte[]> files = new ArrayList<>();
        for (int i = 0; i < slices; i++) {
            ByteBuffer pixels = ByteBuffer.allocate(2 * size * size).order(ByteOrder.LITTLE_ENDIAN);
            for (int j = 0; j < size * size; j++) {
                pixels.putShort((short) random.nextInt(1, 1000));
            }
            DataSet instance = DataSet.builder()
                    .text(Tag.SOP_CLASS, "1.2.840.10008.5.1.4.1.1.4")
                    .text(Tag.SOP_INSTANCE, DicomWriter.newUid())
                    .text(Tag.IMAGE_TYPE, "ORIGINAL", "PRIMARY", "M")
                    .text(Tag.STUDY_DATE, "20200102")
                    .text(Tag.STUDY_TIME, "101500")
                    .text(Tag.ACCESSION_NUMBER, "QQACCESSION")
                    .text(Tag.MODALITY, "MR")
                    .text(Tag.SERIES_DESCRIPTION, description)
                    .text(Tag.PATIENT_NAME, NAME)
                    .text(Tag.PATIENT_ID, PATIENT_ID)
                    .text(Tag.PATIENT_BIRTH_DATE, BIRTH_DATE)
                    .text(Tag.PATIENT_SEX, "O")
                    .text(Tag.CONTRAST_AGENT, "Gadovist")
                    .text(Tag.SCANNING_SEQUENCE, "GR", "IR")
                    .decimals(Tag.SLICE_THICKNESS, 5)
                    .decimals(Tag.REPETITION_TIME, 1900)
                    .decimals(Tag.ECHO_TIME, 2.5)
                    .decimals(Tag.INVERSION_TIME, 900)
                    .text(Tag.STUDY_INSTANCE, study)
                    .text(Tag.SERIES_INSTANCE, series)
                    .integers(Tag.SERIES_NUMBER, 3)
                    .integers(Tag.INSTANCE_NUMBER, i + 1)
                    .decimals(Tag.IMAGE_POSITION, 0, 0, 5.0 * i)
                    .decimals(Tag.IMAGE_ORIENTATION, 1, 0, 0, 0, 1, 0)
                    .text(Tag.FRAME_OF_REFERENCE, frame)
                    .integers(Tag.SAMPLES_PER_PIXEL, 1)
                    .text(Tag.PHOTOMETRIC_INTERPRETATION, "MONOCHROME2")
                    .integers(Tag.ROWS, size)
                    .integers(Tag.COLUMNS, size)
                    .decimals(Tag.PIXEL_SPACING, 5, 5)
                    .integers(Tag.BITS_ALLOCATED, 16)
                    .integers(Tag.BITS_STORED, 16)
                    .integers(Tag.HIGH_BIT, 15)
                    .integers(Tag.PIXEL_REPRESENTATION, 0)
                    .value(Tag.PIXEL_DATA, Tag.PIXEL_DATA.vr(), pixels.array())
                    .build();
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            try {
                DicomWriter.write(out, instance, TransferSyntax.EXPLICIT_LITTLE_ENDIAN);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            files.add(out.toByteArray());
        }
        return new MrSeries(study, series, List.copyOf(files));
    }

    /** A request of STOW-RS. */
    static byte[] stow(List<byte[]> instances) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        for (byte[] instance : instances) {
            body.writeBytes(
                    ("--" + BOUNDARY + "\r\nContent-Type: application/dicom\r\n\r\n").getBytes(StandardCharsets.UTF_8));
            body.writeBytes(instance);
            body.writeBytes("\r\n".getBytes(StandardCharsets.UTF_8));
        }
        body.writeBytes(("--" + BOUNDARY + "--\r\n").getBytes(StandardCharsets.UTF_8));
        return body.toByteArray();
    }

    static String stowType() {
        return "multipart/related; type=\"application/dicom\"; boundary=" + BOUNDARY;
    }

    /** The series as a zip archive, with the name of the patient in the names of its files. */
    byte[] zip() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            zip.putNextEntry(new ZipEntry(NAME + "/"));
            for (int i = 0; i < files.size(); i++) {
                zip.putNextEntry(new ZipEntry(NAME + "/" + PATIENT_ID + i + ".dcm"));
                zip.write(files.get(i));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }
}
