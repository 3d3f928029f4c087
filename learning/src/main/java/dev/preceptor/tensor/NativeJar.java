package dev.preceptor.tensor;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
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

/**
 * The native libraries of one jar and the folder to which they are unpacked. An unpacked file is genuine if it has the size,
 * the CRC-32 and the SHA-256 of an entry of the jar. Jars have no SHA-256: it is computed from the entry at first need and
 * saved in a file beside the folder, which is as private as the libraries. Thread-safe.
 */
final class NativeJar {
    private static final int BUFFER = 1 << 18;

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

    /**
     * Whether a file has the content of the entry with its path. If there is no such entry: of any entry of the same folder,
     * for JavaCPP unpacks some libraries under a second name.
     */
    boolean isGenuine(Path file) {
        String path = name(file);
        JarEntry entryOfName = entries.get(path);
        String parent = path.substring(0, path.lastIndexOf('/') + 1);
        List<JarEntry> candidates = entryOfName != null
                ? List.of(entryOfName)
                : entries.values().stream()
                        .filter(entry -> entry.getName().startsWith(parent))
                        .toList();
        try {
            long size = Files.size(file);
            if (!Files.isRegularFile(file) || candidates.stream().noneMatch(entry -> entry.getSize() == size)) {
                return false;
            }
            Checksums actual = Checksums.of(Files.newInputStream(file));
            for (JarEntry entry : candidates) {
                // Size and CRC-32 in the directory of the jar rule out most altered files before the slower SHA-256.
                if (entry.getSize() == size
                        && entry.getCrc() == actual.crc()
                        && hash(entry).equals(actual.sha256())) {
                    return true;
                }
            }
            return false;
        } catch (NoSuchFileException e) {
            // A file that is gone cannot be loaded.
            return true;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Computes the SHA-256 of the entry that is unpacked in a file, if there is such an entry. */
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
        String computed = Checksums.of(jar.getInputStream(entry)).sha256();
        hashes.put(entry.getName(), computed);
        hasNewHashes.set(true);
        return computed;
    }

    private record Checksums(long crc, String sha256) {
        static Checksums of(InputStream content) throws IOException {
            CRC32 crc = new CRC32();
            MessageDigest sha256 = Sha256.digest();
            byte[] buffer = new byte[BUFFER];
            try (InputStream in = content) {
                for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                    crc.update(buffer, 0, read);
                    sha256.update(buffer, 0, read);
                }
            }
            return new Checksums(crc.getValue(), HexFormat.of().formatHex(sha256.digest()));
        }
    }

    /** Saves the hashes if this object computed any; {@link #loadHashes} reads them in the next process. */
    void saveHashes() {
        if (hasNewHashes.get()) {
            AtomicFiles.writeString(
                    hashFile(),
                    directoryHash() + "  " + name + "\n"
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
            if (lines.isEmpty() || !lines.get(0).equals(directoryHash() + "  " + name)) {
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

    /** A hash of the jar's directory, which distinguishes jars of the same name. */
    private String directoryHash() {
        MessageDigest digest = Sha256.digest();
        entries.forEach((path, entry) ->
                digest.update((path + " " + entry.getSize() + " " + entry.getCrc() + " " + entry.getTime() + "\n")
                        .getBytes(StandardCharsets.UTF_8)));
        return HexFormat.of().formatHex(digest.digest());
    }
}
