package dev.preceptor.nifti;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.PreceptorException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Locale;
import java.util.zip.GZIPOutputStream;

/** Puts headers and voxels into files: single or in pairs, plain or gzip'd, as the name asks. */
final class NiftiWriter {
    private NiftiWriter() {}

    static void write(Path file, byte[] header, AtomicFiles.Content voxels) {
        requireName(file);
        if (NiftiPath.isPair(file)) {
            store(NiftiPath.half(file, ".img"), voxels);
            store(NiftiPath.half(file, ".hdr"), out -> out.write(header));
        } else {
            store(file, out -> {
                out.write(header);
                voxels.writeTo(out);
            });
        }
    }

    private static void store(Path file, AtomicFiles.Content content) {
        if (!NiftiPath.isGzip(file)) {
            AtomicFiles.write(file, content);
            return;
        }
        AtomicFiles.write(file, out -> {
            GZIPOutputStream gzip = new FastGzip(out);
            content.writeTo(gzip);
            gzip.finish();
        });
    }

    static void writeFloats(OutputStream out, float[] voxels) throws IOException {
        ByteBuffer chunk = ByteBuffer.allocate(VoxelDecoder.CHUNK * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (int done = 0; done < voxels.length; ) {
            int count = Math.min(VoxelDecoder.CHUNK, voxels.length - done);
            chunk.asFloatBuffer().put(voxels, done, count);
            out.write(chunk.array(), 0, count * Float.BYTES);
            done += count;
        }
    }

    private static void requireName(Path file) {
        if (!NiftiPath.isPair(file)
                && !file.getFileName().toString().toLowerCase(Locale.ROOT).matches(".*\\.nii(\\.gz)?")) {
            throw new PreceptorException(
                    file + ": cannot be written: a NIfTI file is named .nii, .hdr or .img, each with or without .gz");
        }
    }

    /** Java's stream writes no time and no name, so the same voxels give the same bytes; the level is nibabel's. */
    private static final class FastGzip extends GZIPOutputStream {
        FastGzip(OutputStream out) throws IOException {
            super(out, 1 << 16);
            def.setLevel(1);
        }
    }
}
