package dev.preceptor.store;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.InvalidFileException;
import dev.preceptor.base.Settings;
import dev.preceptor.base.Sha256;
import dev.preceptor.cohort.Subject;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.volume.ImageSource;
import dev.preceptor.volume.Sequence;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Identifies the source of a preprocessed subject.
 *
 * @param name name of the cache entry: the ID of the subject and 16 hexadecimal digits of a hash of the paths of its files, the
 *     sequences and the preprocessing
 * @param content SHA-256 of the same and of the content of the files, 64 hexadecimal digits
 */
record SampleKey(String name, String content) {
    /**
     * Reads and hashes the files of a subject without decompressing them.
     *
     * @throws InvalidFileException if one cannot be read
     */
    static SampleKey of(Subject subject, List<Sequence> sequences, Recipe recipe) {
        Source source = Source.of(subject, sequences, recipe);
        MessageDigest content = Sha256.digest();
        content.update(source.hash);
        source.files.forEach(file -> content.update(hash(file)));
        return new SampleKey(source.name, HexFormat.of().formatHex(content.digest()));
    }

    /** The name of the cache entry; the content of the files is not read. */
    static String name(Subject subject, List<Sequence> sequences, Recipe recipe) {
        return Source.of(subject, sequences, recipe).name;
    }

    private record Source(String name, byte[] hash, Set<Path> files) {
        static Source of(Subject subject, List<Sequence> sequences, Recipe recipe) {
            MessageDigest source = Sha256.digest();
            source.update(Settings.line(Settings.JSON.valueToTree(recipe.preprocessing()))
                    .getBytes(StandardCharsets.UTF_8));
            Set<Path> files = new LinkedHashSet<>();
            // The first image of any sequence defines the grid of the subject.
            files.addAll(subject.images().values().iterator().next().files());
            List<Sequence> missing = subject.missing(sequences);
            for (Sequence sequence : sequences) {
                if (missing.contains(sequence)) {
                    source.update((sequence.name() + " absent").getBytes(StandardCharsets.UTF_8));
                    continue;
                }
                ImageSource image = subject.image(sequence);
                source.update((sequence.name() + image.selector()).getBytes(StandardCharsets.UTF_8));
                files.addAll(image.files());
            }
            subject.labelFile().ifPresent(files::add);
            source.update((subject.schema() + " " + subject.schema().classes()
                            + subject.schema().numbersByRegion())
                    .getBytes(StandardCharsets.UTF_8));
            files.forEach(file ->
                    source.update(file.toAbsolutePath().normalize().toString().getBytes(StandardCharsets.UTF_8)));
            byte[] hash = source.digest();
            String id = subject.id().replaceAll("[^A-Za-z0-9._-]", "_");
            return new Source(id + "-" + HexFormat.of().formatHex(hash, 0, 8), hash, files);
        }
    }

    private static byte[] hash(Path file) {
        MessageDigest digest = Sha256.digest();
        try (InputStream in = Files.newInputStream(file)) {
            byte[] buffer = new byte[1 << 18];
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                digest.update(buffer, 0, count);
            }
        } catch (IOException e) {
            throw new InvalidFileException(file, "cannot be read: " + AtomicFiles.reason(e), e);
        }
        return digest.digest();
    }
}
