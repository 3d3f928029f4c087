package dev.preceptor.nifti;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * The storage type of a voxel. All real types except {@link #FLOAT128} can be decoded; of files with other types only
 * the header can be read.
 */
public enum NiftiDatatype {
    UINT8(2, 8, true),
    INT16(4, 16, true),
    INT32(8, 32, true),
    FLOAT32(16, 32, true),
    COMPLEX64(32, 64, false),
    FLOAT64(64, 64, true),
    RGB24(128, 24, false),
    INT8(256, 8, true),
    UINT16(512, 16, true),
    UINT32(768, 32, true),
    INT64(1024, 64, true),
    UINT64(1280, 64, true),
    /** Not decodable: the meaning of its 16 bytes depends on the machine that wrote them. */
    FLOAT128(1536, 128, false),
    COMPLEX128(1792, 128, false),
    COMPLEX256(2048, 256, false),
    RGBA32(2304, 32, false);

    private final int code;
    private final int bits;
    private final boolean readable;

    NiftiDatatype(int code, int bits, boolean readable) {
        this.code = code;
        this.bits = bits;
        this.readable = readable;
    }

    static Optional<NiftiDatatype> ofCode(int code) {
        return Arrays.stream(values()).filter(t -> t.code == code).findFirst();
    }

    /** The value of the header field {@code datatype}. */
    public int code() {
        return code;
    }

    /** Bits per voxel, the value of the header field {@code bitpix}. */
    public int bits() {
        return bits;
    }

    /** Bytes per voxel. */
    public int bytes() {
        return bits / 8;
    }

    /** Whether voxels of this type can be decoded as real numbers. */
    public boolean isReadable() {
        return readable;
    }

    /** The name in lower case, as in messages and in {@code inspect}: {@code int16}, {@code rgb24}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
