package dev.preceptor.cohort;

import dev.preceptor.base.InvalidFileException;
import dev.preceptor.nifti.Nifti;
import dev.preceptor.volume.LabelSchema;
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
 * The subjects in one folder of images of a data set with a {@code dataset.json}: {@code imagesTr}, {@code imagesTs} or another
 * folder below it, with the label maps of {@code labelsTr}, {@code labelsTs} and so on beside it.
 *
 * @param json the description
 * @param folder the images
 * @param channels what the description calls them
 * @param schema of the label maps
 */
record DatasetImages(Path json, Path folder, Map<Integer, Sequence> channels, LabelSchema schema) {

    /** The subjects, how their images are stored, and what is left over below a folder. */
    record Found(CohortLayout layout, List<Subject> subjects, List<UnusedFile> unused) {}

    /** Finds the subjects; {@code root} is the folder below which every other NIfTI file is unused. */
    Found find(Path root) {
        List<UnusedFile> unused = new ArrayList<>();
        Map<String, List<NiftiFiles.Entry>> labels = new TreeMap<>();
        labelFolder()
                .filter(Files::isDirectory)
                .ifPresent(place -> entries(place)
                        .forEach(file -> labels.computeIfAbsent(file.stem(), k -> new ArrayList<>())
                                .add(file)));
        List<NiftiFiles.Entry> files = entries(folder);
        CohortLayout cohortLayout = isSplit(files) ? CohortLayout.NNUNET : CohortLayout.MSD;
        Map<String, Map<Sequence, List<NiftiFiles.Entry>>> byId = new TreeMap<>();
        for (NiftiFiles.Entry file : files) {
            Optional<ImageName> name = channelOf(file.stem());
            if (cohortLayout == CohortLayout.MSD) {
                channels.values()
                        .forEach(sequence -> byId.computeIfAbsent(file.stem(), id -> new TreeMap<>())
                                .computeIfAbsent(sequence, k -> new ArrayList<>())
                                .add(file));
            } else if (name.isPresent() && name.get().content() instanceof ImageName.Channel channel) {
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
            List<NiftiFiles.Entry> maps = Optional.ofNullable(labels.remove(id)).orElse(List.of());
            maps.forEach(file -> used.add(NiftiFiles.real(file.path())));
            subjects.add(subject(id, images, maps, cohortLayout, unused));
        });
        NiftiFiles walked = NiftiFiles.below(root);
        unused.addAll(walked.others());
        walked.closed().forEach(closed -> unused.add(new UnusedFile(closed.folder(), closed.fault())));
        walked.files().stream()
                .filter(file -> !used.contains(NiftiFiles.real(file.path())))
                .forEach(file ->
                        unused.add(new UnusedFile(file.path(), file.fault().orElseGet(() -> reason(file)))));
        unused.sort(Comparator.comparing(UnusedFile::path));
        return new Found(cohortLayout, subjects, unused);
    }

    private Subject subject(
            String id,
            Map<Sequence, List<NiftiFiles.Entry>> images,
            List<NiftiFiles.Entry> maps,
            CohortLayout cohortLayout,
            List<UnusedFile> unused) {
        Map<Sequence, ImageFile> found = new TreeMap<>();
        Map<Sequence, String> faults = new TreeMap<>();
        boolean isFourDimensional = cohortLayout == CohortLayout.MSD && channels.size() > 1;
        channels.forEach((index, sequence) -> {
            List<NiftiFiles.Entry> candidates =
                    SubjectFiles.different(images.getOrDefault(sequence, List.of()), unused);
            if (candidates.isEmpty()) {
                return;
            }
            Path file = candidates.get(0).path();
            SubjectFiles.fault(sequence.name(), candidates, folder)
                    .ifPresentOrElse(
                            fault -> faults.put(sequence, fault),
                            () -> found.put(
                                    sequence, isFourDimensional ? ImageFile.of(file, index) : ImageFile.of(file)));
        });
        List<NiftiFiles.Entry> different = SubjectFiles.different(maps, unused);
        Optional<String> labelFault =
                different.isEmpty() ? Optional.empty() : SubjectFiles.fault("the label map", different, folder);
        Optional<Path> map = different.isEmpty() || labelFault.isPresent()
                ? Optional.empty()
                : Optional.of(different.get(0).path());
        return new Subject(id, found, map, schema, new FileFaults(faults, labelFault, Optional.empty()));
    }

    private Sequence sequence(Path file, int channel) {
        return Optional.ofNullable(channels.get(channel))
                .orElseThrow(() -> new InvalidFileException(
                        file, "is channel " + channel + ", which " + json.getFileName() + " does not name"));
    }

    /** Whether each channel is a file of its own: by the names, unless an image holds all channels (MSD). */
    private boolean isSplit(List<NiftiFiles.Entry> files) {
        List<NiftiFiles.Entry> named =
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
            // The reading of the subject reports the file.
            return true;
        }
    }

    private static Optional<ImageName> channelOf(String stem) {
        return ImageName.readings(stem).stream()
                .filter(name -> name.content() instanceof ImageName.Channel)
                .findFirst();
    }

    private Optional<Path> labelFolder() {
        String name = folder.getFileName().toString();
        return name.toLowerCase(Locale.ROOT).startsWith("images")
                ? Optional.of(folder.resolveSibling("labels" + name.substring("images".length())))
                : Optional.empty();
    }

    private String reason(NiftiFiles.Entry file) {
        String parent = String.valueOf(file.folder().getFileName());
        String lower = parent.toLowerCase(Locale.ROOT);
        if (lower.startsWith("images")) {
            return "stands in " + parent + "; name that folder to use its images";
        }
        return lower.startsWith("labels")
                ? "is a label map without an image in " + folder.getFileName()
                : "stands in no folder of images or labels of " + json.getFileName();
    }

    private static List<NiftiFiles.Entry> entries(Path folder) {
        return NiftiFiles.entries(folder).stream()
                .flatMap(path -> NiftiFiles.entry(path).stream())
                .toList();
    }
}
