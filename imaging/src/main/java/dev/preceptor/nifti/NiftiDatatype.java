package dev.preceptor.nifti;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** How a voxel is stored. The real types but {@link #FLOAT128} can be read as numbers; of the others only the header. */
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
    /** Not readable: what its 16 bytes mean depends on the machine that wrote them. */
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

    /** The number in the header's {@code datatype} field. */
    public int code() {
        return code;
    }

    /** Bits a voxel, as in the header's {@code bitpix} field. */
    public int bits() {
        return bits;
    }

    /** Bytes a voxel. */
    public int bytes() {
        return bits / 8;
    }

    /** Whether voxels of this type can be read as real numbers. */
    public boolean isReadable() {
        return readable;
    }

    /** As messages and {@code inspect} print it: {@code int16}, {@code rgb24}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
