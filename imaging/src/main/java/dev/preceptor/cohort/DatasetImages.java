package dev.preceptor.cohort;

import dev.preceptor.base.InvalidFileException;
import dev.preceptor.nifti.Nifti;
import dev.preceptor.volume.ImageSource;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Sequence;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * One folder of images of a data set with a {@code dataset.json}: {@code imagesTr}, {@code imagesTs} or another folder
 * below it. The label maps are in the folder of the matching name beside it ({@code labelsTr}, {@code labelsTs}).
 *
 * @param json the description
 * @param folder the images
 * @param channels the sequences of the channels, by number
 * @param schema of the label maps
 */
record DatasetImages(Path json, Path folder, Map<Integer, Sequence> channels, LabelSpace schema) {

    /** The subjects, the layout of their images, and the unused files below a folder. */
    record FolderContent(CohortLayout layout, List<Subject> subjects, List<UnusedFile> unused) {}

    /** Finds the subjects; every other NIfTI file below {@code root} is unused. */
    FolderContent find(Path root) {
        List<UnusedFile> unused = new ArrayList<>();
        Map<String, List<NiftiFiles.NamedFile>> labels = new TreeMap<>();
        labelFolder()
                .filter(Files::isDirectory)
                .ifPresent(place -> entries(place)
                        .forEach(file -> labels.computeIfAbsent(file.stem(), k -> new ArrayList<>())
                                .add(file)));
        List<NiftiFiles.NamedFile> files = entries(folder);
        CohortLayout layout = isSplit(files) ? CohortLayout.NNUNET : CohortLayout.MSD;
        Map<String, Map<Sequence, List<NiftiFiles.NamedFile>>> byId = new TreeMap<>();
        for (NiftiFiles.NamedFile file : files) {
            Optional<ImageName> name = channelOf(file.stem());
            if (layout == CohortLayout.MSD) {
                channels.values()
                        .forEach(sequence -> byId.computeIfAbsent(file.stem(), id -> new TreeMap<>())
                                .computeIfAbsent(sequence, k -> new ArrayList<>())
                                .add(file));
            } else if (name.isPresent() && name.get().content() instanceof ImageName.ChannelNumber channel) {
                byId.computeIfAbsent(name.get().subject(), id -> new TreeMap<>())
                        .computeIfAbsent(sequence(file.path(), channel.number()), k -> new ArrayList<>())
                        .add(file);
            } else {
                unused.add(new UnusedFile(
                        file.path(),
                        "is not named <id>_0000 after its channel, as the other images of its folder are"));
            }
        }
        Set<Path> used = new HashSet<>();
        files.forEach(file -> used.add(NiftiFiles.real(file.path())));
        List<Subject> subjects = new ArrayList<>();
        byId.forEach((id, images) -> {
            List<NiftiFiles.NamedFile> maps =
                    Optional.ofNullable(labels.remove(id)).orElse(List.of());
            maps.forEach(file -> used.add(NiftiFiles.real(file.path())));
            subjects.add(subject(id, images, maps, layout, unused));
        });
        NiftiFiles walked = NiftiFiles.below(root);
        unused.addAll(walked.others());
        walked.unlistable().forEach(folder -> unused.add(new UnusedFile(folder.folder(), folder.fault())));
        walked.files().stream()
                .filter(file -> !used.contains(NiftiFiles.real(file.path())))
                .forEach(file ->
                        unused.add(new UnusedFile(file.path(), file.fault().orElseGet(() -> reason(file)))));
        return new FolderContent(
                layout,
                subjects,
                unused.stream()
                        .distinct()
                        .sorted(Comparator.comparing(UnusedFile::path))
                        .toList());
    }

    private Subject subject(
            String id,
            Map<Sequence, List<NiftiFiles.NamedFile>> images,
            List<NiftiFiles.NamedFile> maps,
            CohortLayout layout,
            List<UnusedFile> unused) {
        Map<Sequence, ImageSource> usable = new TreeMap<>();
        Map<Sequence, String> faults = new TreeMap<>();
        boolean isFourDimensional = layout == CohortLayout.MSD && channels.size() > 1;
        channels.forEach((index, sequence) -> {
            FileChoice choice =
                    FileChoice.of(sequence.name(), images.getOrDefault(sequence, List.of()), folder, unused);
            choice.fault().ifPresent(fault -> faults.put(sequence, fault));
            choice.file()
                    .ifPresent(file ->
                            usable.put(sequence, isFourDimensional ? NiftiImage.of(file, index) : NiftiImage.of(file)));
        });
        FileChoice labels = FileChoice.of("the label map", maps, folder, unused);
        return new Subject(id, usable, labels.file(), schema, new FileFaults(faults, labels.fault(), Optional.empty()));
    }

    private Sequence sequence(Path file, int channel) {
        return Optional.ofNullable(channels.get(channel))
                .orElseThrow(() -> new InvalidFileException(
                        file, "is channel " + channel + ", which " + json.getFileName() + " does not name"));
    }

    /** Whether each channel is a separate file. File names decide, unless an image holds all channels (MSD). */
    private boolean isSplit(List<NiftiFiles.NamedFile> files) {
        List<NiftiFiles.NamedFile> named =
                files.stream().filter(f -> channelOf(f.stem()).isPresent()).toList();
        if (named.isEmpty()) {
            return false;
        }
        if (channels.size() == 1) {
            return true;
        }
        try {
            return Nifti.readHeader(named.get(0).path()).frames() == 1;
        } catch (InvalidFileException e) {
            // The file is reported when the subject is read.
            return true;
        }
    }

    private static Optional<ImageName> channelOf(String stem) {
        return ImageName.readings(stem).stream()
                .filter(name -> name.content() instanceof ImageName.ChannelNumber)
                .findFirst();
    }

    private Optional<Path> labelFolder() {
        String name = folder.getFileName().toString();
        return name.toLowerCase(Locale.ROOT).startsWith("images")
                ? Optional.of(folder.resolveSibling("labels" + name.substring("images".length())))
                : Optional.empty();
    }

    private String reason(NiftiFiles.NamedFile file) {
        String parent = String.valueOf(file.folder().getFileName());
        String lower = parent.toLowerCase(Locale.ROOT);
        if (lower.startsWith("images")) {
            return "is in " + parent + "; open that folder to use its images";
        }
        return lower.startsWith("labels")
                ? "is a label map without an image in " + folder.getFileName()
                : "is not in a folder of images or labels of " + json.getFileName();
    }

    private static List<NiftiFiles.NamedFile> entries(Path folder) {
        return NiftiFiles.entries(folder).stream()
                .flatMap(path -> NiftiFiles.entry(path).stream())
                .toList();
    }
}
