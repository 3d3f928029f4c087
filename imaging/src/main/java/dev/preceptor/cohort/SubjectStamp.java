package dev.preceptor.cohort;

import dev.preceptor.base.Sha256;
import dev.preceptor.volume.Sequence;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * By what the files of a subject are recognised as unchanged without reading them: their real paths, sizes, times of change in
 * nanoseconds, file numbers and devices, and what else the result of a scan depends on. Where the file system has one, the time of the
 * last change of the file's state (ctime) is part of it, which no user can set: a file that is changed and given its old size and time
 * again is seen.
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
        line(text, subject.schema());
        line(text, subject.schema().regions());
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
                Path real = file.toRealPath();
                boolean isUnix =
                        real.getFileSystem().supportedFileAttributeViews().contains("unix");
                Map<String, Object> state = Files.readAttributes(
                        real, isUnix ? "unix:size,lastModifiedTime,ctime,ino,dev" : "size,lastModifiedTime,fileKey");
                line(text, real);
                state.keySet().stream().sorted().forEach(name -> line(text, name + " " + state.get(name)));
                for (Object value : state.values()) {
                    if (value instanceof FileTime time && time.toInstant().isAfter(changed)) {
                        changed = time.toInstant();
                    }
                }
                bytes += (Long) state.get("size");
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
