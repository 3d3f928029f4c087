package dev.preceptor.infer;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.MismatchException;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.cohort.ImageSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Checks that the outputs of predictions can be written and overwrite nothing. Stateless. */
final class PredictionPlaces {
    private PredictionPlaces() {}

    /** Refuses outputs that are files of their subject. */
    static void requireNoInput(List<Path> outputs, ImageSet subject) {
        List<Path> own = Stream.concat(
                        subject.images().values().stream().flatMap(image -> image.files().stream()),
                        subject.otherFiles().stream())
                .toList();
        for (Path output : outputs) {
            if (own.stream().anyMatch(file -> isSame(file, output))) {
                throw new MismatchException(output + ": is a file of subject " + subject.id()
                        + " and would be overwritten; name another file or folder with --out");
            }
        }
    }

    private static boolean isSame(Path file, Path other) {
        try {
            return Files.exists(other) && Files.isSameFile(file, other);
        } catch (IOException e) {
            return file.toAbsolutePath()
                    .normalize()
                    .equals(other.toAbsolutePath().normalize());
        }
    }

    /** Refuses two subjects of one id. */
    static void requireDistinct(List<ImageSet> subjects) {
        Set<String> ids = new HashSet<>();
        for (ImageSet subject : subjects) {
            if (!ids.add(subject.id())) {
                throw new MismatchException(
                        "subject " + subject.id() + " occurs twice; its outputs would overwrite each other");
            }
        }
    }

    /** Creates the folder and a file in it, for permissions alone do not decide on every file system. */
    static void requireWritable(Path folder) {
        AtomicFiles.createFolder(folder);
        AtomicFiles.sweep(folder);
        try {
            Files.delete(Files.createTempFile(folder, ".preceptor-", ".part"));
        } catch (IOException e) {
            throw new PreceptorException(folder + ": cannot write into this folder: " + AtomicFiles.reason(e), e);
        }
    }
}
