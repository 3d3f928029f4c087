package dev.preceptor.dicom;

import java.io.IOException;
import java.util.Arrays;

/**
 * JPEG-LS (ITU-T T.87), lossless and near-lossless: one component of 2 to 16 bits, preset parameters, no mapping tables, no restart
 * intervals. The names of variables are those of T.87, annex A. Not thread-safe.
 */
final class JpegLsDecoder {
    private static final int START_OF_FRAME = 0xFFF7;
    private static final int PRESET_PARAMETERS = 0xFFF8;
    private static final int START_OF_SCAN = 0xFFDA;
    private static final int RESTART_INTERVAL = 0xFFDD;
    private static final int CONTEXTS = 365;
    private static final int LARGEST_SHIFT = 24;

    /** T.87, A.2.1, the exponents of run lengths. */
    private static final int[] J = {
        0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 9, 10, 11, 12, 13, 14, 15
    };

    private final CodedBytes in;
    private final int width;
    private final int height;
    private int maxVal;
    private int near;
    private int range;
    private int qbpp;
    private int limit;
    private int t1;
    private int t2;
    private int t3;
    private int reset = 64;
    private int runIndex;
    private final int[] sumOfMagnitudes = new int[CONTEXTS + 2];
    private final int[] bias = new int[CONTEXTS];
    private final int[] correction = new int[CONTEXTS];
    private final int[] occurrences = new int[CONTEXTS + 2];
    private final int[] negatives = new int[2];
    private int current;
    private int left;
    private boolean afterFf;

    private JpegLsDecoder(byte[] coded, int width, int height) {
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
        return new JpegLsDecoder(coded, width, height).decode();
    }

    private int[] decode() throws IOException {
        if (in.unsigned16() != 0xFFD8) {
            throw new IOException("they are not JPEG-LS");
        }
        while (true) {
            int marker = in.unsigned16();
            int end = in.position() + in.unsigned16();
            if (marker == START_OF_FRAME) {
                frame();
            } else if (marker == PRESET_PARAMETERS) {
                presets();
            } else if (marker == START_OF_SCAN) {
                scanHeader();
                in.position(end);
                return scan();
            } else if (marker >>> 8 != 0xFF || marker == RESTART_INTERVAL) {
                throw new IOException("they are not JPEG-LS without restart intervals");
            }
            in.position(end);
        }
    }

    private void frame() throws IOException {
        int precision = JpegFrameHeader.precision(in, width, height);
        if (maxVal == 0) {
            maxVal = (1 << precision) - 1;
        }
    }

    private void presets() throws IOException {
        if (in.unsigned8() != 1) {
            throw new IOException("they use mapping tables");
        }
        int stated = in.unsigned16();
        maxVal = stated == 0 ? maxVal : stated;
        t1 = in.unsigned16();
        t2 = in.unsigned16();
        t3 = in.unsigned16();
        int statedReset = in.unsigned16();
        reset = statedReset == 0 ? 64 : statedReset;
    }

    private void scanHeader() throws IOException {
        int components = in.unsigned8();
        in.unsigned16();
        near = in.unsigned8();
        if (components != 1 || maxVal < 1 || near > maxVal / 2 || reset < 3) {
            throw new IOException("they have a scan header that does not fit");
        }
        range = (maxVal + 2 * near) / (2 * near + 1) + 1;
        qbpp = 32 - Integer.numberOfLeadingZeros(range - 1);
        int bpp = Math.max(2, 32 - Integer.numberOfLeadingZeros(maxVal));
        limit = 2 * (bpp + Math.max(8, bpp));
        thresholds();
        Arrays.fill(sumOfMagnitudes, Math.max(2, (range + 32) / 64));
        Arrays.fill(occurrences, 1);
    }

    /** T.87, C.2.4.1.1.1: the thresholds that are not stated. */
    private void thresholds() {
        int factor = maxVal >= 128 ? (Math.min(maxVal, 4095) + 128) / 256 : 256 / (maxVal + 1);
        boolean large = maxVal >= 128;
        int first = large ? factor + 2 + 3 * near : Math.max(2, 3 / factor + 3 * near);
        int second = large ? 4 * factor + 3 + 5 * near : Math.max(3, 7 / factor + 5 * near);
        int third = large ? 17 * factor + 4 + 7 * near : Math.max(4, 21 / factor + 7 * near);
        t1 = t1 == 0 ? clamped(first, near + 1) : t1;
        t2 = t2 == 0 ? clamped(second, t1) : t2;
        t3 = t3 == 0 ? clamped(third, t2) : t3;
    }

    private int clamped(int value, int low) {
        return value > maxVal || value < low ? low : value;
    }

    private int[] scan() throws IOException {
        int[] samples = new int[width * height];
        // Index x + 1 is column x: the neighbours of the first and the last column lie inside.
        int[] above = new int[width + 2];
        int[] line = new int[width + 2];
        for (int y = 0; y < height; y++) {
            above[width + 1] = above[width];
            line[0] = above[1];
            int x = 1;
            while (x <= width) {
                int a = line[x - 1];
                int b = above[x];
                int c = above[x - 1];
                int d = above[x + 1];
                int context = 81 * quantised(d - b) + 9 * quantised(b - c) + quantised(c - a);
                if (context == 0) {
                    x = run(line, above, x);
                } else {
                    line[x++] = regular(a, b, c, context);
                }
            }
            System.arraycopy(line, 1, samples, y * width, width);
            int[] swapped = above;
            above = line;
            line = swapped;
        }
        return samples;
    }

    private int quantised(int gradient) {
        int size = Math.abs(gradient);
        int level = size <= near ? 0 : size < t1 ? 1 : size < t2 ? 2 : size < t3 ? 3 : 4;
        return gradient < 0 ? -level : level;
    }

    private int regular(int a, int b, int c, int signedContext) throws IOException {
        int sign = signedContext < 0 ? -1 : 1;
        int q = Math.abs(signedContext);
        int median = c >= Math.max(a, b) ? Math.min(a, b) : c <= Math.min(a, b) ? Math.max(a, b) : a + b - c;
        int prediction = Math.max(0, Math.min(maxVal, median + sign * correction[q]));
        int k = shift(occurrences[q], sumOfMagnitudes[q]);
        int mapped = golomb(k, limit);
        boolean inverted = near == 0 && k == 0 && 2 * bias[q] <= -occurrences[q];
        int error = (mapped & 1) == 0 ? mapped >> 1 : -(mapped + 1 >> 1);
        error = inverted ? -error - 1 : error;
        update(q, error);
        return reconstructed(prediction + sign * error * (2 * near + 1));
    }

    private static int shift(int count, int sum) throws IOException {
        int k = 0;
        while (count << k < sum) {
            k++;
            if (k > LARGEST_SHIFT) {
                throw new IOException("they hold an impossible code");
            }
        }
        return k;
    }

    private void update(int q, int error) {
        bias[q] += error * (2 * near + 1);
        sumOfMagnitudes[q] += Math.abs(error);
        if (occurrences[q] == reset) {
            sumOfMagnitudes[q] >>= 1;
            bias[q] >>= 1;
            occurrences[q] >>= 1;
        }
        occurrences[q]++;
        if (bias[q] <= -occurrences[q]) {
            bias[q] = Math.max(bias[q] + occurrences[q], 1 - occurrences[q]);
            correction[q] = Math.max(-128, correction[q] - 1);
        } else if (bias[q] > 0) {
            bias[q] = Math.min(bias[q] - occurrences[q], 0);
            correction[q] = Math.min(127, correction[q] + 1);
        }
    }

    /** Undoes the modulo reduction of errors (T.87, A.4.5). */
    private int reconstructed(int value) {
        int step = 2 * near + 1;
        int inRange = value < -near ? value + range * step : value > maxVal + near ? value - range * step : value;
        return Math.max(0, Math.min(maxVal, inRange));
    }

    /** T.87, A.7: pixels like the one to the left, and the one that ends the run. */
    private int run(int[] line, int[] above, int start) throws IOException {
        int x = start;
        int a = line[x - 1];
        while (bit() == 1) {
            int length = 1 << J[runIndex];
            int done = 0;
            while (done < length && x <= width) {
                line[x++] = a;
                done++;
            }
            if (done == length && runIndex < 31) {
                runIndex++;
            }
            if (x > width) {
                return x;
            }
        }
        int rest = bits(J[runIndex]);
        if (rest > width - x) {
            throw new IOException("a run leaves its line");
        }
        for (int i = 0; i < rest; i++) {
            line[x++] = a;
        }
        line[x] = interruption(a, above[x]);
        if (runIndex > 0) {
            runIndex--;
        }
        return x + 1;
    }

    private int interruption(int a, int b) throws IOException {
        int type = Math.abs(a - b) <= near ? 1 : 0;
        int sign = type == 0 && a > b ? -1 : 1;
        int q = CONTEXTS + type;
        int sum = type == 0 ? sumOfMagnitudes[q] : sumOfMagnitudes[q] + (occurrences[q] >> 1);
        int k = shift(occurrences[q], sum);
        int mapped = golomb(k, limit - J[runIndex] - 1);
        int doubled = mapped + type;
        int map = doubled & 1;
        int error = doubled + map >> 1;
        boolean oftenNegative = k != 0 || 2 * negatives[type] >= occurrences[q];
        if (oftenNegative == (map == 1)) {
            error = -error;
        }
        if (error < 0) {
            negatives[type]++;
        }
        sumOfMagnitudes[q] += mapped + 1 - type >> 1;
        if (occurrences[q] == reset) {
            sumOfMagnitudes[q] >>= 1;
            occurrences[q] >>= 1;
            negatives[type] >>= 1;
        }
        occurrences[q]++;
        return reconstructed((type == 1 ? a : b) + sign * error * (2 * near + 1));
    }

    private int golomb(int k, int codeLimit) throws IOException {
        int zeros = 0;
        while (bit() == 0) {
            if (++zeros > 64) {
                throw new IOException("they hold an impossible code");
            }
        }
        return zeros < codeLimit - qbpp - 1 ? zeros << k | bits(k) : bits(qbpp) + 1;
    }

    private int bits(int count) throws IOException {
        int bits = 0;
        for (int i = 0; i < count; i++) {
            bits = bits << 1 | bit();
        }
        return bits;
    }

    private int bit() throws IOException {
        if (left == 0) {
            current = in.unsigned8();
            if (afterFf && current >= 0x80) {
                throw new IOException("they end early");
            }
            // A byte after FF holds seven bits.
            left = afterFf ? 7 : 8;
            afterFf = current == 0xFF;
        }
        left--;
        return current >> left & 1;
    }
}
