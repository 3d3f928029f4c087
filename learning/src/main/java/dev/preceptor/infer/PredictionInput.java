package dev.preceptor.infer;

import dev.preceptor.base.InvalidFileException;
import dev.preceptor.base.MismatchException;
import dev.preceptor.base.Unfetched;
import dev.preceptor.cohort.DicomSubjects;
import dev.preceptor.cohort.ImageSet;
import dev.preceptor.cohort.NiftiImage;
import dev.preceptor.cohort.SeriesChoice;
import dev.preceptor.cohort.SingleImage;
import dev.preceptor.nifti.Nifti;
import dev.preceptor.volume.Sequence;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Finds the images at a path that a model can segment. */
final class PredictionInput {
    private PredictionInput() {}

    /**
     * The subjects at a path: one image, for a model of one sequence or of any subset, or a folder of one or many subjects in any layout; also
     * DICOM series.
     *
     * @param inputs the sequences that the model needs
     * @param anySubset whether it needs only one of them
     * @param choice the sequence of a single file or DICOM series as the user gave it, which overrides names and headers, and which
     *     DICOM series are meant
     * @throws dev.preceptor.base.PreceptorException if the path does not exist, a sequence is missing, or the name of a single
     *     file says another sequence than the model's or none
     */
    static List<ImageSet> at(Path path, List<Sequence> inputs, boolean anySubset, SeriesChoice choice) {
        Optional<Sequence> given = choice.sequence();
        if (!choice.series().isEmpty() || DicomSubjects.isAt(path)) {
            choice.requireDicom(path);
            return DicomSubjects.imageSets(path, inputs, anySubset, choice);
        }
        if (Files.isDirectory(path) && !Nifti.isNamedSingle(path)) {
            given.ifPresent(sequence -> {
                throw new MismatchException(path + ": is a folder, but --sequence " + sequence
                        + " describes a single file; name that file");
            });
            return ImageSet.in(path);
        }
        Unfetched.reason(path).ifPresent(reason -> {
            throw new InvalidFileException(path, reason);
        });
        if (!Files.exists(path)) {
            throw new InvalidFileException(path, "no such file or folder");
        }
        return List.of(anySubset ? oneOf(path, inputs, given) : ofFile(path, inputs, given));
    }

    private static ImageSet ofFile(Path path, List<Sequence> inputs, Optional<Sequence> given) {
        SingleImage image = SingleImage.at(path);
        if (given.isEmpty() && image.images().keySet().containsAll(inputs)) {
            return ImageSet.of(image.id(), image.images());
        }
        if (inputs.size() != 1) {
            throw new MismatchException(
                    path + ": the model needs " + inputs + "; give the folder that holds them instead of one file");
        }
        Sequence needed = inputs.get(0);
        if (given.isPresent() && !given.get().equals(needed)) {
            throw new MismatchException(
                    path + ": --sequence says that this is a " + given.get() + " image, but the model needs " + needed);
        }
        if (given.isEmpty() && !image.images().isEmpty()) {
            throw new MismatchException(path + ": " + image.source() + " this is a "
                    + image.images().keySet().stream()
                            .map(Sequence::name)
                            .sorted()
                            .collect(Collectors.joining(", "))
                    + " image, but the model needs " + needed + "; name that image, or add --sequence " + needed
                    + " if the name is wrong");
        }
        if (given.isEmpty() && image.doubt().isPresent()) {
            throw new MismatchException(path + ": " + image.doubt().get() + "; add --sequence " + needed
                    + " if this is the " + needed + " image that the model needs");
        }
        return ImageSet.of(image.id(), Map.of(needed, NiftiImage.of(image.file())));
    }

    /** One image for a model that takes any subset of its sequences. */
    private static ImageSet oneOf(Path path, List<Sequence> inputs, Optional<Sequence> given) {
        SingleImage image = SingleImage.at(path);
        if (given.isPresent()) {
            requireTaken(path, "--sequence says that this is a " + given.get(), List.of(given.get()), inputs);
            return ImageSet.of(image.id(), Map.of(given.get(), NiftiImage.of(image.file())));
        }
        if (image.images().isEmpty()) {
            throw new MismatchException(path + ": the model takes any of " + inputs
                    + ", and the name does not say which this is; add --sequence");
        }
        List<Sequence> found = image.images().keySet().stream().sorted().toList();
        requireTaken(path, image.source() + " this is a " + Sequence.names(found), found, inputs);
        return ImageSet.of(image.id(), image.images());
    }

    private static void requireTaken(Path path, String what, List<Sequence> found, List<Sequence> inputs) {
        if (found.stream().noneMatch(inputs::contains)) {
            throw new MismatchException(path + ": " + what + " image, but the model takes any of " + inputs);
        }
    }
}
