package dev.preceptor.cohort;

import dev.preceptor.base.InvalidFileException;
import dev.preceptor.nifti.Nifti;
import dev.preceptor.volume.Box;
import dev.preceptor.volume.ConnectedComponents;
import dev.preceptor.volume.Connectivity;
import dev.preceptor.volume.Cropping;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.ImageSource;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.Orientation;
import dev.preceptor.volume.Region;
import dev.preceptor.volume.Sequence;
import dev.preceptor.volume.Size;
import dev.preceptor.volume.Volume;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The result of reading all files of a subject once: its problems, its statistics and the hashes of its content. Holds no
 * voxels.
 *
 * @param subject the subject that was read
 * @param problems those of the subject alone
 * @param statistics empty if no image can be read
 * @param hashes of the voxels, by sequence name, that of the label map by {@code labels}
 * @param content the hashes by which the subject is recognised
 */
public record SubjectScan(
        Subject subject,
        List<Problem> problems,
        Optional<SubjectStatistics> statistics,
        Map<String, String> hashes,
        SubjectContent content) {

    /** The key of the label map in {@code hashes}. */
    static final String LABELS = "labels";

    private static final int MOST_NAMED_LABELS = 8;

    /**
     * Reads all files of a subject.
     *
     * @param expected the sequences of the cohort; one that the subject lacks is a warning
     */
    public static SubjectScan of(Subject subject, List<Sequence> expected) {
        return of(subject, expected, ScanObserver.NONE);
    }

    static SubjectScan of(Subject subject, List<Sequence> expected, ScanObserver observer) {
        return new Reading(subject, observer.subject(subject)).scan(expected);
    }

    private static final class Reading {
        private final Subject subject;
        private final ScanObserver.OfSubject observer;
        private final List<Problem> problems = new ArrayList<>();
        private final Map<String, String> hashes = new LinkedHashMap<>();
        private final List<String> content = new ArrayList<>();
        private final Map<Sequence, Volume> ahead = new TreeMap<>();
        private final Map<Sequence, IntensityStatistics> intensities = new TreeMap<>();
        private BitSet foreground = new BitSet();
        private Grid grid;
        private Optional<Box> brain = Optional.empty();
        private String gridFile;

        Reading(Subject subject, ScanObserver.OfSubject observer) {
            this.subject = subject;
            this.observer = observer;
        }

        SubjectScan scan(List<Sequence> expected) {
            FileFaults faults = subject.faults();
            faults.folder().ifPresent(this::unusable);
            faults.images().forEach((s, fault) -> problems.add(Problem.unusable(subject.id(), s, fault)));
            faults.labels().ifPresent(this::unusable);
            subject.missing(expected).forEach(s -> problems.add(Problem.missing(subject.id(), s)));
            subject.images().forEach((sequence, file) -> {
                int before = problems.size();
                readImage(sequence, file);
                firstUnusable(before).ifPresent(fault -> observer.imageFault(sequence, fault));
            });
            int before = problems.size();
            Optional<LabelMap> labels = subject.labelFile().flatMap(this::readLabels);
            labels.ifPresent(observer::labels);
            firstUnusable(before).ifPresent(observer::labelFault);
            observer.done();
            Map<Region, Double> volumes = new LinkedHashMap<>();
            labels.ifPresent(map -> {
                double millilitres = map.grid().voxelVolume() / 1000;
                subject.schema()
                        .regions()
                        .forEach(r -> volumes.put(r, map.mask(r).cardinality() * millilitres));
            });
            OptionalDouble foregroundMl = labels.map(map -> OptionalDouble.of(
                            foreground.cardinality() * map.grid().voxelVolume() / 1000))
                    .orElse(OptionalDouble.empty());
            int lesions = labels.map(map -> lesions(map.size())).orElse(0);
            Optional<SubjectStatistics> statistics = Optional.ofNullable(grid)
                    .map(g -> new SubjectStatistics(
                            subject.id(),
                            g.size(),
                            g.spacing(),
                            Orientation.of(g.affine()),
                            brain.map(Box::size).orElse(g.size()),
                            intensities,
                            volumes,
                            foregroundMl,
                            lesions));
            return new SubjectScan(
                    subject, List.copyOf(problems), statistics, hashes, new SubjectContent(subject.id(), content));
        }

        private void readImage(Sequence sequence, ImageSource file) {
            Volume volume;
            try {
                volume = read(sequence, file);
                Optional<String> problem = file.geometryProblem();
                if (problem.isPresent()) {
                    unusable(file + ": " + problem.get());
                    return;
                }
            } catch (InvalidFileException e) {
                unusable("cannot be read: " + e.getMessage());
                return;
            }
            int before = problems.size();
            checkGrid(volume.grid(), file.toString());
            boolean isOnGrid = problems.size() == before;
            int nonFinite = 0;
            boolean isZero = true;
            for (float v : volume.voxels()) {
                nonFinite += Float.isFinite(v) ? 0 : 1;
                isZero &= v == 0;
            }
            if (nonFinite > 0) {
                unusable(file + " has " + nonFinite + " voxels that are NaN or infinite");
            }
            if (isZero) {
                unusable(file + " is zero everywhere");
            }
            if (!isZero) {
                Box box = Cropping.brainBox(volume);
                brain = Optional.of(brain.map(all -> all.union(box)).orElse(box));
            }
            if (isOnGrid && !isZero && nonFinite == 0) {
                IntensityCheck.of(volume).ifPresent(doubt -> warning(file + " " + doubt));
            }
            IntensityStatistics statistics = IntensityStatistics.of(volume);
            intensities.put(sequence, statistics);
            observer.image(sequence, volume, statistics);
            hashes.put(sequence.name(), ContentHash.of(volume));
            content.addAll(SubjectContent.hashes(volume));
        }

        /** Reads an image, and those in the same file ahead. */
        private Volume read(Sequence sequence, ImageSource file) {
            List<Path> files = file.files();
            List<Sequence> together = subject.images().entrySet().stream()
                    .filter(other -> other.getValue().files().equals(files))
                    .map(Map.Entry::getKey)
                    .toList();
            if (together.size() > 1 && sequence.equals(together.get(0))) {
                try {
                    ahead.putAll(subject.imageSet().read(together));
                } catch (InvalidFileException e) {
                    // Each of them is reported when it is read by itself.
                    return file.read();
                }
            }
            return Optional.ofNullable(ahead.remove(sequence)).orElseGet(file::read);
        }

        private Optional<LabelMap> readLabels(Path file) {
            LabelMap labels;
            try {
                labels = Nifti.readLabelMap(file, subject.schema());
            } catch (InvalidFileException e) {
                unusable(unknownLabels(file).orElse("cannot be read: " + e.getMessage()));
                return Optional.empty();
            }
            checkGrid(labels.grid(), file.getFileName().toString());
            foreground = labels.foreground();
            if (foreground.isEmpty()) {
                warning(file.getFileName() + " is empty: there is nothing to learn from or to score");
            }
            hashes.put(LABELS, ContentHash.of(labels.voxels()));
            content.addAll(SubjectContent.hashes(labels));
            return Optional.of(labels);
        }

        private Optional<String> unknownLabels(Path file) {
            try {
                Set<Integer> unknown = Nifti.readLabelValues(file);
                unknown.removeIf(value -> subject.schema().allows(value));
                String shown = unknown.stream()
                        .limit(MOST_NAMED_LABELS)
                        .map(String::valueOf)
                        .collect(Collectors.joining(", "));
                int rest = unknown.size() - MOST_NAMED_LABELS;
                return unknown.isEmpty()
                        ? Optional.empty()
                        : Optional.of(
                                file.getFileName() + " holds " + shown + (rest > 0 ? " and " + rest + " more" : "")
                                        + ", which schema " + subject.schema() + " does not define");
            } catch (InvalidFileException e) {
                // The voxels cannot be read either; the caller reports the first failure.
                return Optional.empty();
            }
        }

        private void checkGrid(Grid other, String file) {
            if (grid == null) {
                grid = other;
                gridFile = file;
            } else if (!other.size().equals(grid.size())) {
                unusable(file + " has " + other.size() + " voxels but " + gridFile + " has " + grid.size());
            } else if (!other.matches(grid)) {
                double shift = grid.cornerShift(other);
                String text = String.format(
                        Locale.ROOT, "%s lies up to %.2f voxels off %s by their headers", file, shift, gridFile);
                if (!grid.matchesWithinOneVoxel(other)) {
                    unusable(text);
                } else {
                    warning(text + "; treated as the same grid");
                }
            }
        }

        private int lesions(Size size) {
            return Box.around(foreground, size)
                    .map(box -> ConnectedComponents.of(box.cropped(foreground, size), box.size(), Connectivity.CORNERS)
                            .count())
                    .orElse(0);
        }

        private Optional<String> firstUnusable(int from) {
            return problems.subList(from, problems.size()).stream()
                    .filter(Problem::unusable)
                    .map(Problem::text)
                    .findFirst();
        }

        private void unusable(String text) {
            problems.add(new Problem(subject.id(), text, true));
        }

        private void warning(String text) {
            problems.add(new Problem(subject.id(), text, false));
        }
    }
}
