package dev.preceptor.nifti;

import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.LabelSchema;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * What the description in the header of a label map says about its values, as Preceptor writes it: {@code preceptor labels
 * BRATS_2018 {1 NCR, 2 ED, 4 ET}}. The description has room for 79 bytes.
 *
 * @param text what follows {@code preceptor labels}
 * @param schema the meaning; empty if the text cannot be understood, as where only the name of a schema was written that is not
 *     one of the known ones
 */
public record LabelDeclaration(String text, Optional<LabelSchema> schema) {
    private static final String PREFIX = "preceptor labels ";
    private static final int MOST_BYTES = 79;

    /** The declaration in a header; empty if Preceptor did not write the file. */
    public static Optional<LabelDeclaration> in(NiftiHeader header) {
        String description = header.description();
        if (!description.startsWith(PREFIX)) {
            return Optional.empty();
        }
        String text = description.substring(PREFIX.length()).strip();
        return Optional.of(new LabelDeclaration(text, LabelSchema.parse(text).or(() -> LabelSchema.named(text))));
    }

    /** The description to write: all values of the schema, or, where these do not fit, those that occur. */
    static String of(LabelMap labels) {
        String all = PREFIX + labels.schema();
        if (fits(all)) {
            return all;
        }
        Set<Integer> occurring = new TreeSet<>();
        for (byte value : labels.voxels()) {
            occurring.add((int) value);
        }
        String some = PREFIX
                + new LabelSchema("LABELS", labels.schema().only(occurring).tissues());
        // A reader refuses what is cut off; a wrong meaning it could not refuse.
        return fits(some) ? some : PREFIX + "TOO_MANY_FOR_THE_HEADER";
    }

    private static boolean fits(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length <= MOST_BYTES
                && LabelSchema.parse(text.substring(PREFIX.length())).isPresent();
    }
}
