package dev.preceptor.infer;

import dev.preceptor.base.InvalidFileException;
import dev.preceptor.base.MismatchException;
import dev.preceptor.cohort.Cohort;
import dev.preceptor.cohort.ImageFile;
import dev.preceptor.cohort.Subject;
import dev.preceptor.volume.LabelSchema;
import dev.preceptor.volume.Sequence;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Finds what a model can segment at a path. */
final class PredictionInput {
    private PredictionInput() {}

    /**
     * What lies at a path: one image for a model of one sequence, or a folder of one or many subjects in any layout.
     *
     * @throws dev.preceptor.base.PreceptorException if nothing is there, a sequence is missing, or the name of a file says
     *     that it is of another sequence than the model's
     */
    static List<Subject> at(Path path, List<Sequence> wanted) {
        if (Files.isDirectory(path)) {
            // No label map is read, so that what labels mean need not be known.
            List<Subject> subjects =
                    Cohort.open(path, Optional.of(LabelSchema.BRATS_2018)).subjects();
            subjects.forEach(subject -> wanted.forEach(subject::image));
            return subjects;
        }
        if (!Files.exists(path)) {
            throw new InvalidFileException(path, "no such file or folder");
        }
        return List.of(ofFile(path, wanted));
    }

    private static Subject ofFile(Path file, List<Sequence> wanted) {
        if (wanted.size() != 1) {
            throw new MismatchException(
                    file + ": the model needs " + wanted + "; give the folder that holds them instead of one file");
        }
        String stem = stem(file);
        int cut = Math.max(stem.lastIndexOf('_'), stem.lastIndexOf('-'));
        Optional<Sequence> named = Sequence.ofSynonym(stem.substring(cut + 1));
        if (named.isPresent() && !named.get().equals(wanted.get(0))) {
            throw new MismatchException(file + ": by its name this is a " + named.get() + " image, but the model needs "
                    + wanted.get(0) + "; give it that one, or rename the file if its name is wrong");
        }
        String id = named.isPresent() && cut > 0 ? stem.substring(0, cut) : stem;
        // The schema is that of a label map that there is not.
        return new Subject(id, Map.of(wanted.get(0), ImageFile.of(file)), Optional.empty(), LabelSchema.BRATS_2018);
    }

    /** The name of a file without the endings of NIfTI. */
    private static String stem(Path file) {
        String name = file.getFileName().toString();
        String lower = name.toLowerCase(Locale.ROOT);
        for (String ending : List.of(".gz", ".nii", ".hdr", ".img")) {
            if (lower.endsWith(ending)) {
                name = name.substring(0, name.length() - ending.length());
                lower = name.toLowerCase(Locale.ROOT);
            }
        }
        return name;
    }
}
