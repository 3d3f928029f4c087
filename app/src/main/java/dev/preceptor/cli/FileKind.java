package dev.preceptor.cli;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.InvalidFileException;
import dev.preceptor.base.RegularFile;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.zip.GZIPInputStream;

/** What a file or folder is, by its content; its name decides only where the content is too broken to tell. */
enum FileKind {
    NIFTI,
    MODEL,
    CHECKPOINT;

    /** As many as a NIfTI header has, and enough to hold the mark of DICOM. */
    private static final int LOOKED_AT = 540;

    private static final long LONGEST_MODEL_HEADER = 100_000_000;

    /** @throws InvalidFileException if it is none of these, saying what it seems to be */
    static FileKind of(Path path) {
        if (Files.isDirectory(path)) {
            if (Files.isRegularFile(path.resolve("state.json"))) {
                return CHECKPOINT;
            }
            throw new InvalidFileException(
                    path,
                    "is a folder, but no checkpoint (there is no state.json in it); for a folder of subjects there is"
                            + " preceptor cohort");
        }
        RegularFile.require(path);
        byte[] start = start(path);
        if (isNifti(start)) {
            return NIFTI;
        }
        if (isModel(start)) {
            return MODEL;
        }
        if (start.length >= 132 && new String(start, 128, 4, StandardCharsets.US_ASCII).equals("DICM")) {
            throw new InvalidFileException(
                    path, "is a DICOM file, which this version does not read; convert it to NIfTI");
        }
        String name = path.getFileName().toString().toLowerCase(Locale.ROOT);
        if (name.matches(".*\\.(nii|hdr|img)(\\.gz)?")) {
            return NIFTI;
        }
        if (name.endsWith(".safetensors")) {
            return MODEL;
        }
        throw new InvalidFileException(
                path, "is neither a NIfTI file nor a model (.safetensors) nor a checkpoint folder");
    }

    /** The first bytes, after inflation where they are compressed and whole enough for it. */
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
            return in.readNBytes(LOOKED_AT);
        } catch (IOException e) {
            // A broken stream has no content to decide by: the name does, and the reader of that kind names the damage.
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
        return header >= 2 && header <= LONGEST_MODEL_HEADER;
    }
}
