package dev.preceptor.dicomweb;

import dev.preceptor.testing.TestFiles;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The golden series as instances to store. */
public final class GoldenInstances {
    public static final String STUDY = "1.2.826.0.1.3680043.10.1771.2";
    public static final String SERIES = "1.2.826.0.1.3680043.10.1771.3";

    private GoldenInstances() {}

    /** The 12 instances as they are. */
    public static List<LocalInstance> series() {
        return files().map(GoldenInstances::instance).toList();
    }

    /** The files of the 12 instances. */
    public static List<Path> paths() {
        return files().toList();
    }

    private static Stream<Path> files() {
        try (Stream<Path> found = Files.list(TestFiles.of("imaging", "dicom/series"))) {
            return found.sorted().toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The 12 instances with so many further bytes in a private element, so that a transfer takes a while. */
    public static List<LocalInstance> large(Path folder, int bytes) {
        List<LocalInstance> large = new ArrayList<>();
        files().forEach(file -> {
            ByteBuffer element = ByteBuffer.allocate(8 + 4 + 12 + bytes).order(ByteOrder.LITTLE_ENDIAN);
            element.putShort((short) 0x7FE1)
                    .putShort((short) 0x0010)
                    .put("LO".getBytes(StandardCharsets.UTF_8))
                    .putShort((short) 4);
            element.put("TEST".getBytes(StandardCharsets.UTF_8));
            element.putShort((short) 0x7FE1)
                    .putShort((short) 0x1010)
                    .put("OB".getBytes(StandardCharsets.UTF_8))
                    .putShort((short) 0);
            element.putInt(bytes);
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            try {
                Files.createDirectories(folder);
                out.writeBytes(Files.readAllBytes(file));
                out.writeBytes(element.array());
                large.add(instance(Files.write(folder.resolve(file.getFileName()), out.toByteArray())));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        return large;
    }

    /** One of its files, in whatever transfer syntax. */
    public static LocalInstance instance(Path file) {
        try {
            byte[] bytes = Files.readAllBytes(file);
            return new LocalInstance(
                    file,
                    bytes.length,
                    STUDY,
                    SERIES,
                    FileMeta.sopInstance(bytes).orElseThrow());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
