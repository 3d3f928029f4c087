package dev.preceptor.tensor;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.Parallel;
import java.io.IOException;
import java.net.JarURLConnection;
import java.net.URL;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.jar.JarFile;
import org.bytedeco.javacpp.Loader;

/**
 * Verifies the libraries that JavaCPP has unpacked against the jars on the class path, before any is loaded; JavaCPP itself
 * compares only size and time. Files that differ from their jar are deleted, and JavaCPP unpacks them again; so are links, unless
 * they lead to a verified file, or to a library of the same name where the linker would find it (JavaCPP links to the libraries of
 * CUDA). Not thread-safe.
 */
final class UnpackedLibraries {
    /** The file that JavaCPP locks while it unpacks libraries or creates links. */
    private static final String LOCK = ".lock";

    private final Path cache;
    private final ClassLoader classes;
    private final Supplier<List<Path>> linkerFolders;
    private final Consumer<String> notices;

    /**
     * The libraries in a cache folder.
     *
     * @param cache the cache folder of JavaCPP, private
     * @param classes finds the jars
     * @param linkerFolders where the linker of this system looks for libraries; asked only about links that lead out of the cache
     * @param notices receives a line for each file that is deleted
     */
    UnpackedLibraries(Path cache, ClassLoader classes, Supplier<List<Path>> linkerFolders, Consumer<String> notices) {
        this.cache = cache;
        this.classes = classes;
        this.linkerFolders = linkerFolders;
        this.notices = notices;
    }

    /** An unpacked file or a link in the folder of a jar. */
    private record UnpackedFile(NativeJar jar, Path path) {}

    /**
     * Verifies all unpacked files and deletes those that differ.
     *
     * @throws IOException if a file cannot be read or deleted
     */
    void verify() throws IOException {
        List<NativeJar> jars = jars();
        try (FileChannel channel = FileChannel.open(
                cache.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            List<UnpackedFile> altered;
            // Several processes may verify at the same time, but not while another one unpacks or deletes.
            try (FileLock shared = lock(channel, true)) {
                altered = altered(jars);
            }
            if (!altered.isEmpty()) {
                try (FileLock exclusive = lock(channel, false)) {
                    delete(altered(jars));
                }
            }
        }
    }

    /** The libraries that have been unpacked. */
    List<Path> files() throws IOException {
        List<Path> files = new ArrayList<>();
        for (NativeJar jar : jars()) {
            entries(jar.folder()).stream()
                    .filter(path -> path.getFileName().toString().contains(".so"))
                    .forEach(files::add);
        }
        return files;
    }

    private static FileLock lock(FileChannel channel, boolean shared) {
        try {
            return channel.lock(0, Long.MAX_VALUE, shared);
        } catch (IOException e) {
            // Some network file systems have no locks; there, two processes may both unpack the same bytes.
            return null;
        }
    }

    /** The jars on the class path with libraries for this platform. */
    private List<NativeJar> jars() throws IOException {
        Map<String, NativeJar> jars = new LinkedHashMap<>();
        for (String resource : List.of("META-INF/MANIFEST.MF", "org/bytedeco/")) {
            for (URL url : Collections.list(classes.getResources(resource))) {
                if (url.openConnection() instanceof JarURLConnection connection) {
                    JarFile file = connection.getJarFile();
                    if (!jars.containsKey(file.getName())) {
                        jars.put(file.getName(), NativeJar.of(file, cache, Loader.getPlatform()));
                    }
                }
            }
        }
        return jars.values().stream().filter(jar -> !jar.isEmpty()).toList();
    }

    private List<UnpackedFile> altered(List<NativeJar> jars) throws IOException {
        List<UnpackedFile> files = new ArrayList<>();
        List<UnpackedFile> links = new ArrayList<>();
        List<UnpackedFile> altered = new ArrayList<>();
        for (NativeJar jar : jars) {
            if (Files.isSymbolicLink(jar.folder())) {
                altered.add(new UnpackedFile(jar, jar.folder()));
                continue;
            }
            for (Path path : entries(jar.folder())) {
                (Files.isSymbolicLink(path) ? links : files).add(new UnpackedFile(jar, path));
            }
        }
        // A file that is gone cannot be loaded.
        files.removeIf(found -> !Files.exists(found.path()));
        List<Boolean> genuine = Parallel.map(
                files,
                Runtime.getRuntime().availableProcessors(),
                found -> found.jar().isGenuine(found.path()));
        for (int i = 0; i < files.size(); i++) {
            if (!genuine.get(i)) {
                altered.add(files.get(i));
            }
        }
        for (UnpackedFile link : links) {
            if (!leadsIntoJarFolder(link.path(), jars) && !leadsWhereTheLinkerLooks(link)) {
                altered.add(link);
            }
        }
        return altered;
    }

    private static List<Path> entries(Path folder) throws IOException {
        List<Path> entries = new ArrayList<>();
        if (Files.isDirectory(folder)) {
            Files.walkFileTree(folder, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                    entries.add(file);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
                    if (e instanceof NoSuchFileException) {
                        // Another process, which verifies too, has just deleted it.
                        return FileVisitResult.CONTINUE;
                    }
                    throw e;
                }
            });
        }
        return entries;
    }

    /** JavaCPP creates links between the folders of jars, and from names without a version to names with one. */
    private boolean leadsIntoJarFolder(Path link, List<NativeJar> jars) throws IOException {
        if (!Files.isRegularFile(link)) {
            return false;
        }
        Path real = link.toRealPath();
        for (NativeJar jar : jars) {
            if (Files.isDirectory(jar.folder()) && real.startsWith(jar.folder().toRealPath())) {
                return true;
            }
        }
        return false;
    }

    /** Whether the linker would load the same file if there were no link: only such a file is as trusted as without it. */
    private boolean leadsWhereTheLinkerLooks(UnpackedFile link) throws IOException {
        if (!Files.isRegularFile(link.path()) || link.jar().hasEntry(link.path())) {
            return false;
        }
        Path real = link.path().toRealPath();
        if (!nameWithoutVersion(real).equals(nameWithoutVersion(link.path()))) {
            return false;
        }
        for (Path folder : linkerFolders.get()) {
            if (Files.isDirectory(folder) && real.getParent().equals(folder.toRealPath())) {
                return true;
            }
        }
        return false;
    }

    /** {@code libcublas} of {@code libcublas.so.13}. */
    private static String nameWithoutVersion(Path library) {
        return library.getFileName().toString().replaceFirst("\\.so[.0-9]*$", "");
    }

    private void delete(List<UnpackedFile> altered) {
        for (UnpackedFile found : altered) {
            boolean dangles = Files.isSymbolicLink(found.path()) && !Files.exists(found.path());
            AtomicFiles.deleteFolder(found.path());
            if (!dangles) {
                notices.accept(found.path() + ": differs from the file in "
                        + found.jar().name() + " and is not loaded; it is deleted and unpacked again");
            }
        }
    }
}
