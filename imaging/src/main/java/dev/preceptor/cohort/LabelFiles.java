package dev.preceptor.cohort;

import dev.preceptor.base.InvalidCohortException;
import dev.preceptor.base.InvalidFileException;
import dev.preceptor.base.Unfetched;
import dev.preceptor.dicom.DicomSegmentation;
import dev.preceptor.nifti.Nifti;
import dev.preceptor.volume.LabelSpace;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The label maps at a place, by subject. The place is one file, a flat folder of {@code <id>.nii.gz} or
 * {@code <id>_seg.nii.gz} or {@code <id>.dcm} (DICOM segmentations), BraTS folders, BIDS, or a data set with a
 * {@code dataset.json}. In a flat folder an id may end
 * like a sequence, such as the time points {@code P01_T1} and {@code P01_T2}; the voxel values of such a file decide
 * whether it is a label map or an image.
 *
 * @param where the place
 * @param byId the files by subject id, at least one
 * @param description the {@code dataset.json} that describes the labels, if there is one
 * @param unused files whose names leave open whether they are label maps and whose values say that they are not, and
 *     folders that cannot be listed
 */
public record LabelFiles(
        Path where, SortedMap<String, Path> byId, Optional<Path> description, List<UnusedFile> unused) {
    public LabelFiles {
        byId = Collections.unmodifiableSortedMap(new TreeMap<>(byId));
        unused = List.copyOf(unused);
    }

    /**
     * Finds the label maps. Reads only the files of a flat folder whose names could also be those of images.
     *
     * @throws InvalidCohortException if there is no label map, or two have the same id
     * @throws InvalidFileException if a file is a link to nothing
     */
    public static LabelFiles at(Path where) {
        if (Unfetched.reason(where).isPresent()) {
            throw new InvalidFileException(where, Unfetched.reason(where).get());
        }
        SortedMap<String, Path> byId = new TreeMap<>();
        List<UnusedFile> unused = new ArrayList<>();
        Optional<Path> description = Optional.empty();
        if (Files.isRegularFile(where)) {
            description = DatasetJson.describingLabels(where.toAbsolutePath().getParent());
            byId.put(
                    id(where)
                            .or(() -> NiftiFiles.stem(where))
                            .or(() -> LabelMapFiles.dicomStem(where))
                            .orElse(where.getFileName().toString()),
                    where);
        } else if (!Files.isDirectory(where)) {
            throw new InvalidCohortException(where + ": no such file or folder");
        } else if (DatasetJson.filesAt(where).size() == 1) {
            description = Optional.of(DatasetJson.filesAt(where).get(0));
            // Only the paths are needed; the schema is a placeholder.
            DatasetJson data = DatasetJson.read(description.get(), Optional.of(LabelSpace.BRATS_2018));
            data.cohort().subjects().forEach(s -> {
                s.faults().labels().ifPresent(fault -> refuse(s.id(), fault));
                s.labelFile().ifPresent(file -> byId.put(s.id(), file));
            });
        } else {
            description = DatasetJson.describingLabels(where);
            flat(where, byId, unused);
            dicom(where, byId, unused);
            if (byId.isEmpty()) {
                inFolders(where, byId, unused);
            }
        }
        if (byId.isEmpty()) {
            throw new InvalidCohortException(
                    where + ": no label map found; expected <id>.nii.gz, <id>_seg.nii.gz, <id>.dcm (DICOM SEG), BraTS"
                            + " folders with a seg file each, or BIDS"
                            + (unused.isEmpty()
                                    ? ""
                                    : "; " + unused.size() + " other files are not used, the first is "
                                            + unused.get(0).path().getFileName() + ": "
                                            + unused.get(0).reason()));
        }
        return new LabelFiles(where, byId, description, unused);
    }

    /**
     * The label schema of the {@code dataset.json}, if there is one.
     *
     * @throws dev.preceptor.base.InvalidFileException if it names unknown labels, or the header of a label map declares
     *     others
     */
    public Optional<SchemaDecision> described() {
        return description.map(file -> SchemaDecision.describedBy(file).confirmedBy(List.copyOf(byId.values())));
    }

    private static void flat(Path folder, SortedMap<String, Path> byId, List<UnusedFile> unused) {
        List<NiftiFiles.NamedFile> open = new ArrayList<>();
        for (Path path : NiftiFiles.entries(folder)) {
            Optional<NiftiFiles.NamedFile> entry =
                    NiftiFiles.entry(path).filter(file -> !ImageName.isBesideLabels(file.stem()));
            if (entry.isEmpty()) {
                continue;
            }
            NiftiFiles.NamedFile file = entry.get();
            if (ImageName.readings(file.stem()).get(0).content() instanceof ImageName.Image) {
                open.add(file);
            } else {
                file.fault().ifPresent(fault -> {
                    throw new InvalidFileException(path, fault);
                });
                put(byId, id(path).orElse(file.stem()), file.path());
            }
        }
        Set<String> labelled = Set.copyOf(byId.keySet());
        for (NiftiFiles.NamedFile file : open) {
            List<ImageName> readings = ImageName.readings(file.stem());
            Optional<String> owner = readings.stream()
                    .map(reading -> reading.subject().isEmpty() ? file.stem() : reading.subject())
                    .filter(labelled::contains)
                    .findFirst();
            String sequence = readings.get(0).content() instanceof ImageName.Image image
                    ? image.sequence().name()
                    : "";
            if (labelled.contains(file.stem())) {
                unused.add(new UnusedFile(
                        file.path(), "is an image: the label map of " + file.stem() + " is another file"));
            } else if (isLabelMap(file.path())) {
                put(byId, file.stem(), file.path());
            } else {
                unused.add(new UnusedFile(
                        file.path(),
                        "is by its name and its values an image, " + sequence
                                + owner.map(id -> " of " + id).orElse("") + ", not a label map"));
            }
        }
    }

    /** DICOM files in a flat folder: those with a segmentation of labels; images and probabilities are not. */
    private static void dicom(Path folder, SortedMap<String, Path> byId, List<UnusedFile> unused) {
        for (Path path : NiftiFiles.entries(folder)) {
            LabelMapFiles.dicomStem(path)
                    .filter(stem -> !LabelMapFiles.isProbabilities(path))
                    .ifPresent(stem -> {
                        if (DicomSegmentation.isIn(path)) {
                            put(byId, id(path).orElse(stem), path);
                        } else {
                            unused.add(new UnusedFile(path, "is no DICOM segmentation"));
                        }
                    });
        }
    }

    private static void inFolders(Path where, SortedMap<String, Path> byId, List<UnusedFile> unused) {
        SubjectFiles files = SubjectFiles.below(where);
        files.groups().forEach(group -> {
            group.faults().labels().ifPresent(fault -> refuse(group.id(), fault));
            group.faults().folder().ifPresent(fault -> unused.add(new UnusedFile(where, fault)));
            group.labels().ifPresent(file -> put(byId, group.id(), file));
        });
    }

    private static boolean isLabelMap(Path file) {
        try {
            return Nifti.readLabelValues(file).stream().allMatch(value -> value >= 0 && value <= Byte.MAX_VALUE);
        } catch (InvalidFileException e) {
            // Fractions or very many values: an image.
            return false;
        }
    }

    private static void refuse(String id, String fault) {
        throw new InvalidCohortException("subject " + id + ": " + fault);
    }

    private static void put(SortedMap<String, Path> byId, String id, Path file) {
        Path other = byId.putIfAbsent(id, file);
        if (other != null) {
            throw new InvalidCohortException(
                    "subject " + id + " has two label maps, " + other + " and " + file + "; remove one of them");
        }
    }

    /**
     * The id in the name of a file; empty for an image of a sequence, for probabilities or uncertainty, and for a file that is neither NIfTI nor
     * DICOM.
     */
    public static Optional<String> id(Path file) {
        return NiftiFiles.stem(file)
                .or(() -> LabelMapFiles.dicomStem(file))
                .filter(stem -> !ImageName.isBesideLabels(stem) && !LabelMapFiles.isProbabilities(file))
                .flatMap(stem -> {
                    ImageName name = ImageName.readings(stem).get(0);
                    if (name.content() instanceof ImageName.Labels
                            && !name.subject().isEmpty()) {
                        return Optional.of(name.subject());
                    }
                    return name.content() instanceof ImageName.Image ? Optional.empty() : Optional.of(stem);
                });
    }
}
