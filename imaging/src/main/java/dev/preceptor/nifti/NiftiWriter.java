package dev.preceptor.nifti;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.NiftiName;
import dev.preceptor.base.PreceptorException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;

/** Writes headers and voxels to single files or pairs, plain or compressed, depending on the file name. */
final class NiftiWriter {
    private NiftiWriter() {}

    static void write(Path file, byte[] header, AtomicFiles.FileContent voxels) {
        requireName(file);
        if (NiftiName.isHalf(file)) {
            writeFile(NiftiPath.half(file, ".img"), voxels);
            writeFile(NiftiPath.half(file, ".hdr"), out -> out.write(header));
        } else {
            writeFile(file, out -> {
                out.write(header);
                voxels.writeTo(out);
            });
        }
    }

    private static void writeFile(Path file, AtomicFiles.FileContent content) {
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
        for (int written = 0; written < voxels.length; ) {
            int count = Math.min(VoxelDecoder.CHUNK, voxels.length - written);
            chunk.asFloatBuffer().put(voxels, written, count);
            out.write(chunk.array(), 0, count * Float.BYTES);
            written += count;
        }
    }

    private static void requireName(Path file) {
        if (!Nifti.isNamed(file)) {
            throw new PreceptorException(
                    file + ": cannot be written: a NIfTI file is named .nii, .hdr or .img, each with or without .gz");
        }
    }

    /**
     * Writes neither time nor name, so that equal voxels give equal bytes; the compression level is that of nibabel.
     */
    private static final class FastGzip extends GZIPOutputStream {
        FastGzip(OutputStream out) throws IOException {
            super(out, 1 << 16);
            def.setLevel(1);
        }
    }
}
