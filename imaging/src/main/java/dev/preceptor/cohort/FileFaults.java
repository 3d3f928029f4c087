package dev.preceptor.cohort;

import dev.preceptor.volume.Sequence;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Why files of a subject cannot be used: two files for one sequence, a link to nothing, a folder that cannot be listed.
 * Each fault is one line that names the files and the remedy.
 *
 * @param images by the sequence that has no usable file
 * @param labels why the label map cannot be used
 * @param folder why no file of the subject is known
 */
public record FileFaults(Map<Sequence, String> images, Optional<String> labels, Optional<String> folder) {
    /** No faults. */
    public static final FileFaults NONE = new FileFaults(Map.of(), Optional.empty(), Optional.empty());

    public FileFaults {
        images = Collections.unmodifiableMap(new TreeMap<>(images));
    }

    static FileFaults ofFolder(String fault) {
        return new FileFaults(Map.of(), Optional.empty(), Optional.of(fault));
    }

    /** The faults without that of the label map. */
    FileFaults ofImages() {
        return new FileFaults(images, Optional.empty(), folder);
    }

    /** Whether there are no faults. */
    public boolean isEmpty() {
        return images.isEmpty() && labels.isEmpty() && folder.isEmpty();
    }

    /** Why the image of a sequence cannot be used; empty if it can, or if the subject has no file for it. */
    public Optional<String> of(Sequence sequence) {
        return folder.or(() -> Optional.ofNullable(images.get(sequence)));
    }

    /** All faults, one line each. */
    public List<String> lines() {
        List<String> lines = new ArrayList<>();
        folder.ifPresent(lines::add);
        lines.addAll(images.values());
        labels.ifPresent(lines::add);
        return lines;
    }
}
