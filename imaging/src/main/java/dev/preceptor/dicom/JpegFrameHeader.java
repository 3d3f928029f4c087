package dev.preceptor.dicom;

import java.io.IOException;

/** The frame header that lossless JPEG (ITU-T T.81, B.2.2) and JPEG-LS (ITU-T T.87, C.2.2) share. Stateless, thread-safe. */
final class JpegFrameHeader {
    private JpegFrameHeader() {}

    /**
     * Reads the header of a frame of one component.
     *
     * @param in behind the length of the segment
     * @return bits per sample, from 2 to 16
     * @throws IOException with the reason, if the frame is not grey, of another size, or of another depth
     */
    static int precision(CodedBytes in, int width, int height) throws IOException {
        int precision = in.unsigned8();
        int rows = in.unsigned16();
        int columns = in.unsigned16();
        int components = in.unsigned8();
        if (components != 1) {
            throw new IOException("they have " + components + " components; only grey images are read");
        }
        if (rows != height || columns != width) {
            throw new IOException("they are " + columns + "x" + rows + ", not " + width + "x" + height);
        }
        if (precision < 2 || precision > 16) {
            throw new IOException("they have " + precision + " bits");
        }
        return precision;
    }
}
