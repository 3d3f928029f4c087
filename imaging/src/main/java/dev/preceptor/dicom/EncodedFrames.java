package dev.preceptor.dicom;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;

/** Collects the frames of a segmentation and their pixel data. */
final class EncodedFrames {
    private final SegmentationType type;
    private final int rows;
    private final int columns;
    private final List<Frame> frames = new ArrayList<>();
    private final BitFrames bits;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final List<byte[]> fragments = new ArrayList<>();

    /**
     * A frame that was added.
     *
     * @param segment its number; 0 in a label map
     * @param slice its place among the slices, from 0
     */
    record Frame(int segment, int slice) {}

    EncodedFrames(SegmentationType type, int rows, int columns) {
        this.type = type;
        this.rows = rows;
        this.columns = columns;
        this.bits = new BitFrames(Math.multiplyExact(rows, columns));
    }

    /**
     * Appends a frame.
     *
     * @param pixels row by row; in BINARY what is not 0 belongs to the segment
     */
    void add(int segment, int slice, byte[] pixels) {
        frames.add(new Frame(segment, slice));
        switch (type) {
            case BINARY -> bits.add(pixels);
            case FRACTIONAL -> bytes.writeBytes(pixels);
            case LABELMAP -> fragments.add(RunLengthEncoder.encode(pixels, columns));
        }
    }

    List<Frame> frames() {
        return frames;
    }

    SegmentationType type() {
        return type;
    }

    int rows() {
        return rows;
    }

    int columns() {
        return columns;
    }

    TransferSyntax transferSyntax() {
        return type == SegmentationType.LABELMAP ? TransferSyntax.RLE : TransferSyntax.EXPLICIT_LITTLE_ENDIAN;
    }

    /** The pixel data as they are written, without the structure of fragments. */
    List<byte[]> content() {
        return switch (type) {
            case BINARY -> List.of(bits.toByteArray());
            case FRACTIONAL -> List.of(bytes.toByteArray());
            case LABELMAP -> fragments;
        };
    }

    void writeTo(DataSetBuilder dataSet) {
        if (type == SegmentationType.LABELMAP) {
            dataSet.fragments(fragments);
        } else {
            dataSet.value(Tag.PIXEL_DATA, Vr.OB, content().get(0));
        }
    }
}
