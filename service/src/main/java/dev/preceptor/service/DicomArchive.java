package dev.preceptor.service;

import dev.preceptor.base.PreceptorException;
import dev.preceptor.base.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/**
 * Unpacks the DICOM files of a zip archive to files of random names. The names in the archive are never used; one that leads out of a
 * folder is refused all the same, since it says what the archive is for. Stateless, thread-safe.
 */
final class DicomArchive {
    private static final long FREE_BYTES = 64L << 20;

    private DicomArchive() {}

    /**
     * Unpacks an archive.
     *
     * @param folder receives the files
     * @throws PreceptorException if it has other files than DICOM, an archive in it, too many entries, or more bytes than its size and the
     *     limits allow
     */
    static List<ReceivedFile> unpack(ReceivedFile archive, Path folder, UploadLimits limits) {
        long most = Math.min(
                limits.unpackedBytes(), Math.max(FREE_BYTES, Math.multiplyExact(archive.bytes(), limits.ratio())));
        List<ReceivedFile> files = new ArrayList<>();
        long[] total = {0};
        ReceivedFile.Meter meter = count -> {
            total[0] += count;
            if (total[0] > most) {
                throw new PreceptorException("the archive unpacks to more than " + most + " bytes");
            }
        };
        int entries = 0;
        try (InputStream in = Files.newInputStream(archive.path());
                ZipInputStream zip = new ZipInputStream(in)) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                entries++;
                if (entries > limits.files()) {
                    throw new PreceptorException("the archive has more than " + limits.files() + " entries");
                }
                requireInside(entry.getName(), entries);
                if (entry.isDirectory() || isByProduct(entry.getName())) {
                    continue;
                }
                ReceivedFile file = ReceivedFile.receive(zip, folder, meter);
                if (file.kind() != UploadKind.DICOM) {
                    throw new PreceptorException("entry " + entries + " of the archive is "
                            + (file.kind() == UploadKind.ZIP ? "an archive itself" : "no DICOM file")
                            + "; send the DICOM files of one series alone");
                }
                files.add(file);
            }
        } catch (IOException | IllegalArgumentException e) {
            throw new PreceptorException("the archive cannot be unpacked: " + Reason.of(e), e);
        }
        if (files.isEmpty()) {
            throw new PreceptorException("the archive has no DICOM file");
        }
        return files;
    }

    private static void requireInside(String name, int number) {
        String path = name.replace('\\', '/');
        if (path.startsWith("/")
                || path.matches("[A-Za-z]:.*")
                || List.of(path.split("/")).contains("..")
                || name.indexOf('\0') >= 0) {
            throw new PreceptorException("entry " + number + " of the archive has a name that leads out of its folder");
        }
    }

    /** The index of a DICOM medium, and what operating systems leave in archives. */
    private static boolean isByProduct(String name) {
        String last = name.substring(name.lastIndexOf('/') + 1);
        return name.startsWith("__MACOSX/") || last.startsWith(".") || last.equals("DICOMDIR");
    }
}
