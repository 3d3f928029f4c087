package dev.preceptor.cohort;

import dev.preceptor.volume.Sequence;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Finds subjects by the names of their files: {@code <id>_t1ce.nii.gz} and {@code <id>-t1c.nii.gz} with every synonym of a
 * sequence and every word for a label map, in folders to a depth of six, HGG and LGG among them; and BIDS, where the files of a
 * subject and session belong together over all folders, {@code derivatives} among them. Elsewhere the files of a subject stand in
 * one folder; a label map with a name of its own (case 355 of BraTS 2020 on Kaggle) belongs to the one subject of its folder.
 */
final class SubjectFiles {
    /** What belongs together under one id; images or labels may be missing. */
    record Found(String id, Map<Sequence, ImageFile> images, Optional<Path> labels, FileFaults faults, boolean isBids) {
        boolean isSubject() {
            return !images.isEmpty()
                    || !faults.images().isEmpty()
                    || faults.folder().isPresent();
        }
    }

    private record Named(NiftiFiles.Entry file, ImageName name) {}

    private final Path root;
    private final List<Found> found = new ArrayList<>();
    private final List<UnusedFile> unused = new ArrayList<>();

    private SubjectFiles(Path root) {
        this.root = root;
    }

    /** Finds what is below a folder; reads names alone. */
    static SubjectFiles below(Path root) {
        SubjectFiles files = new SubjectFiles(root);
        NiftiFiles walked = NiftiFiles.below(root);
        files.unused.addAll(walked.others());
        Map<Path, List<NiftiFiles.Entry>> folders = new TreeMap<>();
        Map<Path, List<NiftiFiles.Entry>> bids = new TreeMap<>();
        for (NiftiFiles.Entry file : walked.files()) {
            if (BidsName.matches(file.stem())) {
                bids.computeIfAbsent(BidsName.root(root, file.folder()), k -> new ArrayList<>())
                        .add(file);
            } else {
                folders.computeIfAbsent(file.folder(), k -> new ArrayList<>()).add(file);
            }
        }
        folders.forEach((folder, group) -> files.group(Optional.of(folder), group));
        bids.forEach((folder, group) -> files.group(Optional.empty(), group));
        walked.closed()
                .forEach(closed -> files.found.add(new Found(
                        NiftiFiles.composed(closed.folder().getFileName().toString()),
                        Map.of(),
                        Optional.empty(),
                        FileFaults.ofFolder(closed.fault()),
                        false)));
        return files;
    }

    /** By folder and id; some may have labels alone. */
    List<Found> found() {
        return found;
    }

    /** The files that belong to no id, by path. */
    List<UnusedFile> unused() {
        return unused.stream().sorted(Comparator.comparing(UnusedFile::path)).toList();
    }

    /** Files that belong together: those of one folder, or, without one, those of a BIDS data set. */
    private void group(Optional<Path> folder, List<NiftiFiles.Entry> group) {
        Map<String, Map<Sequence, List<NiftiFiles.Entry>>> images = new TreeMap<>();
        Map<String, List<NiftiFiles.Entry>> labels = new TreeMap<>();
        for (Named named : resolved(folder, group)) {
            ImageName name = named.name;
            NiftiFiles.Entry file = named.file;
            if (name.content() instanceof ImageName.Image image) {
                images.computeIfAbsent(name.subject(), k -> new TreeMap<>())
                        .computeIfAbsent(image.sequence(), k -> new ArrayList<>())
                        .add(file);
            } else if (name.content() instanceof ImageName.Labels) {
                labels.computeIfAbsent(name.subject(), k -> new ArrayList<>()).add(file);
            } else {
                unused.add(new UnusedFile(file.path(), file.fault().orElseGet(() -> reason(name.content()))));
            }
        }
        assign(images.keySet(), labels, folder.isEmpty());
        images.forEach(
                (id, files) -> found.add(found(id, files, Optional.ofNullable(labels.remove(id)), folder.isEmpty())));
        labels.forEach((id, files) -> found.add(found(id, Map.of(), Optional.of(files), folder.isEmpty())));
    }

    /** Chooses between two readings of a name by what the other files of the group are called. */
    private List<Named> resolved(Optional<Path> folder, List<NiftiFiles.Entry> group) {
        Set<String> evident = new HashSet<>();
        folder.ifPresent(path -> evident.add(idOf(path)));
        for (NiftiFiles.Entry file : group) {
            List<ImageName> readings = ImageName.readings(file.stem());
            boolean isClear = readings.size() == 1
                    && (readings.get(0).content() instanceof ImageName.Image
                            || readings.get(0).content() instanceof ImageName.Labels);
            if (isClear) {
                evident.add(readings.get(0).subject());
            }
        }
        List<Named> named = new ArrayList<>();
        for (NiftiFiles.Entry file : group) {
            ImageName name = ImageName.resolve(ImageName.readings(file.stem()), evident);
            String id = name.subject().isEmpty() ? idOf(file.folder()) : name.subject();
            if (BidsName.matches(file.stem()) && name.content() instanceof ImageName.Labels) {
                name = BidsName.anatomicalPipeline(root.toAbsolutePath().relativize(file.folder()))
                        .map(pipeline ->
                                new ImageName(id, new ImageName.Other("is a segmentation of anatomy by " + pipeline)))
                        .orElse(name);
            }
            named.add(new Named(file, new ImageName(id, name.content())));
        }
        return named;
    }

    private static String idOf(Path folder) {
        return BidsName.idOfFolders(folder)
                .orElseGet(() -> NiftiFiles.composed(
                        folder.getFileName() == null ? "" : folder.getFileName().toString()));
    }

    /** Gives label maps with a name of their own to a subject, where it can be only one. */
    private static void assign(Set<String> subjects, Map<String, List<NiftiFiles.Entry>> labels, boolean isBids) {
        for (String id : List.copyOf(labels.keySet())) {
            if (subjects.contains(id)) {
                continue;
            }
            // As in <id>_t1c_seg: a label map that is named after the image it was drawn on.
            ImageName.readings(id).stream()
                    .filter(reading -> reading.content() instanceof ImageName.Image)
                    .map(ImageName::subject)
                    .filter(subjects::contains)
                    .findFirst()
                    .or(() -> !isBids && subjects.size() == 1 && labels.size() == 1
                            ? subjects.stream().findFirst()
                            : Optional.empty())
                    .ifPresent(subject -> labels.computeIfAbsent(subject, k -> new ArrayList<>())
                            .addAll(labels.remove(id)));
        }
    }

    private Found found(
            String id,
            Map<Sequence, List<NiftiFiles.Entry>> files,
            Optional<List<NiftiFiles.Entry>> labelFiles,
            boolean isBids) {
        Map<Sequence, ImageFile> images = new TreeMap<>();
        Map<Sequence, String> faults = new TreeMap<>();
        files.forEach((sequence, candidates) -> {
            List<NiftiFiles.Entry> different = different(candidates, unused);
            fault(sequence.name(), different, root)
                    .ifPresentOrElse(
                            fault -> faults.put(sequence, fault),
                            () -> images.put(
                                    sequence, ImageFile.of(different.get(0).path())));
        });
        List<NiftiFiles.Entry> labels =
                labelFiles.map(candidates -> different(candidates, unused)).orElse(List.of());
        Optional<String> labelFault = labels.isEmpty() ? Optional.empty() : fault("the label map", labels, root);
        Optional<Path> map = labels.isEmpty() || labelFault.isPresent()
                ? Optional.empty()
                : Optional.of(labels.get(0).path());
        return new Found(id, images, map, new FileFaults(faults, labelFault, Optional.empty()), isBids);
    }

    /** Without the files that are links to another one of them. */
    static List<NiftiFiles.Entry> different(List<NiftiFiles.Entry> candidates, List<UnusedFile> unused) {
        Map<Path, NiftiFiles.Entry> real = new TreeMap<>();
        List<NiftiFiles.Entry> kept = new ArrayList<>();
        for (NiftiFiles.Entry file : candidates) {
            NiftiFiles.Entry same = real.putIfAbsent(NiftiFiles.real(file.path()), file);
            if (same == null) {
                kept.add(file);
            } else {
                unused.add(new UnusedFile(file.path(), "is the same file as " + same.path()));
            }
        }
        return kept;
    }

    /** Why none of the files for one thing can be taken: there are several, or the only one is known to be unreadable. */
    static Optional<String> fault(String what, List<NiftiFiles.Entry> candidates, Path root) {
        if (candidates.size() == 1) {
            return candidates.get(0).fault();
        }
        String names = candidates.stream()
                .map(file -> root.toAbsolutePath().relativize(file.path().toAbsolutePath()))
                .map(Path::toString)
                .collect(Collectors.joining(" and "));
        return Optional.of("there are " + candidates.size() + " files for " + what + ", " + names
                + "; keep one of them, or name the folder that holds the right one");
    }

    /** Why a file with such a name is no part of a subject. */
    static String reason(ImageName.Content content) {
        if (content instanceof ImageName.Other other) {
            return other.reason();
        }
        if (content instanceof ImageName.Channel channel) {
            return "is by its name channel " + channel.number() + " of nnU-Net, but no dataset.json beside it or in the"
                    + " folder above says which sequence that is";
        }
        return "its name ends neither in a sequence that is known (t1, t1ce, t2, flair and synonyms) nor in a word for a"
                + " label map (seg)";
    }
}
