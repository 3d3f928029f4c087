package dev.preceptor.dicom;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SegmentationPixelsTest {
    @Test
    void aRunIsTwoBytesAndALiteralOneMoreThanItsLength() {
        byte[] encoded = RunLengthEncoder.encode(new byte[] {7, 7, 7, 7, 7, 1, 2, 3}, 8);
        assertArrayEquals(
                new byte[] {-4, 7, 2, 1, 2, 3}, Arrays.copyOfRange(encoded, 64, 70), Arrays.toString(encoded));
        assertEquals(1, encoded[0]);
        assertEquals(64, encoded[4]);
    }

    @Test
    void noRunCrossesTheEndOfARow() {
        byte[] encoded = RunLengthEncoder.encode(new byte[6], 3);
        assertArrayEquals(new byte[] {-2, 0, -2, 0}, Arrays.copyOfRange(encoded, 64, encoded.length));
    }

    @Test
    void everyFrameIsDecodedAsItWas() {
        for (int seed = 0; seed < 200; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            int columns = random.nextInt(1, 300);
            byte[] frame = new byte[columns * random.nextInt(1, 20)];
            int values = random.nextInt(1, 5);
            byte value = 0;
            for (int i = 0; i < frame.length; i++) {
                value = random.nextInt(values + 2) == 0 ? (byte) random.nextInt(256) : value;
                frame[i] = value;
            }
            byte[] encoded = RunLengthEncoder.encode(frame, columns);
            assertEquals(0, encoded.length % 2, "seed " + seed);
            assertArrayEquals(frame, decoded(encoded, frame.length), "seed " + seed);
        }
    }

    /** PackBits as PS3.5 G.3.2 gives it. */
    private static byte[] decoded(byte[] encoded, int length) {
        byte[] out = new byte[length];
        int at = 64;
        int to = 0;
        while (to < length) {
            int n = encoded[at++];
            if (n >= 0) {
                System.arraycopy(encoded, at, out, to, n + 1);
                at += n + 1;
                to += n + 1;
            } else {
                Arrays.fill(out, to, to + 1 - n, encoded[at++]);
                to += 1 - n;
            }
        }
        return out;
    }

    @Test
    void framesOfBitsFollowEachOtherWithoutPadding() {
        BitFrames frames = new BitFrames(3);
        frames.add(new byte[] {1, 0, 0});
        frames.add(new byte[] {0, 1, 0});
        frames.add(new byte[] {0, 0, 1});
        byte[] packed = frames.toByteArray();
        // Bits 0, 4 and 8, the lowest of each byte first; padded to two bytes.
        assertArrayEquals(new byte[] {0b00010001, 0b1}, packed);
        assertArrayEquals(new byte[] {0, 1, 0}, BitFrames.frame(packed, 3, 1));
        assertArrayEquals(new byte[] {0, 0, 1}, BitFrames.frame(packed, 3, 2));
    }

    @Test
    void coloursAreCieLabInSixteenBits() {
        // L* 100, a* and b* 0 of white; the red of sRGB has L* 54.29, a* 80.80, b* 69.89 under D50 (Lindbloom).
        int[] white = CieLab.of(0xffffff);
        assertEquals(65535, white[0], 2);
        assertEquals(32896, white[1], 10);
        assertEquals(32896, white[2], 10);
        int[] red = CieLab.of(0xff0000);
        assertEquals(54.29, red[0] / 65535.0 * 100, 0.05);
        assertEquals(80.80, red[1] / 65535.0 * 255 - 128, 0.1);
        assertEquals(69.89, red[2] / 65535.0 * 255 - 128, 0.1);
    }
}
