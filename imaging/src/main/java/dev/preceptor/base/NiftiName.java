package dev.preceptor.base;

import java.nio.file.Path;
import java.util.Locale;

/** Which names are those of NIfTI files, in any case; here, because readers of other formats ask too. Stateless. */
public final class NiftiName {
    private NiftiName() {}

    /** Whether a file is named as a whole image, {@code .nii}, with or without {@code .gz}. */
    public static boolean isWhole(Path file) {
        return lower(file).matches(".+\\.nii(\\.gz)?");
    }

    /** Whether a file is named as half of a pair, {@code .hdr} or {@code .img}, with or without {@code .gz}. */
    public static boolean isHalf(Path file) {
        return lower(file).matches(".+\\.(hdr|img)(\\.gz)?");
    }

    /** The name of a NIfTI file without its extension; the name of any other file as it is. */
    public static String stem(Path file) {
        return file.getFileName().toString().replaceFirst("(?i)(?<=.)\\.(nii|hdr|img)(\\.gz)?$", "");
    }

    /** The name of a file in small letters; empty for the root of a file system. */
    public static String lower(Path file) {
        return file.getFileName() == null ? "" : file.getFileName().toString().toLowerCase(Locale.ROOT);
    }
}
