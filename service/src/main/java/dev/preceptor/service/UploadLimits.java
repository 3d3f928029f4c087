package dev.preceptor.service;

/**
 * What an upload may contain.
 *
 * @param bytes of the request
 * @param files most files, in the request or in an archive
 * @param unpackedBytes of an archive
 * @param ratio of unpacked to packed bytes of an archive, beyond the first 64 MiB
 * @param voxels of an image
 */
public record UploadLimits(long bytes, int files, long unpackedBytes, int ratio, long voxels) {
    /** 4 GiB, 20,000 files, 8 GiB unpacked, 100 times its size, 256 Mi voxels (645 cubed). */
    public static final UploadLimits DEFAULTS = new UploadLimits(4L << 30, 20_000, 8L << 30, 100, 256L << 20);

    /** A copy with another size of the request. */
    public UploadLimits withBytes(long other) {
        return new UploadLimits(other, files, unpackedBytes, ratio, voxels);
    }
}
