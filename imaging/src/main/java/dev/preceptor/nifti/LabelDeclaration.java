package dev.preceptor.nifti;

import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.LabelSpace;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The label values that Preceptor declares in the description field of a label map, for example {@code preceptor labels
 * BRATS_2018 {1 NCR, 2 ED, 4 ET}}. The field has room for 79 bytes.
 *
 * @param text the text after {@code preceptor labels}
 * @param schema the parsed schema; empty if the text is neither a schema nor the name of a known one
 */
public record LabelDeclaration(String text, Optional<LabelSpace> schema) {
    private static final String PREFIX = "preceptor labels ";
    private static final int MAX_BYTES = 79;

    /** The declaration in a header; empty if the file was not written by Preceptor. */
    public static Optional<LabelDeclaration> in(NiftiHeader header) {
        String description = header.description();
        if (!description.startsWith(PREFIX)) {
            return Optional.empty();
        }
        String text = description.substring(PREFIX.length()).strip();
        return Optional.of(new LabelDeclaration(text, LabelSpace.parse(text).or(() -> LabelSpace.named(text))));
    }

    /** The description for a label map: all values of its schema, or, if they do not fit, the values that occur. */
    static String of(LabelMap labels) {
        String all = PREFIX + labels.schema();
        if (fits(all)) {
            return all;
        }
        Set<Integer> occurring = new TreeSet<>();
        for (byte value : labels.voxels()) {
            occurring.add((int) value);
        }
        String occurringOnly = PREFIX
                + new LabelSpace("LABELS", labels.schema().only(occurring).values());
        // Readers refuse this text; a truncated list would be read as another schema.
        return fits(occurringOnly) ? occurringOnly : PREFIX + "TOO_MANY_FOR_THE_HEADER";
    }

    private static boolean fits(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length <= MAX_BYTES
                && LabelSpace.parse(text.substring(PREFIX.length())).isPresent();
    }
}
