package dev.preceptor.dicom;

import dev.preceptor.volume.Affine;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.Size;
import dev.preceptor.volume.Volume;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Writes MR series for the tests of segmentations, one file for each slice. */
public final class SourceSeries {
    private static final String MR_IMAGE = "1.2.840.10008.5.1.4.1.1.4";

    private SourceSeries() {}

    /**
     * Writes the slices of a volume along its third axis as files of an invented patient.
     *
     * @param folder gets {@code 0.dcm} and so on, the last slice first
     * @param volume on any grid whose axes are at right angles
     * @return what a segmentation of it refers to, on the grid as DICOM's decimal strings give it
     */
    public static DicomProvenance write(Path folder, Volume volume) {
        Grid grid = volume.grid();
        Size size = grid.size();
        DataSet common = header(grid);
        float largest = 1;
        for (float value : volume.voxels()) {
            largest = Math.max(largest, value);
        }
        List<DicomProvenance.Slice> slices = new ArrayList<>();
        int pixels = size.x() * size.y();
        for (int z = size.z() - 1; z >= 0; z--) {
            ByteBuffer stored = ByteBuffer.allocate(2 * pixels).order(ByteOrder.LITTLE_ENDIAN);
            for (int i = 0; i < pixels; i++) {
                stored.putShort((short) Math.round(volume.voxels()[z * pixels + i] / largest * 4095));
            }
            double[] ras = grid.affine().apply(0, 0, z);
            DataSetBuilder slice = DataSet.builder();
            common.elements().forEach(slice::element);
            DataSet written = slice.text(Tag.SOP_INSTANCE, DicomWriter.newUid())
                    .integers(Tag.INSTANCE_NUMBER, size.z() - z)
                    .decimals(Tag.IMAGE_POSITION, -ras[0], -ras[1], ras[2])
                    .value(Tag.PIXEL_DATA, Vr.OW, stored.array())
                    .build();
            Path file = folder.resolve(size.z() - 1 - z + ".dcm");
            DicomWriter.write(file, written);
            slices.add(new DicomProvenance.Slice(
                    MR_IMAGE,
                    written.text(Tag.SOP_INSTANCE).orElseThrow(),
                    1,
                    1,
                    written.decimals(Tag.IMAGE_POSITION)));
        }
        return new DicomProvenance(grid, common, slices);
    }

    /** What a segmentation of an image on this grid refers to; the files themselves do not exist. */
    public static DicomProvenance on(Grid grid) {
        DataSet header = header(grid);
        List<DicomProvenance.Slice> slices = new ArrayList<>();
        for (int z = 0; z < grid.size().z(); z++) {
            double[] ras = grid.affine().apply(0, 0, z);
            DataSet position = DataSet.builder()
                    .decimals(Tag.IMAGE_POSITION, -ras[0], -ras[1], ras[2])
                    .build();
            slices.add(new DicomProvenance.Slice(
                    MR_IMAGE, "1.2.3." + (z + 1), 1, 1, position.decimals(Tag.IMAGE_POSITION)));
        }
        return new DicomProvenance(grid, header, slices);
    }

    private static DataSet header(Grid grid) {
        Affine a = grid.affine();
        double[] spacing = grid.spacing();
        return DataSet.builder()
                .text(Tag.CHARACTER_SET, "ISO_IR 192")
                .text(Tag.IMAGE_TYPE, "ORIGINAL", "PRIMARY", "M", "NORM")
                .text(Tag.SOP_CLASS, MR_IMAGE)
                .text(Tag.STUDY_DATE, "20260101")
                .text(Tag.STUDY_TIME, "101500")
                .text(Tag.ACCESSION_NUMBER, "A-1")
                .text(Tag.MODALITY, "MR")
                .text(Tag.MANUFACTURER, "Preceptor")
                .text(Tag.REFERRING_PHYSICIAN, "")
                .text(Tag.SERIES_DESCRIPTION, "T1 Gd")
                .text(Tag.PATIENT_NAME, "Test^Größe")
                .text(Tag.PATIENT_ID, "TEST-1")
                .text(Tag.PATIENT_BIRTH_DATE, "19700101")
                .text(Tag.PATIENT_SEX, "O")
                .text(Tag.SCANNING_SEQUENCE, "SE")
                .decimals(Tag.SLICE_THICKNESS, spacing[2])
                .decimals(Tag.REPETITION_TIME, 600)
                .decimals(Tag.ECHO_TIME, 10)
                .text(Tag.STUDY_INSTANCE, DicomWriter.newUid())
                .text(Tag.SERIES_INSTANCE, DicomWriter.newUid())
                .text(Tag.STUDY_ID, "1")
                .integers(Tag.SERIES_NUMBER, 3)
                .decimals(
                        Tag.IMAGE_ORIENTATION,
                        -a.m00() / spacing[0],
                        -a.m10() / spacing[0],
                        a.m20() / spacing[0],
                        -a.m01() / spacing[1],
                        -a.m11() / spacing[1],
                        a.m21() / spacing[1])
                .text(Tag.FRAME_OF_REFERENCE, DicomWriter.newUid())
                .text(Tag.POSITION_REFERENCE, "")
                .integers(Tag.SAMPLES_PER_PIXEL, 1)
                .text(Tag.PHOTOMETRIC_INTERPRETATION, "MONOCHROME2")
                .integers(Tag.ROWS, grid.size().y())
                .integers(Tag.COLUMNS, grid.size().x())
                .decimals(Tag.PIXEL_SPACING, spacing[1], spacing[0])
                .integers(Tag.BITS_ALLOCATED, 16)
                .integers(Tag.BITS_STORED, 12)
                .integers(Tag.HIGH_BIT, 11)
                .integers(Tag.PIXEL_REPRESENTATION, 0)
                .build();
    }
}
