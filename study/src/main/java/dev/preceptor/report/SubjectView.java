package dev.preceptor.report;

import dev.preceptor.cohort.IntensityStatistics;
import dev.preceptor.cohort.ScanObserver;
import dev.preceptor.cohort.Subject;
import dev.preceptor.volume.Box;
import dev.preceptor.volume.Cropping;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.Region;
import dev.preceptor.volume.Sequence;
import dev.preceptor.volume.Volume;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * What the page of a cohort shows of a subject. Holds no voxels.
 *
 * @param subject the subject
 * @param intensities of the images that can be read and are not empty, by sequence
 * @param histograms of the same images
 * @param faults why an image makes the subject unusable, in one line, by sequence
 * @param labels whether there is a label map
 * @param labelFault why the label map makes the subject unusable, in one line
 * @param slices the subject's part of the mosaic; empty if it is left out or has no image
 */
record SubjectView(
        Subject subject,
        Map<Sequence, IntensityStatistics> intensities,
        Map<Sequence, IntensityHistogram> histograms,
        Map<Sequence, String> faults,
        FileState labels,
        Optional<String> labelFault,
        Optional<MosaicCase> slices) {

    /** Whether there is an image of a sequence. */
    FileState image(Sequence sequence) {
        if (fault(sequence).isPresent()) {
            return FileState.FAULTY;
        }
        return subject.images().containsKey(sequence) ? FileState.PRESENT : FileState.ABSENT;
    }

    /** Why there is no usable image of a sequence although there are files. */
    Optional<String> fault(Sequence sequence) {
        return subject.faults().of(sequence).or(() -> Optional.ofNullable(faults.get(sequence)));
    }

    /** Makes the view of a subject while its files are read; one image at a time is in memory at full depth. */
    static final class Builder implements ScanObserver.OfSubject {
        private final Subject subject;
        private final List<Region> regions;
        private final boolean isDrawn;
        private final Consumer<SubjectView> result;
        private final Map<Sequence, IntensityStatistics> intensities = new TreeMap<>();
        private final Map<Sequence, IntensityHistogram> histograms = new TreeMap<>();
        private final Map<Sequence, String> faults = new TreeMap<>();
        private final Map<Sequence, GreyImage> images = new TreeMap<>();
        private Optional<LabelMap> labels = Optional.empty();
        private Optional<String> labelFault;
        private Grid grid;
        private Box head;

        /**
         * @param regions whose outlines are drawn
         * @param isDrawn whether the subject is in the mosaic
         * @param result receives the view
         */
        Builder(Subject subject, List<Region> regions, boolean isDrawn, Consumer<SubjectView> result) {
            this.subject = subject;
            this.regions = regions;
            this.isDrawn = isDrawn;
            this.result = result;
            this.labelFault =
                    subject.faults().labels().or(() -> subject.faults().folder());
        }

        @Override
        public void image(Sequence sequence, Volume image, IntensityStatistics statistics) {
            if (statistics.voxels() == 0) {
                return;
            }
            intensities.put(sequence, statistics);
            histograms.put(sequence, IntensityHistogram.of(image, statistics));
            if (isDrawn) {
                if (grid == null) {
                    grid = image.grid();
                    head = Cropping.brainBox(image);
                }
                images.put(sequence, GreyImage.of(image, Window.of(sequence, statistics)));
            }
        }

        @Override
        public void imageFault(Sequence sequence, String problem) {
            faults.put(sequence, problem);
        }

        @Override
        public void labels(LabelMap map) {
            labels = Optional.of(map);
        }

        @Override
        public void labelFault(String problem) {
            labelFault = Optional.of(problem);
        }

        @Override
        public void done() {
            FileState state = labelFault.isPresent()
                    ? FileState.FAULTY
                    : labels.isPresent() ? FileState.PRESENT : FileState.ABSENT;
            Optional<MosaicCase> slices = images.isEmpty()
                    ? Optional.empty()
                    : Optional.of(MosaicCase.of(images, SliceSelection.of(grid, head, labels), labels, regions));
            result.accept(new SubjectView(subject, intensities, histograms, faults, state, labelFault, slices));
        }
    }
}
