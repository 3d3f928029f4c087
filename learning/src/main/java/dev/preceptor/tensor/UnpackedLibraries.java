package dev.preceptor.tensor;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.Parallel;
import java.io.IOException;
import java.net.JarURLConnection;
import java.net.URL;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Loader;

/**
 * Verifies the libraries that JavaCPP has unpacked against the jars on the class path before any is loaded. JavaCPP compares
 * size and time alone. A file that is not what its jar holds is removed, and JavaCPP unpacks it again; so is a link that
 * leads out of the verified folders. For one thread.
 */
final class UnpackedLibraries {
    /** The file that JavaCPP locks while it unpacks or links. */
    private static final String LOCK = ".lock";

    private static final int MOST_THREADS = 4;

    private final Path cache;
    private final ClassLoader classes;
    private final Consumer<String> notices;

    /**
     * @param cache the folder of JavaCPP, private
     * @param notices receives a line for each file that is removed
     */
    UnpackedLibraries(Path cache, ClassLoader classes, Consumer<String> notices) {
        this.cache = cache;
        this.classes = classes;
        this.notices = notices;
    }

    /** What is unpacked of one jar, with the file or link in it. */
    private record Found(NativeJar jar, Path path) {}

    /**
     * Verifies everything that lies there. What it learns of the hashes of a jar is kept beside its folder, so that the next
     * call need not unpack it again to know them.
     *
     * @throws IOException if something cannot be read or removed
     */
    void verify() throws IOException {
        List<NativeJar> jars = jars();
        try (FileChannel channel = FileChannel.open(
                cache.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            List<Found> wrong;
            // Many processes may verify at the same time, but none while another unpacks or removes.
            try (FileLock shared = lock(channel, true)) {
                wrong = wrong(jars);
            }
            if (!wrong.isEmpty()) {
                try (FileLock alone = lock(channel, false)) {
                    remove(wrong(jars));
                }
            }
        }
        for (NativeJar jar : jars) {
            jar.remember();
        }
    }

    /** Computes the hashes of all entries that are unpacked and keeps them. */
    void learn() throws IOException {
        for (NativeJar jar : jars()) {
            entries(jar.folder()).forEach(jar::learn);
            jar.remember();
        }
    }

    private static FileLock lock(FileChannel channel, boolean shared) {
        try {
            return channel.lock(0, Long.MAX_VALUE, shared);
        } catch (IOException e) {
            // Some network file systems know no locks; two processes may unpack the same bytes there.
            return null;
        }
    }

    /** The jars on the class path that hold libraries for this platform, by the name of their folder in the cache. */
    private List<NativeJar> jars() throws IOException {
        Map<String, NativeJar> jars = new LinkedHashMap<>();
        for (String everywhere : List.of("META-INF/MANIFEST.MF", "org/bytedeco/")) {
            for (URL url : Collections.list(classes.getResources(everywhere))) {
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

    private List<Found> wrong(List<NativeJar> jars) throws IOException {
        List<Found> files = new ArrayList<>();
        List<Found> links = new ArrayList<>();
        List<Found> wrong = new ArrayList<>();
        for (NativeJar jar : jars) {
            if (Files.isSymbolicLink(jar.folder())) {
                wrong.add(new Found(jar, jar.folder()));
                continue;
            }
            for (Path path : entries(jar.folder())) {
                (Files.isSymbolicLink(path) ? links : files).add(new Found(jar, path));
            }
        }
        files.sort(Comparator.comparing((Found found) -> found.path().toFile().length())
                .reversed());
        int threads = Math.min(MOST_THREADS, Runtime.getRuntime().availableProcessors());
        List<Boolean> held = Parallel.map(files, threads, found -> found.jar().holds(found.path()));
        for (int i = 0; i < files.size(); i++) {
            if (!held.get(i)) {
                wrong.add(files.get(i));
            }
        }
        for (Found link : links) {
            if (!leadsToALibrary(link.path(), jars)) {
                wrong.add(link);
            }
        }
        return wrong;
    }

    private static List<Path> entries(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> tree = Files.walk(folder)) {
            return tree.filter(path -> Files.isSymbolicLink(path) || !Files.isDirectory(path))
                    .toList();
        }
    }

    /** JavaCPP links the libraries of one jar into the folder of another, and names without a version to those with one. */
    private boolean leadsToALibrary(Path link, List<NativeJar> jars) throws IOException {
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

    private void remove(List<Found> wrong) {
        for (Found found : wrong) {
            boolean dangles = Files.isSymbolicLink(found.path()) && !Files.exists(found.path());
            AtomicFiles.deleteFolder(found.path());
            if (!dangles) {
                notices.accept(found.path() + ": is not what " + found.jar().name()
                        + " holds, so it is not loaded; it is removed and unpacked again");
            }
        }
    }
}
