package dev.preceptor.cohort;

import dev.preceptor.base.InvalidFileException;
import dev.preceptor.nifti.Nifti;
import dev.preceptor.volume.ImageSource;
import dev.preceptor.volume.LabelSpace;
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
 * One image file that is given alone, and what its name or a {@code dataset.json} (beside it or in the folder above) says
 * about it.
 *
 * @param id the id of its subject
 * @param file the file to read
 * @param images by sequence: one for a 3-D file; the channels of a 4-D file that {@code dataset.json} describes; none if
 *     the sequence is unknown
 * @param source where the sequence is from, as a phrase such as "by its name"
 * @param doubt why the name does not determine the sequence; empty if it does, or if the name has no known word
 */
public record SingleImage(
        String id, Path file, Map<Sequence, ImageSource> images, String source, Optional<String> doubt) {
    public SingleImage {
        images = Map.copyOf(images);
    }

    /**
     * Reads the name of a file and descriptions near it. Reads the header only if a description says that the file may be
     * 4-D.
     *
     * @throws InvalidFileException if the file is a link to nothing, or a folder without exactly one NIfTI file
     */
    public static SingleImage at(Path path) {
        NiftiFiles.NamedFile named = NiftiFiles.entry(path)
                .orElseGet(() -> new NiftiFiles.NamedFile(path, path, pairStem(path), Optional.empty()));
        named.fault().ifPresent(fault -> {
            throw new InvalidFileException(path, fault);
        });
        String stem = named.stem();
        List<ImageName> readings = ImageName.readings(stem);
        Path file = named.path();
        Optional<DatasetJson> json = Optional.empty();
        ImageName first = readings.get(0);
        if (first.content() instanceof ImageName.ChannelNumber || first.content() instanceof ImageName.Unrecognised) {
            // Only the channels are needed; the schema is a placeholder.
            json = DatasetJson.describingFile(path)
                    .map(description -> DatasetJson.read(description, Optional.of(LabelSpace.BRATS_2018)));
        }
        if (json.isPresent()) {
            Optional<SingleImage> frames = frames(stem, file, json.get());
            if (frames.isPresent()) {
                return frames.get();
            }
        }
        if (first.content() instanceof ImageName.ChannelNumber channel) {
            Optional<Sequence> sequence = json.map(data -> data.channels().get(channel.number()));
            return new SingleImage(
                    first.subject(),
                    file,
                    sequence.map(s -> Map.<Sequence, ImageSource>of(s, NiftiImage.of(file)))
                            .orElse(Map.of()),
                    "as channel " + channel.number() + " of dataset.json",
                    Optional.of(SubjectFiles.reason(channel)));
        }
        Set<ImageName.FileContent> contents = new HashSet<>();
        readings.forEach(reading -> contents.add(reading.content()));
        ImageName name = contents.size() == 1 ? first : ImageName.resolve(readings, Set.of());
        String id = name.subject().isEmpty() ? stem : name.subject();
        if (name.content() instanceof ImageName.Image image) {
            return new SingleImage(
                    id, file, Map.of(image.sequence(), NiftiImage.of(file)), "by its name", Optional.empty());
        }
        Optional<String> doubt = Optional.empty();
        if (name.content() instanceof ImageName.Labels) {
            doubt = Optional.of("is by its name a label map, not an image");
        } else if (name.content() instanceof ImageName.Other other) {
            doubt = Optional.of(other.reason());
        }
        return new SingleImage(doubt.isPresent() ? id : stem, file, Map.of(), "by its name", doubt);
    }

    /** The channels of a 4-D file; empty for a 3-D file. */
    private static Optional<SingleImage> frames(String stem, Path file, DatasetJson json) {
        long frames;
        try {
            frames = Nifti.readHeader(file).frames();
        } catch (InvalidFileException e) {
            // The file is reported when it is read.
            return Optional.empty();
        }
        if (frames == 1 || frames != json.channels().size()) {
            return Optional.empty();
        }
        Map<Sequence, ImageSource> images = new TreeMap<>();
        json.channels().forEach((index, sequence) -> images.put(sequence, NiftiImage.of(file, index)));
        return Optional.of(new SingleImage(stem, file, images, "by dataset.json", Optional.empty()));
    }

    /** The name of any file, such as one of an .hdr/.img pair, without its extension. */
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
