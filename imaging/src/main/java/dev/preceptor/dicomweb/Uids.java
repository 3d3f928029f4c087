package dev.preceptor.dicomweb;

import dev.preceptor.base.PreceptorException;
import java.util.regex.Pattern;

/**
 * Unique identifiers of DICOM: 1 to 64 digits and dots (PS3.5, chapter 9). They become parts of URLs and file names, so that
 * nothing else may pass. Stateless, thread-safe.
 */
public final class Uids {
    private static final Pattern UID = Pattern.compile("[0-9]+(\\.[0-9]+)*");
    private static final int MAX_LENGTH = 64;

    private Uids() {}

    /** Whether a text is a unique identifier. */
    public static boolean isUid(String text) {
        return text.length() <= MAX_LENGTH && UID.matcher(text).matches();
    }

    /**
     * The text itself.
     *
     * @param what what the identifier names, for example {@code study}
     * @throws PreceptorException if it is not a unique identifier
     */
    static String require(String what, String text) {
        if (!isUid(text)) {
            throw new PreceptorException("\"" + text + "\" is not the UID of a " + what
                    + ": a UID has 1 to 64 digits and dots, such as 1.2.840.10008.1; preceptor pacs find lists them");
        }
        return text;
    }
}
