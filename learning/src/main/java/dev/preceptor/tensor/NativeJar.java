package dev.preceptor.tensor;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import java.util.zip.CRC32;

/**
 * The native libraries of one jar and the folder to which they are unpacked. An unpacked file is genuine if it has the size and the
 * CRC-32 of an entry of the jar. Thread-safe.
 */
final class NativeJar {
    private static final int BUFFER = 1 << 18;
    private static final String LIBRARIES = "org/bytedeco/";

    private final String name;
    private final Path folder;
    private final Map<String, JarEntry> entries;

    private NativeJar(String name, Path folder, Map<String, JarEntry> entries) {
        this.name = name;
        this.folder = folder;
        this.entries = entries;
    }

    /**
     * The native libraries of a jar; none if the jar has no libraries for the platform.
     *
     * @param cache the cache folder of JavaCPP, in which each jar has a folder of its name
     * @param platform such as {@code linux-x86_64}; GPU builds add a suffix to it
     */
    static NativeJar of(JarFile jar, Path cache, String platform) {
        boolean isNative = jar.stream().anyMatch(entry -> isLibrary(entry.getName(), platform));
        Map<String, JarEntry> entries = jar.stream()
                .filter(entry -> isNative && !entry.isDirectory())
                .collect(Collectors.toMap(JarEntry::getName, entry -> entry, (one, other) -> one, TreeMap::new));
        String name = Path.of(jar.getName()).getFileName().toString();
        return new NativeJar(name, cache.resolve(name), entries);
    }

    /** Whether a name is {@code org/bytedeco/MODULE/PLATFORM.../...}. Without a pattern: each start asks for 20,000 names. */
    private static boolean isLibrary(String name, String platform) {
        int module = name.startsWith(LIBRARIES) ? LIBRARIES.length() : name.length();
        int folder = name.indexOf('/', module) + 1;
        int file = name.indexOf('/', folder) + 1;
        return folder > module + 1 && file > folder && file < name.length() && name.startsWith(platform, folder);
    }

    boolean isEmpty() {
        return entries.isEmpty();
    }

    String name() {
        return name;
    }

    /** The folder of the unpacked entries, each under its path in the jar. */
    Path folder() {
        return folder;
    }

    /** Whether the jar has an entry with the path of a file. */
    boolean hasEntry(Path file) {
        return entries.containsKey(name(file));
    }

    /** Whether a file has the size and the CRC-32 of an entry whose content it may have. */
    boolean isGenuine(Path file) {
        try {
            if (!Files.isRegularFile(file)) {
                return false;
            }
            long size = Files.size(file);
            List<JarEntry> alike = candidates(file).stream()
                    .filter(entry -> entry.getSize() == size)
                    .toList();
            if (alike.isEmpty()) {
                return false;
            }
            long crc = crc(file);
            return alike.stream().anyMatch(entry -> entry.getCrc() == crc);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long crc(Path file) throws IOException {
        CRC32 crc = new CRC32();
        ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER);
        try (FileChannel in = FileChannel.open(file)) {
            while (in.read(buffer.clear()) >= 0) {
                crc.update(buffer.flip());
            }
        }
        return crc.getValue();
    }

    /** The entry with the path of a file or, if there is none, all of its folder: JavaCPP unpacks some libraries under a second name. */
    private List<JarEntry> candidates(Path file) {
        String path = name(file);
        JarEntry entryOfName = entries.get(path);
        String parent = path.substring(0, path.lastIndexOf('/') + 1);
        return entryOfName != null
                ? List.of(entryOfName)
                : entries.values().stream()
                        .filter(entry -> entry.getName().startsWith(parent))
                        .toList();
    }

    private String name(Path file) {
        return folder.relativize(file).toString().replace('\\', '/');
    }
}
