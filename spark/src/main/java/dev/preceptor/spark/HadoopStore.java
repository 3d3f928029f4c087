package dev.preceptor.spark;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.MismatchException;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.base.Reason;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkEnv;
import org.apache.spark.deploy.SparkHadoopUtil;

/**
 * A folder of a file system of Hadoop, such as {@code s3a://} or {@code hdfs://}, with the client that Spark brings; how a file is
 * replaced, {@link HadoopWriter} says.
 */
final class HadoopStore implements Store {
    private final URI root;
    private FileSystem opened;
    private HadoopWriter writer;

    /** @param root of the folder, which may not exist yet */
    HadoopStore(URI root) {
        this.root = root;
    }

    @Override
    public String place() {
        return root.toString();
    }

    @Override
    public Optional<byte[]> read(String name) {
        return inFileSystem("cannot be read", name, files -> {
            try (InputStream in = files.open(path(name))) {
                return Optional.of(in.readAllBytes());
            } catch (FileNotFoundException e) {
                return Optional.empty();
            }
        });
    }

    @Override
    public void write(String name, byte[] content) {
        write(name, out -> out.write(content));
    }

    private void write(String name, AtomicFiles.FileContent content) {
        inFileSystem("cannot be written", name, files -> {
            writer(files).write(path(name), content);
            return name;
        });
    }

    @Override
    public Map<String, Long> files(String folder) {
        return inFileSystem("cannot be listed", folder, files -> {
            Map<String, Long> found = new TreeMap<>();
            Path start = path(folder);
            if (files.exists(start)) {
                if (files.getFileStatus(start).isFile()) {
                    throw new MismatchException(start + ": is a file; name the folder that holds it");
                }
                list(files, start, folder, found);
            }
            return found;
        });
    }

    /** Names are built on the way down: what a file system calls its root differs from what a user calls it. */
    private static void list(FileSystem files, Path folder, String name, Map<String, Long> found) throws IOException {
        for (FileStatus status : files.listStatus(folder)) {
            String below = (name.isEmpty() ? "" : name + "/") + status.getPath().getName();
            if (status.isDirectory()) {
                list(files, status.getPath(), below, found);
            } else {
                found.put(below, status.getLen());
            }
        }
    }

    @Override
    public void delete(String name) {
        inFileSystem("cannot be removed", name, files -> files.delete(path(name), true));
    }

    @Override
    public java.nio.file.Path fetch(String name, java.nio.file.Path scratch) {
        java.nio.file.Path local = scratch.resolve(name);
        inFileSystem("cannot be read", name, files -> {
            Files.createDirectories(local.getParent());
            try (InputStream in = files.open(path(name))) {
                return Files.copy(in, local, StandardCopyOption.REPLACE_EXISTING);
            }
        });
        return local;
    }

    @Override
    public void keep(java.nio.file.Path local, String name) {
        write(name, out -> Files.copy(local, out));
    }

    private Path path(String name) {
        Path folder = new Path(root);
        return name.isEmpty() ? folder : new Path(folder, name);
    }

    private interface Access<R> {
        R with(FileSystem files) throws IOException;
    }

    private <R> R inFileSystem(String what, String name, Access<R> access) {
        try {
            return access.with(fileSystem());
        } catch (IOException | IllegalArgumentException e) {
            // IllegalArgumentException: the host is unknown.
            throw new PreceptorException(path(name) + ": " + what + ": " + Reason.of(e), e);
        }
    }

    private synchronized FileSystem fileSystem() throws IOException {
        if (opened == null) {
            FileSystem found = new Path(root).getFileSystem(configuration());
            // LocalFileSystem writes a checksum beside each file: for a moment a reader would find that of the previous
            // content.
            opened = found instanceof LocalFileSystem local ? local.getRawFileSystem() : found;
        }
        return opened;
    }

    private synchronized HadoopWriter writer(FileSystem files) {
        if (writer == null) {
            writer = new HadoopWriter(files);
        }
        return writer;
    }

    /** What the cluster and {@code --conf spark.hadoop.*} say of file systems; executors know the latter from their application only. */
    private static Configuration configuration() {
        SparkEnv environment = SparkEnv.get();
        return environment == null
                ? SparkHadoopUtil.get().conf()
                : SparkHadoopUtil.get().newConfiguration(environment.conf());
    }
}
