package dev.preceptor.cohort;

import dev.preceptor.volume.Sequence;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Why files that a subject is known to have cannot be used: two files for one sequence, a link to nothing, a folder that
 * cannot be listed. Each is one line that names the files and the remedy.
 *
 * @param images by the sequence that is lost
 * @param labels why there is no label map although a file for it is there
 * @param folder why nothing is known of the subject
 */
public record FileFaults(Map<Sequence, String> images, Optional<String> labels, Optional<String> folder) {
    /** All files are as they should be. */
    public static final FileFaults NONE = new FileFaults(Map.of(), Optional.empty(), Optional.empty());

    public FileFaults {
        images = Collections.unmodifiableMap(new TreeMap<>(images));
    }

    static FileFaults ofFolder(String fault) {
        return new FileFaults(Map.of(), Optional.empty(), Optional.of(fault));
    }

    /** Whether there is none. */
    public boolean isEmpty() {
        return images.isEmpty() && labels.isEmpty() && folder.isEmpty();
    }

    /** Why the image of a sequence cannot be used; empty if it is there, or was never seen. */
    public Optional<String> of(Sequence sequence) {
        return folder.or(() -> Optional.ofNullable(images.get(sequence)));
    }

    /** Every fault, one line each. */
    public List<String> lines() {
        List<String> lines = new ArrayList<>();
        folder.ifPresent(lines::add);
        lines.addAll(images.values());
        labels.ifPresent(lines::add);
        return lines;
    }
}
