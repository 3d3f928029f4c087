package dev.preceptor.dicom;

import java.io.IOException;

/**
 * JPEG lossless with Huffman coding (ITU-T T.81, annex H, process 14): one component of 2 to 16 bits, all seven predictors, restart
 * intervals, point transform. Not thread-safe.
 */
final class JpegLosslessDecoder {
    private static final int START_OF_FRAME_3 = 0xFFC3;
    private static final int HUFFMAN_TABLES = 0xFFC4;
    private static final int START_OF_SCAN = 0xFFDA;
    private static final int RESTART_INTERVAL = 0xFFDD;

    private final CodedBytes in;
    private final int width;
    private final int height;
    private final HuffmanTable[] tables = new HuffmanTable[4];
    private int precision;
    private int restartInterval;
    private int current;
    private int left;

    private JpegLosslessDecoder(byte[] coded, int width, int height) {
        this.in = new CodedBytes(coded);
        this.width = width;
        this.height = height;
    }

    /**
     * Decodes one frame.
     *
     * @return the samples row by row, as unsigned numbers
     * @throws IOException with the reason, if the bytes are damaged or not of this size
     */
    static int[] decode(byte[] coded, int width, int height) throws IOException {
        return new JpegLosslessDecoder(coded, width, height).decode();
    }

    /** Canonical Huffman codes (T.81, annex C), by code length. */
    private static final class HuffmanTable {
        final int[] first = new int[17];
        final int[] last = new int[17];
        final int[] offset = new int[17];
        final int[] values;

        HuffmanTable(CodedBytes in) throws IOException {
            int[] counts = new int[17];
            int total = 0;
            for (int i = 1; i <= 16; i++) {
                counts[i] = in.unsigned8();
                total += counts[i];
            }
            values = new int[total];
            for (int i = 0; i < total; i++) {
                values[i] = in.unsigned8();
            }
            int code = 0;
            int index = 0;
            for (int i = 1; i <= 16; i++) {
                first[i] = code;
                offset[i] = index;
                code += counts[i];
                index += counts[i];
                last[i] = counts[i] == 0 ? -1 : code - 1;
                code <<= 1;
            }
        }
    }

    private int[] decode() throws IOException {
        if (in.unsigned16() != 0xFFD8) {
            throw new IOException("they are not JPEG");
        }
        while (true) {
            int marker = in.unsigned16();
            int end = in.position() + in.unsigned16();
            if (marker == START_OF_FRAME_3) {
                precision = JpegFrameHeader.precision(in, width, height);
            } else if (marker == RESTART_INTERVAL) {
                restartInterval = in.unsigned16();
            } else if (marker == HUFFMAN_TABLES) {
                while (in.position() < end) {
                    int id = in.unsigned8() & 3;
                    tables[id] = new HuffmanTable(in);
                }
            } else if (marker == START_OF_SCAN) {
                return scan(end);
            } else if (marker >>> 8 != 0xFF || marker >= 0xFFC0 && marker <= 0xFFCF) {
                throw new IOException("they are not lossless JPEG with Huffman codes");
            }
            in.position(end);
        }
    }

    private int[] scan(int end) throws IOException {
        if (in.unsigned8() != 1) {
            throw new IOException("they have several components; only grey images are read");
        }
        in.unsigned8();
        int table = in.unsigned8() >> 4;
        int predictor = in.unsigned8();
        in.unsigned8();
        int pointTransform = in.unsigned8() & 15;
        if (precision == 0 || table > 3 || tables[table] == null || predictor < 1 || predictor > 7) {
            throw new IOException("they lack a frame header, a Huffman table or a predictor");
        }
        if (pointTransform >= precision) {
            throw new IOException("they shift by " + pointTransform + " bits");
        }
        in.position(end);
        return samples(tables[table], predictor, pointTransform);
    }

    private int[] samples(HuffmanTable table, int predictor, int pointTransform) throws IOException {
        int[] samples = new int[width * height];
        int initial = 1 << (precision - pointTransform - 1);
        int untilRestart = restartInterval;
        int firstRow = 0;
        boolean first = true;
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                if (restartInterval > 0 && untilRestart == 0) {
                    restart();
                    untilRestart = restartInterval;
                    firstRow = y;
                    first = true;
                }
                untilRestart--;
                int i = y * width + x;
                int prediction;
                if (first) {
                    prediction = initial;
                } else if (y == firstRow) {
                    prediction = samples[i - 1];
                } else if (x == 0) {
                    prediction = samples[i - width];
                } else {
                    prediction = predict(predictor, samples[i - 1], samples[i - width], samples[i - width - 1]);
                }
                first = false;
                samples[i] = prediction + difference(table) & 0xFFFF;
            }
        }
        for (int i = 0; pointTransform > 0 && i < samples.length; i++) {
            samples[i] <<= pointTransform;
        }
        return samples;
    }

    /** T.81, table H.1: a left, b above, c above left. */
    private static int predict(int predictor, int a, int b, int c) {
        return switch (predictor) {
            case 1 -> a;
            case 2 -> b;
            case 3 -> c;
            case 4 -> a + b - c;
            case 5 -> a + (b - c >> 1);
            case 6 -> b + (a - c >> 1);
            default -> a + b >> 1;
        };
    }

    private int difference(HuffmanTable table) throws IOException {
        int code = 0;
        for (int length = 1; length <= 16; length++) {
            code = code << 1 | bit();
            if (code <= table.last[length]) {
                int index = table.offset[length] + code - table.first[length];
                if (index < 0 || index >= table.values.length) {
                    break;
                }
                return extended(table.values[index]);
            }
        }
        throw new IOException("they hold an unknown code");
    }

    private int extended(int category) throws IOException {
        if (category == 0) {
            return 0;
        }
        if (category >= 16) {
            return 32768;
        }
        int bits = 0;
        for (int i = 0; i < category; i++) {
            bits = bits << 1 | bit();
        }
        return bits < 1 << (category - 1) ? bits - (1 << category) + 1 : bits;
    }

    private int bit() throws IOException {
        if (left == 0) {
            current = in.unsigned8();
            left = 8;
            if (current == 0xFF && in.unsigned8() != 0) {
                throw new IOException("they end early");
            }
        }
        left--;
        return current >> left & 1;
    }

    private void restart() throws IOException {
        left = 0;
        int marker = in.unsigned16();
        if ((marker & 0xFFF8) != 0xFFD0) {
            throw new IOException("they lack a restart marker");
        }
    }
}
