package dev.preceptor.nifti;

import dev.preceptor.volume.Affine;
import dev.preceptor.volume.Size;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/**
 * Small images with headers as other programs write them, drawn from a seed: both versions, both byte orders, single
 * files and pairs, plain and compressed, oblique and mirrored, in all units. Bytes are placed by the offsets of
 * nifti1.h and nifti2.h, independent of the code under test.
 */
public final class HeaderFamily {
    private static final int FORMS = 6;

    private HeaderFamily() {}

    /** Writes the image of a seed into a folder under the name of a T1CE image. */
    public static Path write(Path folder, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        boolean isVersion2 = random.nextInt(3) == 0;
        ByteOrder order = random.nextInt(3) == 0 ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
        boolean pair = random.nextInt(3) == 0;
        boolean gzip = random.nextBoolean();
        Size size = new Size(random.nextInt(12, 18), random.nextInt(12, 18), random.nextInt(12, 18));
        ByteBuffer header = ByteBuffer.allocate(isVersion2 ? 544 : 352).order(order);
        if (isVersion2) {
            writeVersion2(header, size, pair);
        } else {
            writeVersion1(header, size, pair);
        }
        writeGeometry(header, random, (int) (seed % FORMS), isVersion2);
        ByteBuffer voxels = ByteBuffer.allocate(2 * size.voxels()).order(order);
        while (voxels.hasRemaining()) {
            voxels.putShort((short) (random.nextInt(3) == 0 ? 0 : random.nextInt(1, 900)));
        }
        String stem = "s" + seed + "_t1ce";
        String end = gzip ? ".gz" : "";
        if (pair) {
            store(folder.resolve(stem + ".img" + end), gzip, voxels.array());
            return store(folder.resolve(stem + ".hdr" + end), gzip, header.array());
        }
        return store(folder.resolve(stem + ".nii" + end), gzip, header.array(), voxels.array());
    }

    private static void writeVersion1(ByteBuffer header, Size size, boolean pair) {
        header.putInt(0, 348).putShort(40, (short) 3).putShort(70, (short) 4).putShort(72, (short) 16);
        for (int axis = 0; axis < 3; axis++) {
            header.putShort(42 + 2 * axis, (short) size.along(axis));
        }
        header.putFloat(108, pair ? 0 : 352).put(344, (byte) 'n').put(345, (byte) (pair ? 'i' : '+'));
        header.put(346, (byte) '1');
    }

    private static void writeVersion2(ByteBuffer header, Size size, boolean pair) {
        header.putInt(0, 540)
                .put(4, (byte) 'n')
                .put(5, (byte) (pair ? 'i' : '+'))
                .put(6, (byte) '2');
        header.put(8, (byte) '\r').put(9, (byte) '\n').put(10, (byte) 26).put(11, (byte) '\n');
        header.putShort(12, (short) 4).putShort(14, (short) 16).putLong(16, 3);
        for (int axis = 0; axis < 3; axis++) {
            header.putLong(24 + 8 * axis, size.along(axis));
        }
        header.putLong(168, pair ? 0 : 544);
    }

    private static void writeGeometry(ByteBuffer header, SplittableRandom random, int form, boolean isVersion2) {
        int unit = random.nextInt(4);
        double perUnit = new double[] {1, 1000, 1, 1e-3}[unit];
        double[] spacing = {
            random.nextDouble(0.8, 4) / perUnit,
            random.nextDouble(0.8, 4) / perUnit,
            random.nextDouble(0.8, 4) / perUnit
        };
        double[] pixdim = {
            random.nextInt(-1, 2), spacing[0], spacing[1], spacing[2], random.nextInt(2), 2.5, random.nextInt(3), 0
        };
        double[] q = new double[4];
        double length = 0;
        for (int i = 0; i < 4; i++) {
            q[i] = random.nextInt(4) == 0 ? 0.01 : random.nextDouble(-1, 1);
            length += q[i] * q[i];
        }
        double sign = q[0] < 0 ? -1 : 1;
        double[] quaternion = new double[6];
        for (int i = 0; i < 3; i++) {
            quaternion[i] = sign * q[i + 1] / Math.sqrt(length);
            quaternion[i + 3] = random.nextDouble(-150, 150) / perUnit;
        }
        Affine affine = new QForm(
                        quaternion[0], quaternion[1], quaternion[2], pixdim[0] < 0 ? -1 : 1, spacing, new double[] {
                            quaternion[3], quaternion[4], quaternion[5]
                        })
                .affine()
                .orElseThrow();
        double[][] rows = affine.toMatrix();
        int qformCode = random.nextInt(1, 5);
        int sformCode = random.nextInt(1, 5);
        switch (form) {
            case 0 -> {
                sformCode = 0;
                rows[1][2] = Double.NaN;
            }
            case 1 -> {
                qformCode = 0;
                quaternion[1] = random.nextDouble(2);
            }
            case 2 -> rows[0][3] += 12 / perUnit;
            case 3 -> {
                qformCode = 0;
                sformCode = 0;
            }
            case 4 -> rows[random.nextInt(3)][random.nextInt(3)] += 3e-4 / perUnit;
            default -> sformCode = Math.max(sformCode, 1);
        }
        double[] sform = new double[12];
        for (int i = 0; i < 12; i++) {
            sform[i] = rows[i / 4][i % 4];
        }
        int units = unit | random.nextInt(3) << 3;
        if (isVersion2) {
            header.putInt(344, qformCode).putInt(348, sformCode).putInt(500, units);
        } else {
            header.putShort(252, (short) qformCode)
                    .putShort(254, (short) sformCode)
                    .put(123, (byte) units);
        }
        put(header, isVersion2, isVersion2 ? 104 : 76, pixdim);
        put(header, isVersion2, isVersion2 ? 352 : 256, quaternion);
        put(header, isVersion2, isVersion2 ? 400 : 280, sform);
    }

    private static void put(ByteBuffer header, boolean isVersion2, int at, double[] values) {
        for (int i = 0; i < values.length; i++) {
            if (isVersion2) {
                header.putDouble(at + 8 * i, values[i]);
            } else {
                header.putFloat(at + 4 * i, (float) values[i]);
            }
        }
    }

    private static Path store(Path file, boolean gzip, byte[]... parts) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            try (var out = gzip ? new GZIPOutputStream(bytes) : bytes) {
                for (byte[] part : parts) {
                    out.write(part);
                }
            }
            return Files.write(file, bytes.toByteArray());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The bits of version, both codes, units, pixdim, quaternion, offsets and sform of a header file. */
    public static List<Long> geometry(Path file) {
        byte[] bytes;
        try {
            bytes = Files.readAllBytes(file);
            if (bytes[0] == 0x1f) {
                try (var in = new GZIPInputStream(Files.newInputStream(file))) {
                    bytes = in.readAllBytes();
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        ByteBuffer header = ByteBuffer.wrap(bytes);
        header.order(header.get(0) == 0 ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
        boolean isVersion2 = header.getInt(0) == 540;
        List<Long> bits = new ArrayList<>(List.of(isVersion2 ? 2L : 1L));
        if (isVersion2) {
            bits.addAll(List.of((long) header.getInt(344), (long) header.getInt(348), (long) header.getInt(500)));
            for (int[] field : new int[][] {{104, 8}, {352, 6}, {400, 12}}) {
                for (int i = 0; i < field[1]; i++) {
                    bits.add(header.getLong(field[0] + 8 * i));
                }
            }
        } else {
            bits.addAll(List.of((long) header.getShort(252), (long) header.getShort(254), (long) header.get(123)));
            for (int[] field : new int[][] {{76, 8}, {256, 6}, {280, 12}}) {
                for (int i = 0; i < field[1]; i++) {
                    bits.add((long) header.getInt(field[0] + 4 * i));
                }
            }
        }
        return bits;
    }
}
