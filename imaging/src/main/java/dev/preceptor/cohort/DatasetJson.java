package dev.preceptor.cohort;

import dev.preceptor.base.InvalidFileException;
import dev.preceptor.base.JsonFiles;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Sequence;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * The {@code dataset.json} of a data set: MSD (one 4-D file for each subject, {@code modality}) or nnU-Net raw (one file
 * for each channel, {@code channel_names}; {@code modality} in its first version). Channels are identified by name, never
 * by position.
 */
final class DatasetJson {
    static final String NAME = "dataset.json";

    /** Folders of label maps that are described by the file in the folder above. */
    private static final Set<String> LABEL_FOLDERS = Set.of("labelsTr", "labelsTs", "labelsVal", "gt_segmentations");

    private final Path file;
    private final Path root;
    private final JsonNode json;
    private final Map<Integer, Sequence> channels;
    private final SchemaDecision schema;
    private final boolean isSchemaGiven;

    private DatasetJson(Path file, JsonNode json, Optional<LabelSpace> given) {
        this.file = file;
        this.isSchemaGiven = given.isPresent();
        this.root = file.getParent();
        this.json = json;
        this.channels = channels(file, json);
        this.schema = given.map(SchemaDecision::asGiven).orElseGet(() -> DatasetLabels.schema(file, json));
    }

    /** The descriptions of data sets in a folder or, if it has none, in the folders right below it. */
    static List<Path> filesAt(Path folder) {
        if (describesDataSet(folder)) {
            return List.of(folder.resolve(NAME));
        }
        return NiftiFiles.entries(folder).stream()
                .filter(DatasetJson::describesDataSet)
                .map(child -> child.resolve(NAME))
                .toList();
    }

    /**
     * nnU-Net copies the description into folders of predictions too. A description beside label maps and without images
     * describes only these.
     */
    private static boolean describesDataSet(Path folder) {
        if (!Files.isRegularFile(folder.resolve(NAME))) {
            return false;
        }
        return Files.isDirectory(folder.resolve("imagesTr"))
                || NiftiFiles.entries(folder).stream()
                        .noneMatch(entry -> NiftiFiles.stem(entry).isPresent());
    }

    /** The description of the label maps in a folder: in the folder itself, or where nnU-Net and MSD keep it. */
    static Optional<Path> describingLabels(Path folder) {
        List<Path> places = new ArrayList<>(List.of(folder));
        Path absolute = folder.toAbsolutePath().normalize();
        Path parent = absolute.getParent();
        if (LABEL_FOLDERS.contains(name(absolute))) {
            places.add(parent);
        } else if (name(absolute).equals("validation") && name(parent).startsWith("fold_")) {
            places.add(parent.getParent());
        }
        return firstIn(places.stream());
    }

    private static Optional<Path> firstIn(Stream<Path> folders) {
        return folders.map(folder -> folder.resolve(NAME))
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
     * @param given the label schema; empty to read it from the file
     * @throws InvalidFileException if the file names no channels, or no known labels
     */
    static DatasetJson read(Path file, Optional<LabelSpace> given) {
        return new DatasetJson(file, JsonFiles.read(file), given);
    }

    /** The sequences of its channels, by number. */
    Map<Integer, Sequence> channels() {
        return channels;
    }

    /**
     * The description in the folder above, if the given folder holds images by its name ({@code imagesTs}) or by the names
     * of its files ({@code <id>_0000.nii.gz}).
     */
    static Optional<Path> describing(Path folder) {
        Path absolute = folder.toAbsolutePath().normalize();
        if (absolute.getParent() == null || !Files.isRegularFile(absolute.resolveSibling(NAME))) {
            return Optional.empty();
        }
        boolean isImages =
                absolute.getFileName().toString().toLowerCase(Locale.ROOT).startsWith("images");
        return isImages || holdsChannels(folder) ? Optional.of(absolute.resolveSibling(NAME)) : Optional.empty();
    }

    /** The description of one file: beside it, or in the folder above. */
    static Optional<Path> describingFile(Path file) {
        Path folder = file.toAbsolutePath().normalize().getParent();
        return firstIn(Stream.of(folder, folder.getParent()).filter(Objects::nonNull));
    }

    /**
     * The subjects of {@code imagesTr}; without that folder, those of {@code imagesTs}; without both, those of the channels
     * beside the description.
     */
    Cohort cohort() {
        Path training = root.resolve("imagesTr");
        Path test = root.resolve("imagesTs");
        if (Files.isDirectory(training)) {
            return cohort(training, root);
        }
        if (Files.isDirectory(test)) {
            return cohort(test, root);
        }
        return cohort(holdsChannels(root) ? root : training, root);
    }

    /** The subjects of one folder of images. */
    Cohort cohort(Path folder) {
        return cohort(folder, folder);
    }

    private Cohort cohort(Path folder, Path top) {
        DatasetImages.FolderContent content = Files.isDirectory(folder)
                ? new DatasetImages(file, folder.toAbsolutePath().normalize(), channels, schema.schema()).find(top)
                : new DatasetImages.FolderContent(CohortLayout.MSD, List.of(), List.of());
        if (content.subjects().isEmpty()) {
            throw new InvalidFileException(file, "describes a data set, but " + folder + " holds no NIfTI images");
        }
        if (!isSchemaGiven) {
            schema.confirmedBy(content.subjects().stream()
                    .flatMap(s -> s.labelFile().stream())
                    .toList());
        }
        String name =
                json.path("name").asString(root.toAbsolutePath().getFileName().toString());
        return new Cohort(
                name, top, content.layout(), schema.schema(), schema.reason(), content.subjects(), content.unused());
    }

    private static boolean holdsChannels(Path folder) {
        return NiftiFiles.entries(folder).stream()
                .flatMap(path -> NiftiFiles.stem(path).stream())
                .flatMap(stem -> ImageName.readings(stem).stream())
                .anyMatch(name -> name.content() instanceof ImageName.ChannelNumber);
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
                                + " is not the name of a sequence; channels are numbers from 0 with names such as \"T1\"",
                        e);
            }
        }
        if (channels.isEmpty()) {
            throw new InvalidFileException(file, "names no channels: neither channel_names nor modality");
        }
        return channels;
    }
}
