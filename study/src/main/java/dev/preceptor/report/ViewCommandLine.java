package dev.preceptor.report;

import dev.preceptor.cohort.NiftiImage;
import dev.preceptor.volume.ImageSource;
import dev.preceptor.volume.LabelSpace;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The command that shows a patient of a report in a browser. Stateless. */
public final class ViewCommandLine {
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9._/@:+,=-]+");

    private ViewCommandLine() {}

    /**
     * {@code preceptor view IMAGE LABELS... --schema NAME}, for a POSIX shell in the folder in which the report was made.
     *
     * @param image under the labels
     * @param labels the first is compared with each of the others
     * @param schema of the label maps that do not declare theirs
     * @return empty if the image is not a NIfTI file of its own
     */
    public static Optional<String> of(ImageSource image, List<Path> labels, LabelSpace schema) {
        if (!(image instanceof NiftiImage file) || file.frame().isPresent()) {
            return Optional.empty();
        }
        List<String> words =
                new ArrayList<>(List.of("preceptor", "view", file.path().toString()));
        labels.forEach(path -> words.add(path.toString()));
        words.add("--schema");
        words.add(LabelSpace.KNOWN.contains(schema) ? schema.name() : schema.toString());
        return Optional.of(words.stream().map(ViewCommandLine::quoted).collect(Collectors.joining(" ")));
    }

    private static String quoted(String word) {
        return PLAIN.matcher(word).matches() ? word : "'" + word.replace("'", "'\\''") + "'";
    }
}
