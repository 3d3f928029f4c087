package dev.preceptor.cohort;

import dev.preceptor.base.InvalidCohortException;
import dev.preceptor.base.InvalidFileException;
import dev.preceptor.base.MismatchException;
import dev.preceptor.base.Reason;
import dev.preceptor.dicom.DicomFile;
import dev.preceptor.dicom.DicomFolder;
import dev.preceptor.dicom.Tag;
import dev.preceptor.nifti.Nifti;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Sequence;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The subjects in a folder of DICOM files: one study, whose id is the name of the folder, or one subject for each folder in it. Ids are
 * names of folders, never of patients.
 */
public final class DicomSubjects {
    private DicomSubjects() {}

    /**
     * Whether a path is a DICOM file, or a folder that holds DICOM files and no NIfTI file. Reads names, and the starts of files until
     * it finds one of DICOM.
     */
    public static boolean isAt(Path path) {
        if (!Files.isDirectory(path)) {
            return DicomFile.isDicom(path);
        }
        try (Stream<Path> files = Files.walk(path)) {
            boolean hasNifti = files.anyMatch(Nifti::isNamed);
            return !hasNifti && DicomFolder.firstFile(path).isPresent();
        } catch (IOException | UncheckedIOException e) {
            return false;
        }
    }

    /**
     * The images at a path.
     *
     * @param inputs the sequences that are needed
     * @param anySubset whether one of them is enough; one that a series may be, uncertain or unusable, is then a fault of the set
     * @param choice what the user says about the series
     * @throws dev.preceptor.base.PreceptorException if the headers do not say for certain which series is which sequence; it names all
     *     series and the option that decides
     */
    public static List<ImageSet> imageSets(Path path, List<Sequence> inputs, boolean anySubset, SeriesChoice choice) {
        List<DicomSubject> subjects = at(path);
        List<ImageSet> sets = new ArrayList<>();
        for (DicomSubject subject : subjects) {
            sets.add(
                    subjects.size() == 1
                            ? subject.imageSet(inputs, anySubset, choice)
                            : orFault(subject, inputs, anySubset, choice));
        }
        return sets;
    }

    /** Among several subjects, one whose series are unclear or damaged is reported and left out. */
    private static ImageSet orFault(
            DicomSubject subject, List<Sequence> inputs, boolean anySubset, SeriesChoice choice) {
        try {
            return subject.imageSet(inputs, anySubset, choice);
        } catch (MismatchException | InvalidFileException e) {
            return new ImageSet(subject.id(), Map.of(), List.of(), FileFaults.ofFolder(e.getMessage()));
        }
    }

    /**
     * The cohort in a folder: images whose headers make them certain, no label maps.
     *
     * @param otherFiles files that are not DICOM and are not used
     */
    static Cohort cohort(Path folder, Optional<LabelSpace> given, List<UnusedFile> otherFiles) {
        List<UnusedFile> unused = new ArrayList<>(otherFiles);
        List<Subject> subjects = new ArrayList<>();
        LabelSpace schema = given.orElse(LabelSpace.BRATS_2018);
        for (DicomSubject subject : at(folder)) {
            ImageSet set = subject.certain(unused);
            subjects.add(new Subject(set.id(), set.images(), Optional.empty(), schema, set.faults()));
        }
        unused.sort(Comparator.comparing(UnusedFile::path));
        Path name = folder.toAbsolutePath().normalize().getFileName();
        return new Cohort(
                name == null ? folder.toString() : name.toString(),
                folder,
                CohortLayout.DICOM,
                schema,
                "no label maps; the schema is not used",
                subjects,
                unused);
    }

    /** One subject, or one for each folder in a folder, if these are of different studies. Reads a header of each to tell. */
    private static List<DicomSubject> at(Path path) {
        List<Path> folders = new ArrayList<>();
        Set<String> studies = new HashSet<>();
        if (Files.isDirectory(path)) {
            try (Stream<Path> entries = Files.list(path)) {
                for (Path entry : entries.sorted().toList()) {
                    Optional<Path> first = DicomFolder.firstFile(entry);
                    if (first.isPresent()) {
                        folders.add(entry);
                        studies.add(study(first.get()));
                    }
                }
            } catch (IOException e) {
                throw new InvalidCohortException(path + ": cannot be listed: " + Reason.of(e));
            }
        }
        boolean areSubjects = studies.size() > 1 && folders.stream().allMatch(Files::isDirectory);
        return areSubjects ? folders.stream().map(DicomSubject::at).toList() : List.of(DicomSubject.at(path));
    }

    private static String study(Path file) {
        try {
            return DicomFile.read(file).dataSet().text(Tag.STUDY_INSTANCE).orElse("");
        } catch (InvalidFileException e) {
            // Reading the whole folder reports it.
            return "";
        }
    }
}
