package dev.preceptor.spark;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.base.Reason;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Files;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.deploy.SparkHadoopUtil;

/**
 * A folder of a file system of Hadoop, such as {@code s3a://} or {@code hdfs://}, with the client that Spark brings. An object store
 * has no rename that replaces; there, as elsewhere, the partial object is complete before it takes its name.
 *
 * @param root of the folder, which may not exist yet
 */
record HadoopStore(URI root) implements Store {
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
            Path target = path(name);
            Path aside = new Path(target.getParent(), "." + target.getName() + "." + UUID.randomUUID() + ".part");
            try {
                try (OutputStream out = files.create(aside, true)) {
                    content.writeTo(out);
                }
                files.delete(target, false);
                if (!files.rename(aside, target)) {
                    throw new IOException("the partial file cannot be renamed");
                }
            } finally {
                files.delete(aside, false);
            }
            return target;
        });
    }

    @Override
    public Map<String, Long> files(String folder) {
        return inFileSystem("cannot be listed", folder, files -> {
            Map<String, Long> found = new TreeMap<>();
            Path start = path(folder);
            if (files.exists(start)) {
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
            AtomicFiles.write(local, out -> {
                try (InputStream in = files.open(path(name))) {
                    in.transferTo(out);
                }
            });
            return local;
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
            // What the cluster and --conf spark.hadoop.* say of this file system.
            Configuration configuration = SparkHadoopUtil.get().conf();
            return access.with(path(name).getFileSystem(configuration));
        } catch (IOException e) {
            throw new PreceptorException(path(name) + ": " + what + ": " + Reason.of(e), e);
        }
    }
}
