package dev.preceptor.spark;

import dev.preceptor.base.AtomicFiles.FileContent;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Optional;
import java.util.UUID;
import org.apache.hadoop.fs.CommonPathCapabilities;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.UnsupportedFileSystemException;

/**
 * Writes files of a file system of Hadoop, each whole or not at all, in the way in which that file system replaces a file:
 *
 * <ul>
 *   <li>Where a stream can be aborted, which s3a offers, nothing is visible before it is closed, and then all of it, in place of the
 *       object that was there. A rename there is a copy and a deletion.
 *   <li>Elsewhere the file is written aside and renamed. The rename of the operating system ({@code file:}) and that of HDFS replace a
 *       file in one step.
 *   <li>A file system that has neither removes the old file before the rename: for a moment there is none. The new one is complete
 *       beside it.
 * </ul>
 *
 * <p>Thread-safe.
 */
final class HadoopWriter {
    private final FileSystem files;
    private Optional<FileContext> context = Optional.empty();

    HadoopWriter(FileSystem files) {
        this.files = files;
    }

    /** Writes or replaces a file, with the folders that it needs. */
    void write(Path target, FileContent content) throws IOException {
        if (files.hasPathCapability(target, CommonPathCapabilities.ABORTABLE_STREAM)) {
            writeAtClose(target, content);
            return;
        }
        Path aside = new Path(target.getParent(), "." + target.getName() + "." + UUID.randomUUID() + ".part");
        try {
            try (OutputStream out = files.create(aside, true)) {
                content.writeTo(out);
            }
            replace(aside, target);
        } finally {
            files.delete(aside, false);
        }
    }

    private void writeAtClose(Path target, FileContent content) throws IOException {
        try (FSDataOutputStream out = files.create(target, true)) {
            try {
                content.writeTo(out);
            } catch (IOException | RuntimeException | Error e) {
                // Closing would make visible what is there so far.
                out.abort();
                throw e;
            }
        }
    }

    private void replace(Path aside, Path target) throws IOException {
        if (files instanceof RawLocalFileSystem) {
            rename(aside, target);
            return;
        }
        try {
            context(target).rename(files.makeQualified(aside), files.makeQualified(target), Options.Rename.OVERWRITE);
        } catch (UnsupportedFileSystemException e) {
            // Only the older interface knows this scheme, and it renames to free names only.
            files.delete(target, false);
            rename(aside, target);
        }
    }

    /** A client of its own, which is why there is one for all files. */
    private synchronized FileContext context(Path target) throws IOException {
        if (context.isEmpty()) {
            context = Optional.of(
                    FileContext.getFileContext(files.makeQualified(target).toUri(), files.getConf()));
        }
        return context.get();
    }

    private void rename(Path aside, Path target) throws IOException {
        if (!files.rename(aside, target)) {
            throw new IOException("the partial file cannot be renamed");
        }
    }
}
