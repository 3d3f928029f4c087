package dev.preceptor.cohort;

import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.Sequence;
import dev.preceptor.volume.Volume;

/**
 * Receives the voxels of a cohort while {@link CohortSummary} reads them, so that drawing and measuring need no second read of
 * the files.
 */
@FunctionalInterface
public interface ScanObserver {
    /** Receives nothing. */
    ScanObserver NONE = subject -> new OfSubject() {};

    /**
     * Called once for each subject before its files are read, on the thread that reads them; several subjects are read at the
     * same time.
     */
    OfSubject subject(Subject subject);

    /**
     * Receives the files of one subject, all on one thread: the images in the order of their sequences, then the label map.
     * Volumes and label maps are shared and must not be changed.
     */
    interface OfSubject {
        /** An image that can be read. */
        default void image(Sequence sequence, Volume image, IntensityStatistics statistics) {}

        /** A file that makes the subject unusable; {@code problem} is one line. It may have been given to {@link #image}. */
        default void imageFault(Sequence sequence, String problem) {}

        /** The label map, if it can be read. */
        default void labels(LabelMap labels) {}

        /** A label map that makes the subject unusable; {@code problem} is one line. */
        default void labelFault(String problem) {}

        /** The last call. */
        default void done() {}
    }
}
