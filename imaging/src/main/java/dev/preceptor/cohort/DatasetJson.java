package dev.preceptor.cohort;

import dev.preceptor.base.InvalidFileException;
import dev.preceptor.base.JsonFiles;
import dev.preceptor.volume.Sequence;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
        return BratsFolders.entries(folder).stream()
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
        return new Cohort(
                name, root, split ? CohortLayout.NNUNET : CohortLayout.MSD, schema.schema(), schema.reason(), subjects);
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
