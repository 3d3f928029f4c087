package dev.preceptor.dicom;

import java.util.Optional;

/**
 * A segment of a DICOM segmentation.
 *
 * @param number from 1
 * @param label the segment label for people, not blank
 * @param description may be empty; Preceptor writes the name of the class or region here
 * @param category for example morphologically abnormal structure
 * @param type what the segment is, for example necrosis
 * @param algorithmType {@code AUTOMATIC}, {@code SEMIAUTOMATIC} or {@code MANUAL}
 * @param algorithm what made it, where the file says so
 */
public record Segment(
        int number,
        String label,
        String description,
        CodedTerm category,
        CodedTerm type,
        String algorithmType,
        Optional<SegmentationAlgorithm> algorithm) {
    /** The name of its class where no known class has its code: the description, else the label, else its number. */
    public String name() {
        return !description.isEmpty() ? description : !label.isEmpty() ? label : "segment " + number;
    }

    @Override
    public String toString() {
        return "segment " + number + " \"" + label + "\" (" + type + ")";
    }
}
