package dev.preceptor.cohort;

import dev.preceptor.volume.ImageSource;
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

/**
 * Finds subjects by the names of their files. It reads {@code <id>_t1ce.nii.gz} and {@code <id>-t1c.nii.gz} with every
 * synonym of a sequence and every word for a label map, in folders to a depth of six (such as HGG and LGG), and BIDS, where
 * the files of a subject and session belong together across all folders including {@code derivatives}. Otherwise the files
 * of a subject are in one folder. A label map with an unrelated name (case 355 of BraTS 2020 on Kaggle) belongs to the only
 * subject of its folder.
 */
final class SubjectFiles {
    /** The files of one id; images or labels may be missing. */
    record FileGroup(
            String id, Map<Sequence, ImageSource> images, Optional<Path> labels, FileFaults faults, boolean isBids) {
        boolean isSubject() {
            return !images.isEmpty()
                    || !faults.images().isEmpty()
                    || faults.folder().isPresent();
        }
    }

    private record ResolvedFile(NiftiFiles.NamedFile file, ImageName name) {}

    private final Path root;
    private final List<FileGroup> groups = new ArrayList<>();
    private final List<UnusedFile> unused = new ArrayList<>();

    private SubjectFiles(Path root) {
        this.root = root;
    }

    /** Finds the files below a folder; reads only names. */
    static SubjectFiles below(Path root) {
        SubjectFiles files = new SubjectFiles(root);
        NiftiFiles walked = NiftiFiles.below(root);
        files.unused.addAll(walked.others());
        Map<Path, List<NiftiFiles.NamedFile>> folders = new TreeMap<>();
        Map<Path, List<NiftiFiles.NamedFile>> bids = new TreeMap<>();
        for (NiftiFiles.NamedFile file : walked.files()) {
            if (BidsName.matches(file.stem())) {
                bids.computeIfAbsent(BidsName.root(root, file.folder()), k -> new ArrayList<>())
                        .add(file);
            } else {
                folders.computeIfAbsent(file.folder(), k -> new ArrayList<>()).add(file);
            }
        }
        folders.forEach((folder, group) -> files.group(Optional.of(folder), group));
        bids.forEach((folder, group) -> files.group(Optional.empty(), group));
        walked.unlistable()
                .forEach(closed -> files.groups.add(new FileGroup(
                        NiftiFiles.composed(closed.folder().getFileName().toString()),
                        Map.of(),
                        Optional.empty(),
                        FileFaults.ofFolder(closed.fault()),
                        false)));
        return files;
    }

    /** The groups by folder and id; some have labels only. */
    List<FileGroup> groups() {
        return groups;
    }

    /** The files that belong to no id, sorted by path. */
    List<UnusedFile> unused() {
        return unused.stream().sorted(Comparator.comparing(UnusedFile::path)).toList();
    }

    /** Groups the files of one folder, or of a BIDS data set if no folder is given. */
    private void group(Optional<Path> folder, List<NiftiFiles.NamedFile> group) {
        Map<String, Map<Sequence, List<NiftiFiles.NamedFile>>> images = new TreeMap<>();
        Map<String, List<NiftiFiles.NamedFile>> labels = new TreeMap<>();
        for (ResolvedFile resolved : resolved(folder, group)) {
            ImageName name = resolved.name;
            NiftiFiles.NamedFile file = resolved.file;
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
                (id, files) -> groups.add(fileGroup(id, files, labels.getOrDefault(id, List.of()), folder.isEmpty())));
        labels.keySet().removeAll(images.keySet());
        labels.forEach((id, files) -> groups.add(fileGroup(id, Map.of(), files, folder.isEmpty())));
    }

    /** Resolves ambiguous names by the names of the other files. */
    private List<ResolvedFile> resolved(Optional<Path> folder, List<NiftiFiles.NamedFile> group) {
        Set<String> evident = new HashSet<>();
        folder.ifPresent(path -> evident.add(idOf(path)));
        for (NiftiFiles.NamedFile file : group) {
            List<ImageName> readings = ImageName.readings(file.stem());
            boolean isUnambiguous = readings.size() == 1
                    && (readings.get(0).content() instanceof ImageName.Image
                            || readings.get(0).content() instanceof ImageName.Labels);
            if (isUnambiguous) {
                evident.add(readings.get(0).subject());
            }
        }
        List<ResolvedFile> resolved = new ArrayList<>();
        for (NiftiFiles.NamedFile file : group) {
            ImageName name = ImageName.resolve(ImageName.readings(file.stem()), evident);
            String id = name.subject().isEmpty() ? idOf(file.folder()) : name.subject();
            if (BidsName.matches(file.stem()) && name.content() instanceof ImageName.Labels) {
                name = BidsName.anatomicalPipeline(root.toAbsolutePath().relativize(file.folder()))
                        .map(pipeline ->
                                new ImageName(id, new ImageName.Other("is a segmentation of anatomy by " + pipeline)))
                        .orElse(name);
            }
            resolved.add(new ResolvedFile(file, new ImageName(id, name.content())));
        }
        return resolved;
    }

    private static String idOf(Path folder) {
        return BidsName.idOfFolders(folder)
                .orElseGet(() -> NiftiFiles.composed(
                        folder.getFileName() == null ? "" : folder.getFileName().toString()));
    }

    /** Assigns label maps with unrelated names to a subject if only one is possible. */
    private static void assign(Set<String> subjects, Map<String, List<NiftiFiles.NamedFile>> labels, boolean isBids) {
        for (String id : List.copyOf(labels.keySet())) {
            if (subjects.contains(id)) {
                continue;
            }
            // In <id>_t1c_seg, the label map is named after the image on which it was drawn.
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

    private FileGroup fileGroup(
            String id,
            Map<Sequence, List<NiftiFiles.NamedFile>> imageFiles,
            List<NiftiFiles.NamedFile> labelFiles,
            boolean isBids) {
        Map<Sequence, ImageSource> images = new TreeMap<>();
        Map<Sequence, String> faults = new TreeMap<>();
        imageFiles.forEach((sequence, candidates) -> {
            FileChoice choice = FileChoice.of(sequence.name(), candidates, root, unused);
            choice.file().ifPresent(file -> images.put(sequence, NiftiImage.of(file)));
            choice.fault().ifPresent(fault -> faults.put(sequence, fault));
        });
        FileChoice labels = FileChoice.of("the label map", labelFiles, root, unused);
        return new FileGroup(
                id, images, labels.file(), new FileFaults(faults, labels.fault(), Optional.empty()), isBids);
    }

    /** Why a file with such a name belongs to no subject. */
    static String reason(ImageName.FileContent content) {
        if (content instanceof ImageName.Other other) {
            return other.reason();
        }
        if (content instanceof ImageName.ChannelNumber channel) {
            return "is by its name channel " + channel.number() + " of nnU-Net, but no dataset.json beside it or in the"
                    + " folder above says which sequence that is";
        }
        return "its name ends neither in a known sequence (t1, t1ce, t2, flair and synonyms) nor in a word for a"
                + " label map (seg)";
    }
}
