package dev.preceptor.dicom;

import dev.preceptor.volume.Grid;
import dev.preceptor.volume.Provenance;
import java.util.List;

/**
 * What a segmentation of a DICOM image repeats of it.
 *
 * @param grid the grid of the image
 * @param header the header of the first slice, restricted to the elements of {@link Tag}: patient, study, series, equipment and frame of
 *     reference, byte for byte
 * @param slices where each slice of the grid is from, in the order of the grid
 */
public record DicomProvenance(Grid grid, DataSet header, List<Slice> slices) implements Provenance {
    public DicomProvenance {
        slices = List.copyOf(slices);
    }

    /**
     * The source of one slice.
     *
     * @param sopClass the SOP class UID of its file
     * @param sopInstance the SOP instance UID of its file
     * @param frame which frame of the file, from 1
     * @param frames how many frames the file has
     * @param position the centre of its first pixel in LPS+ millimetres
     */
    public record Slice(String sopClass, String sopInstance, int frame, int frames, double[] position) {}
}
