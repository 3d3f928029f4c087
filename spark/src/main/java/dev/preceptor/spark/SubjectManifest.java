package dev.preceptor.spark;

import dev.preceptor.cohort.FileFaults;
import dev.preceptor.cohort.ImageSet;
import dev.preceptor.cohort.NiftiImage;
import dev.preceptor.cohort.Subject;
import dev.preceptor.dicom.DicomFolder;
import dev.preceptor.dicom.DicomImage;
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
record SubjectManifest(String id, List<Image> images, Optional<String> labels, List<String> others, FileFaults faults) {
    /**
     * An image.
     *
     * @param files the NIfTI file, or all files of its DICOM series
     * @param frame of a 4-D NIfTI file
     * @param selector which volume of a DICOM series
     */
    record Image(Sequence sequence, List<String> files, OptionalInt frame, Optional<String> selector) {}

    static SubjectManifest of(ImageSet subject, Path root) {
        return new SubjectManifest(
                subject.id(),
                images(subject.id(), subject.images(), root),
                Optional.empty(),
                subject.otherFiles().stream().map(file -> name(root, file)).toList(),
                subject.faults());
    }

    static SubjectManifest of(Subject subject, Path root) {
        return new SubjectManifest(
                subject.id(),
                images(subject.id(), subject.images(), root),
                subject.labelFile().map(file -> name(root, file)),
                List.of(),
                subject.faults());
    }

    private static List<Image> images(String id, Map<Sequence, ImageSource> images, Path root) {
        return images.entrySet().stream()
                .map(image -> image(id, image.getKey(), image.getValue(), root))
                .toList();
    }

    private static Image image(String id, Sequence sequence, ImageSource image, Path root) {
        if (image instanceof NiftiImage file) {
            return new Image(sequence, List.of(name(root, file.path())), file.frame(), Optional.empty());
        }
        if (image instanceof DicomImage volume) {
            return new Image(
                    sequence,
                    volume.seriesFiles().stream().map(file -> name(root, file)).toList(),
                    OptionalInt.empty(),
                    Optional.of(volume.selector()));
        }
        throw new IllegalArgumentException("subject " + id + ": " + image + " is neither NIfTI nor DICOM");
    }

    /** Absolute where it does not lie below the folder, for example behind a link. */
    static String name(Path root, Path file) {
        return file.startsWith(root)
                ? root.relativize(file).toString().replace('\\', '/')
                : file.toAbsolutePath().toString();
    }

    /** All files, relative to the folder. */
    List<String> files() {
        return Stream.of(images.stream().flatMap(image -> image.files().stream()), labels.stream(), others.stream())
                .flatMap(all -> all)
                .distinct()
                .toList();
    }

    /**
     * The images below a folder with the same names.
     *
     * @throws dev.preceptor.base.PreceptorException if the headers of a DICOM series cannot be read
     */
    ImageSet imageSet(Path root) {
        return new ImageSet(
                id, sources(root), others.stream().map(root::resolve).toList(), faults);
    }

    /**
     * The subject below a folder with the same names.
     *
     * @throws dev.preceptor.base.PreceptorException if the headers of a DICOM series cannot be read
     */
    Subject subject(Path root, LabelSpace schema) {
        return new Subject(id, sources(root), labels.map(root::resolve), schema, faults);
    }

    private Map<Sequence, ImageSource> sources(Path root) {
        Map<Sequence, ImageSource> sources = new LinkedHashMap<>();
        images.forEach(image -> sources.put(image.sequence(), source(image, root)));
        return sources;
    }

    private static ImageSource source(Image image, Path root) {
        List<Path> files = image.files().stream().map(root::resolve).toList();
        if (image.selector().isPresent()) {
            return DicomFolder.image(files, image.selector().get());
        }
        return image.frame().isPresent()
                ? NiftiImage.of(files.get(0), image.frame().getAsInt())
                : NiftiImage.of(files.get(0));
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
