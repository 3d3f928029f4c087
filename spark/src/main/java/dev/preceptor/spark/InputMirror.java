package dev.preceptor.spark;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.base.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * The names in a folder of subjects, for the driver that looks for subjects there: the folder itself, or, of a folder that the operating
 * system does not reach, a local copy in which images are empty. Descriptions such as {@code dataset.json} are copied.
 */
final class InputMirror implements AutoCloseable {
    private static final long MOST_BYTES = 1 << 20;

    private final Path folder;
    private final boolean isCopy;
    private final Map<String, Long> sizes;

    private InputMirror(Path folder, boolean isCopy, Map<String, Long> sizes) {
        this.folder = folder;
        this.isCopy = isCopy;
        this.sizes = sizes;
    }

    static InputMirror of(Path place) {
        Store store = Store.at(Place.of(place));
        if (store instanceof LocalStore) {
            return new InputMirror(place, false, Map.of());
        }
        Map<String, Long> sizes = new TreeMap<>(store.files(""));
        Path copy = scratch().resolve(String.valueOf(place.getFileName()));
        sizes.forEach((name, bytes) -> {
            if (bytes <= MOST_BYTES && name.toLowerCase(Locale.ROOT).matches(".*\\.(json|csv|tsv|txt)")) {
                store.fetch(name, copy);
            } else {
                AtomicFiles.writeString(copy.resolve(name), "");
            }
        });
        return new InputMirror(copy, true, sizes);
    }

    static Path scratch() {
        try {
            return Files.createTempDirectory("preceptor-spark");
        } catch (IOException e) {
            throw new PreceptorException("there is no folder for temporary files: " + Reason.of(e), e);
        }
    }

    /** The folder to search; its images can be read only if it is no copy. */
    Path folder() {
        return folder;
    }

    /** The bytes of the files of a subject. */
    long bytes(SubjectFiles subject) {
        return isCopy
                ? subject.files().stream()
                        .mapToLong(name -> sizes.getOrDefault(name, 0L))
                        .sum()
                : subject.bytes(folder);
    }

    @Override
    public void close() {
        if (isCopy) {
            AtomicFiles.deleteFolder(folder.getParent());
        }
    }
}
