package dev.preceptor.infer;

import dev.preceptor.base.InvalidFileException;
import dev.preceptor.base.MismatchException;
import dev.preceptor.base.Unfetched;
import dev.preceptor.cohort.Cohort;
import dev.preceptor.cohort.ImageFile;
import dev.preceptor.cohort.SingleImage;
import dev.preceptor.cohort.Subject;
import dev.preceptor.volume.LabelSchema;
import dev.preceptor.volume.Sequence;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Finds what a model can segment at a path. */
final class PredictionInput {
    private PredictionInput() {}

    /**
     * What lies at a path: one image for a model of one sequence, or a folder of one or many subjects in any layout.
     *
     * @param told which sequence a single file is, whatever its name says
     * @throws dev.preceptor.base.PreceptorException if nothing is there, a sequence is missing, or the name of a file says
     *     that it is of another sequence than the model's, or leaves that open
     */
    static List<Subject> at(Path path, List<Sequence> wanted, Optional<Sequence> told) {
        Path name = path.getFileName();
        boolean isNamedAsFile =
                name != null && name.toString().toLowerCase(Locale.ROOT).matches(".+\\.nii(\\.gz)?");
        if (Files.isDirectory(path) && !isNamedAsFile) {
            told.ifPresent(sequence -> {
                throw new MismatchException(
                        path + ": is a folder; --sequence " + sequence + " says what one file is, so give that file");
            });
            // No label map is read, so that what labels mean need not be known.
            return Cohort.open(path, Optional.of(LabelSchema.BRATS_2018)).subjects();
        }
        Unfetched.reason(path).ifPresent(reason -> {
            throw new InvalidFileException(path, reason);
        });
        if (!Files.exists(path)) {
            throw new InvalidFileException(path, "no such file or folder");
        }
        return List.of(ofFile(path, wanted, told));
    }

    private static Subject ofFile(Path path, List<Sequence> wanted, Optional<Sequence> told) {
        SingleImage image = SingleImage.at(path);
        if (told.isEmpty() && image.images().keySet().containsAll(wanted)) {
            return subject(image, image.images());
        }
        if (wanted.size() != 1) {
            throw new MismatchException(
                    path + ": the model needs " + wanted + "; give the folder that holds them instead of one file");
        }
        Sequence needed = wanted.get(0);
        if (told.isPresent() && !told.get().equals(needed)) {
            throw new MismatchException(
                    path + ": --sequence says that this is a " + told.get() + " image, but the model needs " + needed);
        }
        if (told.isEmpty() && !image.images().isEmpty()) {
            throw new MismatchException(path + ": " + image.source() + " this is a "
                    + image.images().keySet().stream()
                            .map(Sequence::name)
                            .sorted()
                            .collect(Collectors.joining(", "))
                    + " image, but the model needs " + needed + "; give it that one, or add --sequence " + needed
                    + " if this is one all the same");
        }
        if (told.isEmpty() && image.doubt().isPresent()) {
            throw new MismatchException(path + ": " + image.doubt().get() + "; add --sequence " + needed
                    + " if this is the " + needed + " image that the model needs");
        }
        return subject(image, Map.of(needed, ImageFile.of(image.file())));
    }

    private static Subject subject(SingleImage image, Map<Sequence, ImageFile> images) {
        // The schema is that of a label map that there is not.
        return new Subject(image.id(), images, Optional.empty(), LabelSchema.BRATS_2018);
    }
}
