package dev.preceptor.tensor;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;

/**
 * The native libraries of one jar and the folder to which they are unpacked. An unpacked file is genuine if it has the size and the
 * {@link ChunkedHash} of an entry of the jar. Jars have no such hashes: they are computed from the entries at first need, with the
 * CRC-32 that the jar has, and saved in a file beside the folder, which is as private as the libraries. Thread-safe.
 */
final class NativeJar {

    private final JarFile jar;
    private final String name;
    private final Path folder;
    private final Map<String, JarEntry> entries;
    private final Map<String, String> hashes = new ConcurrentHashMap<>();
    private final AtomicBoolean hasNewHashes = new AtomicBoolean();

    private NativeJar(JarFile jar, String name, Path folder, Map<String, JarEntry> entries) {
        this.jar = jar;
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
        Pattern library = Pattern.compile("org/bytedeco/[^/]+/" + Pattern.quote(platform) + "[^/]*/.+");
        boolean isNative =
                jar.stream().anyMatch(entry -> library.matcher(entry.getName()).matches());
        Map<String, JarEntry> entries = jar.stream()
                .filter(entry -> isNative && !entry.isDirectory())
                .collect(Collectors.toMap(JarEntry::getName, entry -> entry, (one, other) -> one, TreeMap::new));
        String name = Path.of(jar.getName()).getFileName().toString();
        NativeJar libraries = new NativeJar(jar, name, cache.resolve(name), entries);
        libraries.loadHashes();
        return libraries;
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

    /** Whether a file has the size of an entry whose content it may have. */
    boolean hasSizeOfEntry(Path file) {
        try {
            long size = Files.size(file);
            return Files.isRegularFile(file) && candidates(file).stream().anyMatch(entry -> entry.getSize() == size);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether an entry whose content the file may have has this hash. */
    boolean isGenuine(Path file, ChunkedHash actual) {
        try {
            for (JarEntry entry : candidates(file)) {
                if (entry.getSize() == actual.size() && hash(entry).equals(actual.hash())) {
                    return true;
                }
            }
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
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

    /** Computes the hash of the entry that is unpacked in a file, if there is such an entry. */
    void computeHash(Path file) {
        JarEntry entry = entries.get(name(file));
        if (entry != null) {
            try {
                hash(entry);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private String name(Path file) {
        return folder.relativize(file).toString().replace('\\', '/');
    }

    private String hash(JarEntry entry) throws IOException {
        String known = hashes.get(entry.getName());
        if (known != null) {
            return known;
        }
        CRC32 crc = new CRC32();
        String computed;
        try (InputStream in = new CheckedInputStream(jar.getInputStream(entry), crc)) {
            computed = ChunkedHash.of(in).hash();
        }
        if (crc.getValue() != entry.getCrc()) {
            throw new IOException(jar.getName() + ": " + entry.getName() + " is damaged; install Preceptor again");
        }
        hashes.put(entry.getName(), computed);
        hasNewHashes.set(true);
        return computed;
    }

    /** Saves the hashes if this object computed any; {@link #loadHashes} reads them in the next process. */
    void saveHashes() {
        if (hasNewHashes.get()) {
            AtomicFiles.writeString(
                    hashFile(),
                    heading() + "\n"
                            + new TreeMap<>(hashes)
                                    .entrySet().stream()
                                            .map(hash -> hash.getValue() + "  " + hash.getKey() + "\n")
                                            .collect(Collectors.joining()));
        }
    }

    /** Loads the hashes that an earlier process saved, unless they belong to another jar of the same name. */
    private void loadHashes() {
        try {
            if (isEmpty() || !Files.isRegularFile(hashFile())) {
                return;
            }
            List<String> lines = Files.readAllLines(hashFile());
            if (lines.isEmpty() || !lines.get(0).equals(heading())) {
                return;
            }
            for (String line : lines.subList(1, lines.size())) {
                String[] parts = line.split("  ", 2);
                if (parts.length == 2 && entries.containsKey(parts[1])) {
                    hashes.put(parts[1], parts[0]);
                }
            }
        } catch (IOException e) {
            // The hashes are computed again.
            hashes.clear();
        }
    }

    private Path hashFile() {
        return folder.resolveSibling(name + ".sha256");
    }

    /** The first line of the file of hashes. */
    private String heading() {
        return directoryHash() + "  " + name + ", chunks of " + ChunkedHash.CHUNK + " bytes";
    }

    /** A hash of the jar's directory, which distinguishes jars of the same name. */
    private String directoryHash() {
        MessageDigest digest = Sha256.digest();
        entries.forEach((path, entry) ->
                digest.update((path + " " + entry.getSize() + " " + entry.getCrc() + " " + entry.getTime() + "\n")
                        .getBytes(StandardCharsets.UTF_8)));
        return HexFormat.of().formatHex(digest.digest());
    }
}
