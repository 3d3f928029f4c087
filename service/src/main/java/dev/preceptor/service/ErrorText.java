package dev.preceptor.service;

import dev.preceptor.base.ErrorLine;
import dev.preceptor.base.Sha256;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Errors about images, without the paths of the data folder, without UIDs, and without what the header of a series says in its own words,
 * which may be anything. Stateless, thread-safe.
 */
final class ErrorText {
    private static final Pattern UID = Pattern.compile("\\d+(?:\\.\\d+){4,}");
    private static final int HASH_DIGITS = 12;

    private ErrorText() {}

    /**
     * One line about a failure.
     *
     * @param folder whose files are called {@code image}
     */
    static String of(Throwable cause, Path folder) {
        return of(cause)
                .replaceAll(Pattern.quote(folder.toString()) + "(/[^\\s:,;]*)?", "image")
                .replaceAll("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(\\.[a-z.]+)?", "image")
                .replace("--sequence", "the field sequence");
    }

    /** One line about a failure for those who run the service, with the paths of its files. */
    static String of(Throwable cause) {
        String line = ErrorLine.of(cause).replaceAll("\\b(series(?: \\d+)?) \"[^\"]*\"", "$1");
        Matcher uids = UID.matcher(line);
        return uids.replaceAll(uid -> "UID#" + Sha256.of(uid.group()).substring(0, HASH_DIGITS));
    }
}
