package dev.preceptor.dicom;

import dev.preceptor.base.Sha256;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import java.util.UUID;

/** Unique identifiers that follow from source, algorithm, segments and pixels: name-based UUIDs (PS3.5 B.2). */
final class SegmentationUids {
    private final byte[] identity;

    private SegmentationUids(byte[] identity) {
        this.identity = identity;
    }

    /** @param slices in the order of the slices of the frames */
    static SegmentationUids of(
            List<Segment> segments,
            EncodedFrames frames,
            List<DicomProvenance.Slice> slices,
            DicomProvenance source,
            SegmentationAlgorithm algorithm) {
        StringBuilder content = new StringBuilder();
        content.append(algorithm)
                .append('\n')
                .append(frames.type())
                .append('\n')
                .append(segments)
                .append('\n');
        slices.forEach(slice -> content.append(slice.sopInstance())
                .append(' ')
                .append(slice.frame())
                .append('\n'));
        content.append(frames.frames())
                .append('\n')
                .append(source.header().text(Tag.SERIES_INSTANCE).orElse(""));
        MessageDigest digest = Sha256.digest();
        digest.update(content.toString().getBytes(StandardCharsets.UTF_8));
        frames.content().forEach(digest::update);
        return new SegmentationUids(digest.digest());
    }

    /** @param purpose what is identified, in ASCII */
    String of(String purpose) {
        byte[] name = ByteBuffer.allocate(identity.length + purpose.length())
                .put(identity)
                .put(purpose.getBytes(StandardCharsets.US_ASCII))
                .array();
        return DicomWriter.uid(UUID.nameUUIDFromBytes(name));
    }
}
