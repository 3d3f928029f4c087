package dev.preceptor.cohort;

import dev.preceptor.base.Sha256;
import dev.preceptor.volume.Sequence;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * By what the files of a subject are recognised as unchanged without reading them: the {@link FileStamp} of each, and what else the result
 * of a scan depends on.
 *
 * @param hash SHA-256 of all of them
 * @param changed when the last of the files was changed
 * @param bytes the size of all files together
 */
record SubjectStamp(String hash, Instant changed, long bytes) {

    /** The stamp of a subject; empty if one of its files cannot be inspected. */
    static Optional<SubjectStamp> of(Subject subject, List<Sequence> expected) {
        StringBuilder text = new StringBuilder();
        line(text, subject.id());
        line(text, expected);
        line(text, subject.schema().definition());
        line(text, subject.faults());
        Set<Path> files = new LinkedHashSet<>();
        subject.images().forEach((sequence, image) -> {
            line(text, sequence + " " + image.selector() + " " + image.files());
            files.addAll(image.files());
        });
        line(text, subject.labelFile());
        subject.labelFile().ifPresent(files::add);
        Instant changed = Instant.EPOCH;
        long bytes = 0;
        try {
            for (Path file : files) {
                FileStamp stamp = FileStamp.of(file);
                text.append(stamp.text());
                changed = stamp.changed().isAfter(changed) ? stamp.changed() : changed;
                bytes += stamp.bytes();
            }
        } catch (IOException e) {
            return Optional.empty();
        }
        return Optional.of(new SubjectStamp(Sha256.of(text.toString()), changed, bytes));
    }

    private static void line(StringBuilder text, Object value) {
        text.append(value).append('\n');
    }
}
