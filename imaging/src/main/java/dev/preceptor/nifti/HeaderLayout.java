package dev.preceptor.nifti;

import java.nio.ByteBuffer;

/**
 * The offsets and widths, in bytes, of the header fields of both versions (nifti1.h, nifti2.h). The fields are the
 * same, but version 2 has 64-bit dimensions, offsets and real numbers and 32-bit codes.
 */
enum HeaderLayout {
    NIFTI_1(348, 344, 40, 2, 70, 72, 76, 4, 108, 112, 116, 123, 1, 148, 252, 2, 256, 280),
    NIFTI_2(540, 4, 16, 8, 12, 14, 104, 8, 168, 176, 184, 500, 4, 240, 344, 4, 352, 400);

    /** The length of the longer of the two headers, in bytes. */
    static final int LONGEST = 540;

    final int length;
    final int magic;
    final int dim;
    final int dimWidth;
    final int datatype;
    final int bitpix;
    final int pixdim;
    final int realWidth;
    final int voxOffset;
    final int slope;
    final int intercept;
    final int units;
    final int unitsWidth;
    final int description;
    final int codes;
    final int codeWidth;
    final int quaternion;
    final int sform;

    HeaderLayout(
            int length,
            int magic,
            int dim,
            int dimWidth,
            int datatype,
            int bitpix,
            int pixdim,
            int realWidth,
            int voxOffset,
            int slope,
            int intercept,
            int units,
            int unitsWidth,
            int description,
            int codes,
            int codeWidth,
            int quaternion,
            int sform) {
        this.length = length;
        this.magic = magic;
        this.dim = dim;
        this.dimWidth = dimWidth;
        this.datatype = datatype;
        this.bitpix = bitpix;
        this.pixdim = pixdim;
        this.realWidth = realWidth;
        this.voxOffset = voxOffset;
        this.slope = slope;
        this.intercept = intercept;
        this.units = units;
        this.unitsWidth = unitsWidth;
        this.description = description;
        this.codes = codes;
        this.codeWidth = codeWidth;
        this.quaternion = quaternion;
        this.sform = sform;
    }

    /** The NIfTI version, 1 or 2. */
    int version() {
        return ordinal() + 1;
    }

    /**
     * The offset of the voxels in a single file without extensions: the header and the four bytes of the extension
     * flag.
     */
    int singleFileOffset() {
        return length + 4;
    }

    /** The real number at index {@code index} of the field at offset {@code field}. */
    double real(ByteBuffer bytes, int field, int index) {
        int at = field + index * realWidth;
        return realWidth == 4 ? bytes.getFloat(at) : bytes.getDouble(at);
    }

    /** Stores a real number at index {@code index} of the field at offset {@code field}. */
    void putReal(ByteBuffer bytes, int field, int index, double value) {
        int at = field + index * realWidth;
        if (realWidth == 4) {
            bytes.putFloat(at, (float) value);
        } else {
            bytes.putDouble(at, value);
        }
    }

    /** The integer of {@code width} bytes at an absolute offset. */
    static long integer(ByteBuffer bytes, int at, int width) {
        return switch (width) {
            case 1 -> bytes.get(at);
            case 2 -> bytes.getShort(at);
            case 4 -> bytes.getInt(at);
            default -> bytes.getLong(at);
        };
    }

    /** Stores an integer of {@code width} bytes at an absolute offset. */
    static void putInteger(ByteBuffer bytes, int at, int width, long value) {
        switch (width) {
            case 1 -> bytes.put(at, (byte) value);
            case 2 -> bytes.putShort(at, (short) value);
            case 4 -> bytes.putInt(at, (int) value);
            default -> bytes.putLong(at, value);
        }
    }
}
