package dev.preceptor.dicom;

import dev.preceptor.volume.Grid;
import dev.preceptor.volume.Provenance;
import java.util.List;

/**
 * The images of a series of which a segmentation is made: what a DICOM SEG repeats of them, and the instances that it refers to.
 *
 * @param grid of the image; its first axis runs along rows, its second along columns, its third along the slices
 * @param header an instance of the series: patient, study, frame of reference, orientation, pixel spacing and thickness
 * @param slices in any order, one for each slice of the grid
 */
public record SegmentationSource(Grid grid, DataSet header, List<Slice> slices) implements Provenance {
    /**
     * One slice of the image.
     *
     * @param sopClass of the instance that holds it
     * @param sopInstance the unique identifier of that instance
     * @param frame its number in a multi-frame instance, from 1; 0 for an instance of one frame
     * @param position of the first pixel in LPS+ millimetres, as the instance writes it (0020,0032): three decimal strings
     */
    public record Slice(String sopClass, String sopInstance, int frame, List<String> position) {
        public Slice {
            position = List.copyOf(position);
        }
    }

    public SegmentationSource {
        slices = List.copyOf(slices);
    }
}
