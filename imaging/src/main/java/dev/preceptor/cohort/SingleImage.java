package dev.preceptor.cohort;

import dev.preceptor.base.InvalidFileException;
import dev.preceptor.nifti.Nifti;
import dev.preceptor.volume.LabelSchema;
import dev.preceptor.volume.Sequence;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * One image file given by itself, and what its name, or a {@code dataset.json} beside it or in the folder above, says of it.
 *
 * @param id of its subject
 * @param file the file to read
 * @param images by sequence; one for a 3-D file, the channels of a 4-D file that {@code dataset.json} describes, none if nothing
 *     says which sequence it is
 * @param source what says so, as a phrase: "by its name"
 * @param doubt why the name does not decide although it says something; empty for a name that says nothing
 */
public record SingleImage(
        String id, Path file, Map<Sequence, ImageFile> images, String source, Optional<String> doubt) {
    public SingleImage {
        images = Map.copyOf(images);
    }

    /**
     * Looks at the name of a file and at descriptions near it; reads its header only where it is 4-D by them.
     *
     * @throws InvalidFileException if the file is a link to nothing or a folder without one NIfTI file
     */
    public static SingleImage at(Path path) {
        NiftiFiles.Entry entry = NiftiFiles.entry(path)
                .orElseGet(() -> new NiftiFiles.Entry(path, path, pairStem(path), Optional.empty()));
        entry.fault().ifPresent(fault -> {
            throw new InvalidFileException(path, fault);
        });
        String stem = entry.stem();
        List<ImageName> readings = ImageName.readings(stem);
        Path file = entry.path();
        Optional<DatasetJson> json = Optional.empty();
        ImageName first = readings.get(0);
        if (first.content() instanceof ImageName.Channel || first.content() instanceof ImageName.Silent) {
            // Only what its channels are is asked, not what labels mean.
            json = DatasetJson.describingFile(path)
                    .map(description -> DatasetJson.read(description, Optional.of(LabelSchema.BRATS_2018)));
        }
        if (json.isPresent()) {
            Optional<SingleImage> frames = frames(stem, file, json.get());
            if (frames.isPresent()) {
                return frames.get();
            }
        }
        if (first.content() instanceof ImageName.Channel channel) {
            Optional<Sequence> sequence = json.map(data -> data.channels().get(channel.number()));
            return new SingleImage(
                    first.subject(),
                    file,
                    sequence.map(s -> Map.of(s, ImageFile.of(file))).orElse(Map.of()),
                    "as channel " + channel.number() + " of dataset.json",
                    Optional.of(SubjectFiles.reason(channel)));
        }
        Set<ImageName.Content> contents = new HashSet<>();
        readings.forEach(reading -> contents.add(reading.content()));
        ImageName name = contents.size() == 1 ? first : ImageName.resolve(readings, Set.of());
        String id = name.subject().isEmpty() ? stem : name.subject();
        if (name.content() instanceof ImageName.Image image) {
            return new SingleImage(
                    id, file, Map.of(image.sequence(), ImageFile.of(file)), "by its name", Optional.empty());
        }
        Optional<String> doubt = Optional.empty();
        if (name.content() instanceof ImageName.Labels) {
            doubt = Optional.of("is by its name a label map, not an image");
        } else if (name.content() instanceof ImageName.Other other) {
            doubt = Optional.of(other.reason());
        }
        return new SingleImage(doubt.isPresent() ? id : stem, file, Map.of(), "by its name", doubt);
    }

    /** The channels of a 4-D file; empty for a 3-D one. */
    private static Optional<SingleImage> frames(String stem, Path file, DatasetJson json) {
        long frames;
        try {
            frames = Nifti.readHeader(file).frames();
        } catch (InvalidFileException e) {
            // Whoever reads the image reports this.
            return Optional.empty();
        }
        if (frames == 1 || frames != json.channels().size()) {
            return Optional.empty();
        }
        Map<Sequence, ImageFile> images = new TreeMap<>();
        json.channels().forEach((index, sequence) -> images.put(sequence, ImageFile.of(file, index)));
        return Optional.of(new SingleImage(stem, file, images, "by dataset.json", Optional.empty()));
    }

    /** The name of a file of a pair, or of any other file, without its extension. */
    private static String pairStem(Path path) {
        String name = NiftiFiles.composed(path.getFileName().toString());
        String lower = name.toLowerCase(Locale.ROOT);
        for (String ending : List.of(".hdr.gz", ".img.gz", ".hdr", ".img", ".gz")) {
            if (lower.endsWith(ending)) {
                return name.substring(0, name.length() - ending.length());
            }
        }
        return name;
    }
}
