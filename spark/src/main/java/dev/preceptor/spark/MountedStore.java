package dev.preceptor.spark;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.PreceptorException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A folder of the operating system: of this machine, or one that all machines mount.
 *
 * @param root the folder, which may not exist yet
 */
record MountedStore(Path root) implements Store {
    @Override
    public String place() {
        return root.toString();
    }

    @Override
    public Optional<byte[]> read(String name) {
        try {
            return Optional.of(Files.readAllBytes(root.resolve(name)));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new PreceptorException(root.resolve(name) + ": cannot be read: " + AtomicFiles.reason(e), e);
        }
    }

    @Override
    public void write(String name, byte[] content) {
        AtomicFiles.write(root.resolve(name), out -> out.write(content));
    }

    @Override
    public Map<String, Long> files(String folder) {
        Map<String, Long> files = new TreeMap<>();
        Path start = root.resolve(folder);
        if (!Files.isDirectory(start)) {
            return files;
        }
        try (Stream<Path> tree = Files.walk(start)) {
            for (Path file : tree.filter(Files::isRegularFile).toList()) {
                files.put(root.relativize(file).toString().replace('\\', '/'), Files.size(file));
            }
            return files;
        } catch (IOException e) {
            throw new PreceptorException(start + ": cannot be listed: " + AtomicFiles.reason(e), e);
        } catch (UncheckedIOException e) {
            throw new PreceptorException(start + ": cannot be listed: " + AtomicFiles.reason(e.getCause()), e);
        }
    }

    @Override
    public void delete(String name) {
        AtomicFiles.deleteFolder(root.resolve(name));
    }

    @Override
    public Path fetch(String name, Path scratch) {
        return root.resolve(name);
    }

    @Override
    public void keep(Path local, String name) {
        Path target = root.resolve(name);
        if (!target.equals(local)) {
            AtomicFiles.write(target, out -> Files.copy(local, out));
        }
    }
}
