package dev.preceptor.spark;

import dev.preceptor.base.PreceptorException;
import dev.preceptor.cohort.FileFaults;
import dev.preceptor.cohort.ImageSet;
import dev.preceptor.cohort.NiftiImage;
import dev.preceptor.cohort.Subject;
import dev.preceptor.volume.ImageSource;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Sequence;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

/**
 * A subject as it travels to an executor: the names of its files, relative to the folder that was searched.
 *
 * @param id the subject
 * @param images its images
 * @param labels its label map
 * @param others further files of the visit
 * @param faults why other files cannot be used
 */
record SubjectFiles(String id, List<Image> images, Optional<String> labels, List<String> others, FileFaults faults) {
    /**
     * An image of a NIfTI file.
     *
     * @param frame of a 4-D file
     */
    record Image(Sequence sequence, String file, OptionalInt frame) {}

    static SubjectFiles of(ImageSet subject, Path root) {
        return new SubjectFiles(
                subject.id(),
                images(subject.id(), subject.images(), root),
                Optional.empty(),
                subject.otherFiles().stream().map(file -> name(root, file)).toList(),
                subject.faults());
    }

    static SubjectFiles of(Subject subject, Path root) {
        return new SubjectFiles(
                subject.id(),
                images(subject.id(), subject.images(), root),
                subject.labelFile().map(file -> name(root, file)),
                List.of(),
                subject.faults());
    }

    private static List<Image> images(String id, Map<Sequence, ImageSource> images, Path root) {
        return images.entrySet().stream()
                .map(image -> {
                    if (!(image.getValue() instanceof NiftiImage file)) {
                        throw new PreceptorException(
                                "subject " + id + ": " + image.getValue()
                                        + " is no NIfTI file, and a cluster reads only these; convert it first, or leave out --spark");
                    }
                    return new Image(image.getKey(), name(root, file.path()), file.frame());
                })
                .toList();
    }

    /** Absolute where it does not lie below the folder, for example behind a link. */
    private static String name(Path root, Path file) {
        return file.startsWith(root)
                ? root.relativize(file).toString().replace('\\', '/')
                : file.toAbsolutePath().toString();
    }

    /** All files, relative to the folder. */
    List<String> files() {
        return Stream.of(images.stream().map(Image::file), labels.stream(), others.stream())
                .flatMap(all -> all)
                .distinct()
                .toList();
    }

    /** The images below a folder with the same names. */
    ImageSet imageSet(Path root) {
        return new ImageSet(
                id, sources(root), others.stream().map(root::resolve).toList(), faults);
    }

    /** The subject below a folder with the same names. */
    Subject subject(Path root, LabelSpace schema) {
        return new Subject(id, sources(root), labels.map(root::resolve), schema, faults);
    }

    private Map<Sequence, ImageSource> sources(Path root) {
        Map<Sequence, ImageSource> sources = new LinkedHashMap<>();
        images.forEach(image -> sources.put(
                image.sequence(),
                image.frame().isPresent()
                        ? NiftiImage.of(
                                root.resolve(image.file()), image.frame().getAsInt())
                        : NiftiImage.of(root.resolve(image.file()))));
        return sources;
    }

    /** The bytes of all files; a file that cannot be seen counts as empty, and its reader reports it. */
    long bytes(Path root) {
        return files().stream()
                .mapToLong(file -> {
                    try {
                        return Files.size(root.resolve(file));
                    } catch (IOException e) {
                        return 0;
                    }
                })
                .sum();
    }
}
