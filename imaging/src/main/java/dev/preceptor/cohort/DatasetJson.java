package dev.preceptor.cohort;

import dev.preceptor.base.InvalidFileException;
import dev.preceptor.base.JsonFiles;
import dev.preceptor.volume.Sequence;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * A data set that describes itself: MSD (one 4-D file a subject, {@code modality}) and nnU-Net raw (one file a channel,
 * {@code channel_names}; {@code modality} in its first version). Channels are taken by name, never by place.
 */
final class DatasetJson {
    private static final String NAME = "dataset.json";

    private final Path file;
    private final Path root;
    private final JsonNode json;
    private final Map<Integer, Sequence> channels;
    private final SchemaDecision schema;

    private DatasetJson(Path file, JsonNode json) {
        this.file = file;
        this.root = file.getParent();
        this.json = json;
        this.channels = channels(file, json);
        this.schema = DatasetLabels.schema(file, json.path("labels"));
    }

    /** The descriptions in a folder, or, where it has none, in the folders right below it. */
    static List<Path> filesAt(Path folder) {
        Path own = folder.resolve(NAME);
        if (Files.isRegularFile(own)) {
            return List.of(own);
        }
        return NiftiFiles.entries(folder).stream()
                .map(child -> child.resolve(NAME))
                .filter(Files::isRegularFile)
                .toList();
    }

    static DatasetJson read(Path file) {
        return new DatasetJson(file, JsonFiles.read(file));
    }

    SchemaDecision schema() {
        return schema;
    }

    /** What its channels are, by number. */
    Map<Integer, Sequence> channels() {
        return channels;
    }

    /**
     * The description of a folder that has none itself: that of the folder above, if this is a folder of images, by its
     * name ({@code imagesTs}) or by those of its files ({@code <id>_0000.nii.gz}).
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
        return Stream.of(folder, folder.getParent())
                .filter(Objects::nonNull)
                .map(place -> place.resolve(NAME))
                .filter(Files::isRegularFile)
                .findFirst();
    }

    /** The subjects of {@code imagesTr}; without one, those of {@code imagesTs} or of channels beside the description. */
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
        DatasetImages.Found found = Files.isDirectory(folder)
                ? new DatasetImages(file, folder.toAbsolutePath().normalize(), channels, schema.schema()).find(top)
                : new DatasetImages.Found(Layout.MSD, List.of(), List.of());
        if (found.subjects().isEmpty()) {
            throw new InvalidFileException(file, "describes a data set, but " + folder + " holds no NIfTI images");
        }
        String name =
                json.path("name").asString(root.toAbsolutePath().getFileName().toString());
        return new Cohort(
                name, top, found.layout(), schema.schema(), schema.reason(), found.subjects(), found.unused());
    }

    private static boolean holdsChannels(Path folder) {
        return NiftiFiles.entries(folder).stream()
                .flatMap(path -> NiftiFiles.stem(path).stream())
                .flatMap(stem -> ImageName.readings(stem).stream())
                .anyMatch(name -> name.content() instanceof ImageName.Channel);
    }

    private static Map<Integer, Sequence> channels(Path file, JsonNode json) {
        JsonNode names = json.has("channel_names") ? json.get("channel_names") : json.path("modality");
        Map<Integer, Sequence> channels = new TreeMap<>();
        for (Map.Entry<String, JsonNode> entry : names.properties()) {
            try {
                channels.put(
                        Integer.parseInt(entry.getKey()),
                        Sequence.of(entry.getValue().asString().strip()));
            } catch (IllegalArgumentException e) {
                throw new InvalidFileException(
                        file, "channel \"" + entry.getKey() + "\": " + entry.getValue() + " names no sequence", e);
            }
        }
        if (channels.isEmpty()) {
            throw new InvalidFileException(file, "names no channels: neither channel_names nor modality");
        }
        return channels;
    }
}
