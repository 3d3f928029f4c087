package dev.preceptor.cohort;

import dev.preceptor.base.InvalidCohortException;
import dev.preceptor.base.InvalidFileException;
import dev.preceptor.base.Unfetched;
import dev.preceptor.nifti.Nifti;
import dev.preceptor.volume.LabelSchema;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * The label maps at a place, by subject: one file, a flat folder of {@code <id>.nii.gz} or {@code <id>_seg.nii.gz}, BraTS folders,
 * BIDS, or a data set with a {@code dataset.json}. In a flat folder an id may end like a sequence, as the time points
 * {@code P01_T1} and {@code P01_T2} do: the values of such a file tell whether it is a label map or an image.
 *
 * @param where the place
 * @param byId the files, at least one
 * @param description the {@code dataset.json} that says what the labels mean, if there is one
 * @param unused files that were not taken for label maps although their names leave it open, and folders that cannot be listed
 */
public record LabelFiles(
        Path where, SortedMap<String, Path> byId, Optional<Path> description, List<UnusedFile> unused) {
    /** What predict writes beside its label maps. */
    private static final Pattern PROBABILITIES = Pattern.compile(".+_prob_(WT|TC|ET)");

    public LabelFiles {
        byId = Collections.unmodifiableSortedMap(new TreeMap<>(byId));
        unused = List.copyOf(unused);
    }

    /**
     * Finds the label maps. Reads only those files of a flat folder whose names are also those of images.
     *
     * @throws InvalidCohortException if there is none, or two have one id
     * @throws InvalidFileException if one is a link to nothing
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
                            .orElse(where.getFileName().toString()),
                    where);
        } else if (!Files.isDirectory(where)) {
            throw new InvalidCohortException(where + ": no such file or folder");
        } else if (DatasetJson.filesAt(where).size() == 1) {
            description = Optional.of(DatasetJson.filesAt(where).get(0));
            // Only where the files lie is asked, not what their labels mean.
            DatasetJson data = DatasetJson.read(description.get(), Optional.of(LabelSchema.BRATS_2018));
            data.cohort().subjects().forEach(s -> {
                s.faults().labels().ifPresent(fault -> refuse(s.id(), fault));
                s.labelFile().ifPresent(file -> byId.put(s.id(), file));
            });
        } else {
            description = DatasetJson.describingLabels(where);
            flat(where, byId, unused);
            if (byId.isEmpty()) {
                inFolders(where, byId, unused);
            }
        }
        if (byId.isEmpty()) {
            throw new InvalidCohortException(
                    where + ": no label map found; expected <id>.nii.gz, <id>_seg.nii.gz, BraTS"
                            + " folders with a seg file each, or BIDS"
                            + (unused.isEmpty()
                                    ? ""
                                    : "; of " + unused.size() + " other files, "
                                            + unused.get(0).path().getFileName() + ": "
                                            + unused.get(0).reason()));
        }
        return new LabelFiles(where, byId, description, unused);
    }

    /**
     * What the labels mean, where a {@code dataset.json} says so.
     *
     * @throws dev.preceptor.base.InvalidFileException if it names labels that are not known, or a label map declares others
     */
    public Optional<SchemaDecision> described() {
        return description.map(file -> SchemaDecision.describedBy(file).confirmedBy(List.copyOf(byId.values())));
    }

    private static void flat(Path folder, SortedMap<String, Path> byId, List<UnusedFile> unused) {
        List<NiftiFiles.Entry> open = new ArrayList<>();
        for (Path path : NiftiFiles.entries(folder)) {
            Optional<NiftiFiles.Entry> entry = NiftiFiles.entry(path).filter(file -> !isProbability(file.stem()));
            if (entry.isEmpty()) {
                continue;
            }
            NiftiFiles.Entry file = entry.get();
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
        for (NiftiFiles.Entry file : open) {
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

    private static void inFolders(Path where, SortedMap<String, Path> byId, List<UnusedFile> unused) {
        SubjectFiles files = SubjectFiles.below(where);
        files.found().forEach(found -> {
            found.faults().labels().ifPresent(fault -> refuse(found.id(), fault));
            found.faults().folder().ifPresent(fault -> unused.add(new UnusedFile(where, fault)));
            found.labels().ifPresent(file -> put(byId, found.id(), file));
        });
    }

    private static boolean isProbability(String stem) {
        return PROBABILITIES.matcher(stem).matches();
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

    /** The id in a file's name; empty for an image of a sequence, for probabilities and for what is no NIfTI file. */
    public static Optional<String> id(Path file) {
        return NiftiFiles.stem(file).filter(stem -> !isProbability(stem)).flatMap(stem -> {
            ImageName name = ImageName.readings(stem).get(0);
            if (name.content() instanceof ImageName.Labels && !name.subject().isEmpty()) {
                return Optional.of(name.subject());
            }
            return name.content() instanceof ImageName.Image ? Optional.empty() : Optional.of(stem);
        });
    }
}
