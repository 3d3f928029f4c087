package dev.preceptor.tensor;

import dev.preceptor.base.AtomicFiles;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
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
 * The native libraries of one jar and where they lie unpacked. A file is what the jar holds if it has the size and the
 * CRC-32 of an entry in the jar's directory, and its SHA-256. The jar says no SHA-256: that of an entry is computed from the
 * jar when it is first needed, and kept in a file beside the unpacked folder, which is as private as the libraries. Thread-safe.
 */
final class NativeJar {
    private static final int BUFFER = 1 << 18;

    private final JarFile jar;
    private final String name;
    private final Path folder;
    private final Map<String, JarEntry> entries;
    private final Map<String, String> sums = new ConcurrentHashMap<>();
    private final AtomicBoolean isLearned = new AtomicBoolean();

    private NativeJar(JarFile jar, String name, Path folder, Map<String, JarEntry> entries) {
        this.jar = jar;
        this.name = name;
        this.folder = folder;
        this.entries = entries;
    }

    /**
     * @param cache the folder of JavaCPP, which gives each jar a folder of its name
     * @param platform such as {@code linux-x86_64}; builds for GPUs have it with an ending
     */
    static NativeJar of(JarFile jar, Path cache, String platform) {
        Pattern wanted = Pattern.compile("org/bytedeco/[^/]+/" + Pattern.quote(platform) + "[^/]*/.+");
        boolean isNative =
                jar.stream().anyMatch(entry -> wanted.matcher(entry.getName()).matches());
        Map<String, JarEntry> entries = jar.stream()
                .filter(entry -> isNative && !entry.isDirectory())
                .collect(Collectors.toMap(JarEntry::getName, entry -> entry, (one, other) -> one, TreeMap::new));
        String name = Path.of(jar.getName()).getFileName().toString();
        NativeJar found = new NativeJar(jar, name, cache.resolve(name), entries);
        found.recall();
        return found;
    }

    boolean isEmpty() {
        return entries.isEmpty();
    }

    String name() {
        return name;
    }

    /** Where the entries lie, each with the folders of its name. */
    Path folder() {
        return folder;
    }

    /**
     * Whether a file is the entry of its name; or, because JavaCPP unpacks some under a second name, any entry of the same
     * folder where no entry has its name.
     */
    boolean holds(Path file) {
        String path = name(file);
        JarEntry own = entries.get(path);
        String beside = path.substring(0, path.lastIndexOf('/') + 1);
        List<JarEntry> candidates = own != null
                ? List.of(own)
                : entries.values().stream()
                        .filter(entry -> entry.getName().startsWith(beside))
                        .toList();
        try {
            long size = Files.size(file);
            if (!Files.isRegularFile(file) || candidates.stream().noneMatch(entry -> entry.getSize() == size)) {
                return false;
            }
            Sums found = Sums.of(Files.newInputStream(file));
            for (JarEntry entry : candidates) {
                // The directory of the jar sorts out what was altered before the dearer comparison.
                if (entry.getSize() == size
                        && entry.getCrc() == found.crc()
                        && sum(entry).equals(found.sha256())) {
                    return true;
                }
            }
            return false;
        } catch (NoSuchFileException e) {
            // Whatever it was, it is not there to be loaded any more.
            return true;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Computes the sum of the entry that lies unpacked in a file, if it is one. */
    void learn(Path file) {
        JarEntry entry = entries.get(name(file));
        if (entry != null) {
            try {
                sum(entry);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private String name(Path file) {
        return folder.relativize(file).toString().replace('\\', '/');
    }

    private String sum(JarEntry entry) throws IOException {
        String known = sums.get(entry.getName());
        if (known != null) {
            return known;
        }
        String made = Sums.of(jar.getInputStream(entry)).sha256();
        sums.put(entry.getName(), made);
        isLearned.set(true);
        return made;
    }

    private record Sums(long crc, String sha256) {
        static Sums of(InputStream content) throws IOException {
            CRC32 crc = new CRC32();
            MessageDigest sha256 = sha256Digest();
            byte[] buffer = new byte[BUFFER];
            try (InputStream in = content) {
                for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                    crc.update(buffer, 0, read);
                    sha256.update(buffer, 0, read);
                }
            }
            return new Sums(crc.getValue(), HexFormat.of().formatHex(sha256.digest()));
        }
    }

    /** Keeps the sums that this object computed; a folder that cannot be written keeps none. */
    void remember() {
        if (isLearned.get()) {
            AtomicFiles.writeString(
                    file(),
                    directory() + "  " + name + "\n"
                            + new TreeMap<>(sums)
                                    .entrySet().stream()
                                            .map(sum -> sum.getValue() + "  " + sum.getKey() + "\n")
                                            .collect(Collectors.joining()));
        }
    }

    /** The sums of an earlier call, unless they were of another jar of the same name. */
    private void recall() {
        try {
            if (isEmpty() || !Files.isRegularFile(file())) {
                return;
            }
            List<String> lines = Files.readAllLines(file());
            if (lines.isEmpty() || !lines.get(0).equals(directory() + "  " + name)) {
                return;
            }
            for (String line : lines.subList(1, lines.size())) {
                String[] parts = line.split("  ", 2);
                if (parts.length == 2 && entries.containsKey(parts[1])) {
                    sums.put(parts[1], parts[0]);
                }
            }
        } catch (IOException e) {
            // The jar is asked again.
            sums.clear();
        }
    }

    private Path file() {
        return folder.resolveSibling(name + ".sha256");
    }

    /** A sum over what the directory of the jar says of the entries: it tells jars of one name apart. */
    private String directory() {
        MessageDigest sum = sha256Digest();
        entries.forEach((path, entry) ->
                sum.update((path + " " + entry.getSize() + " " + entry.getCrc() + " " + entry.getTime() + "\n")
                        .getBytes(StandardCharsets.UTF_8)));
        return HexFormat.of().formatHex(sum.digest());
    }

    private static MessageDigest sha256Digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
