package dev.preceptor.cohort;

import dev.preceptor.base.InvalidFileException;
import dev.preceptor.base.JsonFiles;
import dev.preceptor.volume.LabelSchema;
import dev.preceptor.volume.Sequence;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * A data set that describes itself: MSD (one 4-D file a subject, {@code modality}) and nnU-Net raw (one file a channel,
 * {@code channel_names}; {@code modality} in its first version). Channels are taken by name, never by place.
 */
final class DatasetJson {
    static final String NAME = "dataset.json";

    /** Folders of label maps whose description is in the folder above. */
    private static final Set<String> LABEL_FOLDERS = Set.of("labelsTr", "labelsTs", "labelsVal", "gt_segmentations");

    private final Path file;
    private final Path root;
    private final JsonNode json;
    private final Map<Integer, Sequence> channels;
    private final SchemaDecision schema;
    private final boolean isSchemaGiven;

    private DatasetJson(Path file, JsonNode json, Optional<LabelSchema> given) {
        this.file = file;
        this.isSchemaGiven = given.isPresent();
        this.root = file.getParent();
        this.json = json;
        this.channels = channels(file, json);
        this.schema = given.map(SchemaDecision::asGiven).orElseGet(() -> DatasetLabels.schema(file, json));
    }

    /** The descriptions of data sets in a folder, or, where it has none, in the folders right below it. */
    static List<Path> filesAt(Path folder) {
        if (describesDataSet(folder)) {
            return List.of(folder.resolve(NAME));
        }
        return BratsFolders.entries(folder).stream()
                .filter(DatasetJson::describesDataSet)
                .map(child -> child.resolve(NAME))
                .toList();
    }

    /** nnU-Net copies the description into folders of predictions, too: one beside label maps and no images is of them alone. */
    private static boolean describesDataSet(Path folder) {
        if (!Files.isRegularFile(folder.resolve(NAME))) {
            return false;
        }
        return Files.isDirectory(folder.resolve("imagesTr"))
                || BratsFolders.entries(folder).stream()
                        .noneMatch(entry -> BratsFolders.stem(entry).isPresent());
    }

    /** The description of the label maps in a folder: in it, or where the folders of nnU-Net and MSD have it. */
    static Optional<Path> describing(Path folder) {
        List<Path> places = new ArrayList<>(List.of(folder));
        Path absolute = folder.toAbsolutePath().normalize();
        Path parent = absolute.getParent();
        if (LABEL_FOLDERS.contains(name(absolute))) {
            places.add(parent);
        } else if (name(absolute).equals("validation") && name(parent).startsWith("fold_")) {
            places.add(parent.getParent());
        }
        return places.stream()
                .map(place -> place.resolve(NAME))
                .filter(Files::isRegularFile)
                .findFirst();
    }

    private static String name(Path folder) {
        return folder == null || folder.getFileName() == null
                ? ""
                : folder.getFileName().toString();
    }

    /**
     * Reads a description.
     *
     * @param given what the labels mean; empty to read it from the file
     * @throws InvalidFileException if the file describes no channels or no labels that are known
     */
    static DatasetJson read(Path file, Optional<LabelSchema> given) {
        return new DatasetJson(file, JsonFiles.read(file), given);
    }

    Cohort cohort() {
        List<Path> images = niftiFiles("imagesTr");
        boolean split = !images.isEmpty()
                && images.stream()
                        .allMatch(p -> BratsFolders.stem(p).orElseThrow().matches(".*_\\d{4}"));
        List<Subject> subjects = split ? fromChannels(images) : fromFrames(images);
        if (subjects.isEmpty()) {
            throw new InvalidFileException(
                    file, "describes a data set, but " + root.resolve("imagesTr") + " holds no" + " NIfTI images");
        }
        String name =
                json.path("name").asString(root.toAbsolutePath().getFileName().toString());
        if (!isSchemaGiven) {
            schema.confirmedBy(
                    subjects.stream().flatMap(s -> s.labelFile().stream()).toList());
        }
        return new Cohort(name, root, split ? Layout.NNUNET : Layout.MSD, schema.schema(), schema.reason(), subjects);
    }

    private List<Subject> fromFrames(List<Path> files) {
        List<Subject> subjects = new ArrayList<>();
        for (Path image : files) {
            Map<Sequence, ImageFile> images = new TreeMap<>();
            channels.forEach((index, sequence) ->
                    images.put(sequence, channels.size() == 1 ? ImageFile.of(image) : ImageFile.of(image, index)));
            String id = BratsFolders.stem(image).orElseThrow();
            subjects.add(new Subject(id, images, labels(id), schema.schema()));
        }
        return subjects;
    }

    private List<Subject> fromChannels(List<Path> files) {
        Map<String, Map<Sequence, ImageFile>> byId = new TreeMap<>();
        for (Path image : files) {
            String stem = BratsFolders.stem(image).orElseThrow();
            int channel = Integer.parseInt(stem.substring(stem.length() - 4));
            Sequence sequence = channels.get(channel);
            if (sequence == null) {
                throw new InvalidFileException(
                        image, "is channel " + channel + ", which " + file.getFileName() + " does not name");
            }
            byId.computeIfAbsent(stem.substring(0, stem.length() - 5), id -> new TreeMap<>())
                    .put(sequence, ImageFile.of(image));
        }
        List<Subject> subjects = new ArrayList<>();
        byId.forEach((id, images) -> subjects.add(new Subject(id, images, labels(id), schema.schema())));
        return subjects;
    }

    private Optional<Path> labels(String id) {
        return Stream.of(".nii.gz", ".nii")
                .map(extension -> root.resolve("labelsTr").resolve(id + extension))
                .filter(Files::isRegularFile)
                .findFirst();
    }

    private List<Path> niftiFiles(String folder) {
        Path path = root.resolve(folder);
        if (!Files.isDirectory(path)) {
            return List.of();
        }
        return BratsFolders.entries(path).stream()
                .filter(p -> BratsFolders.stem(p).isPresent())
                .toList();
    }

    private static Map<Integer, Sequence> channels(Path file, JsonNode json) {
        JsonNode names = json.has("channel_names") ? json.get("channel_names") : json.path("modality");
        Map<Integer, Sequence> channels = new TreeMap<>();
        for (Map.Entry<String, JsonNode> entry : names.properties()) {
            try {
                if (!entry.getValue().isString()) {
                    throw new IllegalArgumentException("no text");
                }
                channels.put(
                        Integer.parseInt(entry.getKey()),
                        Sequence.of(entry.getValue().stringValue().strip()));
            } catch (IllegalArgumentException e) {
                String value = entry.getValue().toString();
                throw new InvalidFileException(
                        file,
                        "channel \"" + entry.getKey() + "\": "
                                + (value.length() > 40 ? value.substring(0, 40) + "..." : value)
                                + " names no sequence; channels are numbers from 0 with names such as \"T1\"",
                        e);
            }
        }
        if (channels.isEmpty()) {
            throw new InvalidFileException(file, "names no channels: neither channel_names nor modality");
        }
        return channels;
    }
}
