package dev.preceptor.cohort;

import dev.preceptor.base.InvalidFileException;
import dev.preceptor.base.MismatchException;
import dev.preceptor.dicom.DicomFile;
import dev.preceptor.dicom.DicomFolder;
import dev.preceptor.dicom.DicomImage;
import dev.preceptor.dicom.DicomSeries;
import dev.preceptor.dicom.SequenceProposal;
import dev.preceptor.volume.ImageSource;
import dev.preceptor.volume.Sequence;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The DICOM series of one visit of a patient, and which of them is which sequence. Headers only propose: an uncertain proposal is used
 * if the user confirms it, and of several series that fit none is chosen.
 */
final class DicomSubject {
    private static final int MOST_VOLUMES = 3;

    private final String id;
    private final Path path;
    private final DicomFolder content;
    private final Map<DicomImage, SequenceProposal> proposals = new LinkedHashMap<>();

    private DicomSubject(String id, Path path, DicomFolder content) {
        this.id = id;
        this.path = path;
        this.content = content;
        content.images().stream()
                .filter(image -> image.problem().isEmpty())
                .forEach(image -> proposals.put(image, SequenceProposal.of(image)));
    }

    /**
     * Reads the headers at a path.
     *
     * @param path a DICOM file of several frames, or a folder with the files of one study
     */
    static DicomSubject at(Path path) {
        Path name = path.toAbsolutePath().normalize().getFileName();
        String id = name == null ? "subject" : NiftiFiles.composed(name.toString());
        DicomFolder content = DicomFolder.at(path);
        boolean isFile = !Files.isDirectory(path);
        boolean isSlice = isFile
                && content.images().stream()
                        .allMatch(image -> image.grid().size().z() == 1);
        if (isSlice && !content.images().isEmpty()) {
            throw new InvalidFileException(
                    path, "is one slice of a DICOM series; give the folder that holds the series");
        }
        return new DicomSubject(isFile ? id.replaceFirst("(?i)\\.(dcm|ima)$", "") : id, path, content);
    }

    String id() {
        return id;
    }

    /** Why the files are not those of one visit; empty if they are. */
    private Optional<String> severalStudies() {
        long studies =
                content.series().stream().map(DicomSeries::study).distinct().count();
        return studies <= 1
                ? Optional.empty()
                : Optional.of(path + ": holds DICOM files of " + studies
                        + " studies; give the folder of one study, or put each into a folder of its own");
    }

    private Optional<String> damage() {
        try {
            content.requireWhole();
            return Optional.empty();
        } catch (InvalidFileException e) {
            return Optional.of(e.getMessage());
        }
    }

    /**
     * The images of this subject.
     *
     * @param inputs the sequences that are needed
     * @param anySubset whether one of them is enough; one that a series may be, uncertain or unusable, is then a fault of the set
     * @throws MismatchException if one is missing, not certain, or several series fit; it names all series and the option that decides
     * @throws InvalidFileException if a file is damaged
     */
    ImageSet imageSet(List<Sequence> inputs, boolean anySubset, SeriesChoice choice) {
        severalStudies().ifPresent(problem -> {
            throw new MismatchException(problem);
        });
        content.requireWhole();
        Map<Sequence, ImageSource> images = named(choice);
        Map<Sequence, String> faults = new TreeMap<>();
        for (Sequence sequence : inputs) {
            if (!images.containsKey(sequence)) {
                found(sequence, inputs, choice, anySubset)
                        .ifPresentOrElse(
                                image -> images.put(sequence, image),
                                () -> undecided(sequence).ifPresent(fault -> faults.put(sequence, fault)));
            }
        }
        if (images.keySet().stream().noneMatch(inputs::contains)) {
            throw new MismatchException(path + ": no series is certainly one of " + inputs
                    + ", which the model takes; found " + list() + "; say which it is with --series NAME=UID");
        }
        return new ImageSet(id, images, List.of(), new FileFaults(faults, Optional.empty(), Optional.empty()));
    }

    /** Why no series is a sequence although some may be; empty if none may. */
    private Optional<String> undecided(Sequence sequence) {
        List<DicomImage> uncertain = with(sequence, false);
        List<DicomImage> candidates = Stream.concat(
                        uncertain.stream(),
                        content.images().stream()
                                .filter(image -> image.problem().isPresent())
                                .filter(image ->
                                        SequenceProposal.of(image).sequence().equals(Optional.of(sequence))))
                .toList();
        if (candidates.isEmpty()) {
            return Optional.empty();
        }
        int more = candidates.size() - MOST_VOLUMES;
        String uid = candidates.size() == 1 && uncertain.size() == 1
                ? uncertain.get(0).selector()
                : "UID";
        return Optional.of(path + ": no series is certainly " + sequence + ": "
                + candidates.stream().limit(MOST_VOLUMES).map(this::line).collect(Collectors.joining(", "))
                + (more > 0 ? ", and " + more + " more" : "")
                + "; say which it is with --series " + sequence + "=" + uid + ", or move it away");
    }

    /** The series that the user names. */
    private Map<Sequence, ImageSource> named(SeriesChoice choice) {
        Map<Sequence, ImageSource> images = new TreeMap<>();
        for (SeriesChoice.NamedSeries wanted : choice.series()) {
            List<DicomImage> matching =
                    content.images().stream().filter(wanted::means).toList();
            if (matching.size() != 1) {
                throw new MismatchException(path + ": --series " + wanted.selector()
                        + (matching.isEmpty()
                                ? " is none of its series; found " + list()
                                : " has several volumes, " + names(matching)
                                        + "; name one of them with --series UID:NUMBER"));
            }
            DicomImage image = matching.get(0);
            // A volume that cannot be used is refused with its own reason.
            image.grid();
            SequenceProposal proposal = proposals.get(image);
            Optional<Sequence> sequence = wanted.sequence()
                    .or(choice::sequence)
                    .or(() -> proposal.certain() ? proposal.sequence() : Optional.empty());
            if (sequence.isEmpty()) {
                throw new MismatchException(path + ": " + image + " is by its header " + proposal
                        + "; confirm what it is with --sequence NAME");
            }
            if (images.put(sequence.get(), image) != null) {
                throw new MismatchException(path + ": --series names two series as " + sequence.get());
            }
        }
        return images;
    }

    /** The only image that is this sequence; empty only if the model does without. */
    private Optional<DicomImage> found(
            Sequence sequence, List<Sequence> inputs, SeriesChoice choice, boolean anySubset) {
        boolean confirmed = choice.sequence().equals(Optional.of(sequence));
        List<DicomImage> proposed = with(sequence, false);
        List<DicomImage> certain = with(sequence, true);
        boolean isOnly = confirmed && choice.series().isEmpty() && proposals.size() == 1;
        List<DicomImage> fitting =
                isOnly ? List.copyOf(proposals.keySet()) : confirmed && certain.isEmpty() ? proposed : certain;
        if (fitting.size() == 1) {
            return Optional.of(fitting.get(0));
        }
        if (fitting.size() > 1) {
            throw new MismatchException(path + ": several series are " + sequence + ": " + names(fitting)
                    + "; choose one with --series UID");
        }
        if (anySubset) {
            return Optional.empty();
        }
        String option = inputs.size() == 1 ? "--sequence " + sequence : "--series " + sequence + "=UID";
        throw new MismatchException(path + ": no series is certainly " + sequence + ", which the model needs; found "
                + list() + "; "
                + (proposed.isEmpty() ? "choose one with --series " + sequence + "=UID" : "confirm it with " + option));
    }

    private List<DicomImage> with(Sequence sequence, boolean certain) {
        return proposals.entrySet().stream()
                .filter(entry -> entry.getValue().sequence().equals(Optional.of(sequence)))
                .filter(entry -> entry.getValue().certain() || !certain)
                .map(Map.Entry::getKey)
                .toList();
    }

    /**
     * The certain images of a cohort; why others cannot be used goes to the faults of the subject and to the unused files.
     *
     * @param unused receives series that are not used
     */
    ImageSet certain(List<UnusedFile> unused) {
        Optional<String> fault = severalStudies().or(this::damage);
        if (fault.isPresent()) {
            return new ImageSet(id, Map.of(), List.of(), FileFaults.ofFolder(fault.get()));
        }
        Map<Sequence, ImageSource> images = new TreeMap<>();
        Map<Sequence, String> faults = new TreeMap<>();
        proposals.forEach((image, proposal) -> {
            if (!proposal.certain()) {
                unused.add(new UnusedFile(image.files().get(0).getParent(), image + " is by its header " + proposal));
                return;
            }
            Sequence sequence = proposal.sequence().orElseThrow();
            List<DicomImage> fitting = with(sequence, true);
            if (fitting.size() > 1) {
                faults.put(
                        sequence, "several series are " + sequence + ": " + names(fitting) + "; move all but one away");
            } else {
                images.put(sequence, image);
            }
        });
        content.series().forEach(series -> {
            series.problem().ifPresent(problem -> unused.add(new UnusedFile(path, series.name() + " " + problem)));
            series.images()
                    .forEach(image -> image.problem()
                            .ifPresent(problem -> unused.add(new UnusedFile(
                                    image.files().get(0).getParent(), image + " cannot be used: " + problem))));
        });
        content.unused().stream()
                .filter(file -> DicomFile.isDicom(file.file()))
                .forEach(file -> unused.add(new UnusedFile(file.file(), file.reason())));
        Optional<String> none = images.isEmpty() && faults.isEmpty()
                ? Optional.of("no series is certainly T1, T1CE, T2 or FLAIR; found " + list())
                : Optional.empty();
        return new ImageSet(id, images, List.of(), new FileFaults(faults, Optional.empty(), none));
    }

    private static String names(List<DicomImage> images) {
        return images.stream()
                .map(image -> image + " (UID " + image.selector() + ")")
                .collect(Collectors.joining(", "));
    }

    /** All series and what their headers say; of many volumes of a series the first. */
    private String list() {
        List<String> lines = new ArrayList<>();
        for (DicomSeries series : content.series()) {
            if (series.images().isEmpty()) {
                lines.add(series.toString());
            }
            boolean isLong = series.images().size() > MOST_VOLUMES;
            series.images().subList(0, isLong ? 1 : series.images().size()).forEach(image -> lines.add(line(image)));
            if (isLong) {
                lines.add("and " + (series.images().size() - 1) + " more volumes of " + series.name());
            }
        }
        return lines.isEmpty() ? "no DICOM series" : String.join(", ", lines);
    }

    private String line(DicomImage image) {
        return image.problem()
                .map(problem -> image + " cannot be used: " + problem)
                .orElseGet(() -> image + " is " + proposals.get(image) + " UID " + image.selector());
    }
}
