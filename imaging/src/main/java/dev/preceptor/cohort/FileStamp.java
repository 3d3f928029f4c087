package dev.preceptor.cohort;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Map;

/**
 * By what a file is recognised as unchanged without reading it: its real path, size, times of change in nanoseconds, file number and
 * device. Where the file system has one, the time of the last change of the file's state (ctime) is part of it, which no user can set: a
 * file that is changed and given its old size and time again is seen.
 *
 * @param text all of them, one a line
 * @param changed when the file was changed
 * @param bytes its size
 */
record FileStamp(String text, Instant changed, long bytes) {

    /** @throws IOException if the file cannot be inspected */
    static FileStamp of(Path file) throws IOException {
        Path real = file.toRealPath();
        boolean isUnix = real.getFileSystem().supportedFileAttributeViews().contains("unix");
        Map<String, Object> state = Files.readAttributes(
                real, isUnix ? "unix:size,lastModifiedTime,ctime,ino,dev" : "size,lastModifiedTime,fileKey");
        StringBuilder text = new StringBuilder().append(real).append('\n');
        state.keySet().stream()
                .sorted()
                .forEach(name ->
                        text.append(name).append(' ').append(state.get(name)).append('\n'));
        Instant changed = Instant.EPOCH;
        for (Object value : state.values()) {
            if (value instanceof FileTime time && time.toInstant().isAfter(changed)) {
                changed = time.toInstant();
            }
        }
        return new FileStamp(text.toString(), changed, (Long) state.get("size"));
    }
}
