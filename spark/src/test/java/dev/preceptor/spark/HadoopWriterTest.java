package dev.preceptor.spark;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Abortable;
import org.apache.hadoop.fs.CommonPathCapabilities;
import org.apache.hadoop.fs.DelegateToFileSystem;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.FilterFileSystem;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How a file is replaced on file systems that can and cannot do it in one step. */
class HadoopWriterTest {
    @TempDir
    private java.nio.file.Path folder;

    private java.nio.file.Path file() {
        return folder.resolve("out/file");
    }

    private Path target() {
        return new Path(RenamedFileSystem.SCHEME + "://" + file());
    }

    private static <F extends FileSystem> F opened(F files, Configuration configuration) throws IOException {
        files.initialize(URI.create(RenamedFileSystem.SCHEME + ":///"), configuration);
        return files;
    }

    private void assertReplaces(FileSystem files) throws IOException {
        HadoopWriter writer = new HadoopWriter(files);
        writer.write(target(), out -> out.write("first".getBytes(UTF_8)));
        writer.write(target(), out -> out.write("second".getBytes(UTF_8)));
        assertEquals("second", Files.readString(file()));
        assertThrows(
                IOException.class,
                () -> writer.write(target(), out -> {
                    out.write("third".getBytes(UTF_8));
                    throw new IOException("the network is down");
                }));
        assertEquals("second", Files.readString(file()));
        try (Stream<java.nio.file.Path> left = Files.list(file().getParent())) {
            assertEquals(List.of(file()), left.toList());
        }
    }

    /** Notes each removal of the target. */
    private static final class WatchedFileSystem extends RenamedFileSystem {
        private final List<Path> removed = new ArrayList<>();

        @Override
        public boolean delete(Path path, boolean recursive) throws IOException {
            if (!path.getName().endsWith(".part")) {
                removed.add(path);
            }
            return super.delete(path, recursive);
        }
    }

    @Test
    void theRenameOfTheOperatingSystemReplacesInOneStep() throws IOException {
        WatchedFileSystem files = opened(new WatchedFileSystem(), new Configuration(false));
        assertReplaces(files);
        assertEquals(List.of(), files.removed);
    }

    /** As s3a: an object appears when its stream is closed, and never if it was aborted. */
    private static final class ObjectStore extends RenamedFileSystem {
        @Override
        public boolean hasPathCapability(Path path, String capability) throws IOException {
            return capability.equals(CommonPathCapabilities.ABORTABLE_STREAM)
                    || super.hasPathCapability(path, capability);
        }

        @Override
        public FSDataOutputStream create(Path path, boolean overwrite) throws IOException {
            return new FSDataOutputStream(new ObjectStream(pathToFile(path).toPath()), null);
        }

        @Override
        public boolean rename(Path from, Path to) {
            throw new AssertionError("a rename here is a copy");
        }
    }

    private static final class ObjectStream extends OutputStream implements Abortable {
        private final java.nio.file.Path file;
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private boolean isAborted;

        ObjectStream(java.nio.file.Path file) {
            this.file = file;
        }

        @Override
        public void write(int value) {
            bytes.write(value);
        }

        @Override
        public AbortableResult abort() {
            isAborted = true;
            return null;
        }

        @Override
        public void close() throws IOException {
            if (!isAborted) {
                Files.createDirectories(file.getParent());
                Files.write(file, bytes.toByteArray());
            }
        }
    }

    @Test
    void anObjectIsVisibleWhenItIsCompleteAndNotAtAllIfWritingFails() throws IOException {
        assertReplaces(opened(new ObjectStore(), new Configuration(false)));
    }

    /** Renames to free names only, as HDFS does through the older interface. */
    private static final class OlderFileSystem extends FilterFileSystem {
        OlderFileSystem() {
            super(new RenamedFileSystem());
        }

        @Override
        public boolean rename(Path from, Path to) throws IOException {
            return !exists(to) && super.rename(from, to);
        }
    }

    /** The newer interface of such a file system, whose rename can replace. */
    public static final class ReplacingFiles extends DelegateToFileSystem {
        static final List<Path> REPLACED = new ArrayList<>();

        public ReplacingFiles(URI uri, Configuration configuration) throws IOException, URISyntaxException {
            super(uri, new RenamedFileSystem(), configuration, RenamedFileSystem.SCHEME, false);
        }

        @Override
        public void renameInternal(Path from, Path to, boolean overwrite) throws IOException {
            assertTrue(overwrite);
            REPLACED.add(to);
            Files.move(
                    java.nio.file.Path.of(from.toUri().getPath()),
                    java.nio.file.Path.of(to.toUri().getPath()),
                    StandardCopyOption.REPLACE_EXISTING,
                    StandardCopyOption.ATOMIC_MOVE);
        }
    }

    @Test
    void aFileSystemWhoseRenameCanReplaceIsAskedForThat() throws IOException {
        Configuration configuration = new Configuration(false);
        configuration.set(
                "fs.AbstractFileSystem." + RenamedFileSystem.SCHEME + ".impl", ReplacingFiles.class.getName());
        assertReplaces(opened(new OlderFileSystem(), configuration));
        assertEquals(List.of(target(), target()), ReplacingFiles.REPLACED);
    }

    @Test
    void aFileSystemWithoutSuchARenameReplacesInTwoSteps() throws IOException {
        assertReplaces(opened(new OlderFileSystem(), new Configuration(false)));
    }
}
