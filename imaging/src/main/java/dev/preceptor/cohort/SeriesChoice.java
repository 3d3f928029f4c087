package dev.preceptor.cohort;

import dev.preceptor.base.MismatchException;
import dev.preceptor.dicom.DicomFolder;
import dev.preceptor.dicom.DicomImage;
import dev.preceptor.volume.Sequence;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What a user says about DICOM series: which sequence, which series.
 *
 * @param sequence the sequence of the image that is meant ({@code --sequence}); confirms a proposal that is not certain
 * @param series the series that are meant ({@code --series}); none to let headers decide
 */
public record SeriesChoice(Optional<Sequence> sequence, List<NamedSeries> series) {
    /** Nothing is said: only what headers make certain is used. */
    public static final SeriesChoice NONE = new SeriesChoice(Optional.empty(), List.of());

    public SeriesChoice {
        series = List.copyOf(series);
    }

    /**
     * One series.
     *
     * @param sequence what it is, if the user says so
     * @param selector its UID, with {@code :2} for its second volume
     */
    public record NamedSeries(Optional<Sequence> sequence, String selector) {
        /**
         * Reads {@code UID} or {@code NAME=UID}.
         *
         * @throws IllegalArgumentException if the name is none of a sequence
         */
        public static NamedSeries of(String text) {
            int equals = text.indexOf('=');
            return equals < 0
                    ? new NamedSeries(Optional.empty(), text.strip())
                    : new NamedSeries(
                            Optional.of(Sequence.of(text.substring(0, equals).strip())),
                            text.substring(equals + 1).strip());
        }

        boolean means(DicomImage image) {
            return image.selector().equals(selector) || image.series().equals(selector);
        }
    }

    /**
     * Refuses a choice of series where there are none.
     *
     * @throws MismatchException if series are named but the path holds no DICOM file
     */
    public void requireDicom(Path path) {
        if (!series.isEmpty() && DicomFolder.firstFile(path).isEmpty()) {
            throw new MismatchException(path + ": holds no DICOM file, but --series names a DICOM series");
        }
    }
}
