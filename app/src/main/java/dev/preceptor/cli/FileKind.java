package dev.preceptor.cli;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.InvalidFileException;
import dev.preceptor.base.RegularFile;
import dev.preceptor.dicom.DicomFile;
import dev.preceptor.dicom.DicomFolder;
import dev.preceptor.nifti.Nifti;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.zip.GZIPInputStream;

/** The kind of a file or folder, by its content; the name decides only if the content is too damaged. */
enum FileKind {
    NIFTI,
    MODEL,
    CHECKPOINT,
    DICOM;

    /** The length of a NIfTI-2 header. */
    private static final int SIGNATURE_BYTES = 540;

    private static final long MAX_MODEL_HEADER = 100_000_000;

    /** @throws InvalidFileException if it is none of these */
    static FileKind of(Path path) {
        if (Files.isDirectory(path)) {
            if (Files.isRegularFile(path.resolve("state.json"))) {
                return CHECKPOINT;
            }
            if (DicomFolder.firstFile(path).isPresent()) {
                return DICOM;
            }
            throw new InvalidFileException(
                    path,
                    "is a folder without DICOM files and not a checkpoint (it has no state.json); for a folder of subjects use preceptor cohort");
        }
        RegularFile.require(path);
        byte[] start = start(path);
        if (isNifti(start)) {
            return NIFTI;
        }
        if (isModel(start)) {
            return MODEL;
        }
        if (DicomFile.isDicom(path)) {
            return DICOM;
        }
        if (Nifti.isNamed(path)) {
            return NIFTI;
        }
        if (path.getFileName().toString().toLowerCase(Locale.ROOT).endsWith(".safetensors")) {
            return MODEL;
        }
        throw new InvalidFileException(
                path, "is neither a NIfTI or DICOM file nor a model (.safetensors) nor a checkpoint folder");
    }

    /** The first bytes of the content, decompressed if they are gzip; empty if they cannot be decompressed. */
    private static byte[] start(Path path) {
        byte[] plain;
        try (InputStream in = Files.newInputStream(path)) {
            plain = in.readNBytes(1 << 16);
        } catch (IOException e) {
            throw new InvalidFileException(path, "cannot be read: " + AtomicFiles.reason(e), e);
        }
        if (plain.length < 2 || plain[0] != 0x1f || plain[1] != (byte) 0x8b) {
            return plain;
        }
        try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(plain))) {
            return in.readNBytes(SIGNATURE_BYTES);
        } catch (IOException e) {
            // The name decides then, and the reader of that kind reports the damage.
            return new byte[0];
        }
    }

    private static boolean isNifti(byte[] start) {
        if (start.length < 348) {
            return false;
        }
        int length = ByteBuffer.wrap(start).order(ByteOrder.LITTLE_ENDIAN).getInt();
        int swapped = Integer.reverseBytes(length);
        return length == 348 || length == 540 || swapped == 348 || swapped == 540;
    }

    private static boolean isModel(byte[] start) {
        if (start.length < 9 || start[8] != '{') {
            return false;
        }
        long header = ByteBuffer.wrap(start).order(ByteOrder.LITTLE_ENDIAN).getLong();
        return header >= 2 && header <= MAX_MODEL_HEADER;
    }
}
