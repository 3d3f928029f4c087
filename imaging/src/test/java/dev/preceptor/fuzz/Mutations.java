package dev.preceptor.fuzz;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** Damages files: bits, bytes, lengths, numbers, keys and nesting. The same random source gives the same damage. */
final class Mutations {
    private static final int MAX_LENGTH = 1 << 17;
    private static final long[] EXTREMES = {
        0,
        1,
        -1,
        2,
        127,
        128,
        255,
        256,
        32767,
        32768,
        65535,
        65536,
        1L << 30,
        Integer.MAX_VALUE,
        Integer.MIN_VALUE,
        1L << 31,
        0xFFFFFFFFL,
        1L << 32,
        1L << 62,
        Long.MAX_VALUE,
        Long.MIN_VALUE
    };
    private static final List<String> NUMBERS = List.of(
            "0",
            "-1",
            "1",
            "2147483647",
            "2147483648",
            "-2147483649",
            "9223372036854775807",
            "9223372036854775808",
            "18446744073709551616",
            "1e308",
            "-1e308",
            "1e999",
            "1e-400",
            "0.5",
            "1.9999999999999999",
            "NaN",
            "-Infinity",
            "1e1000000000",
            "99999999999999999999999999999999999999",
            "0x10",
            "1_000",
            "010",
            "+1",
            ".5",
            "5.");
    private static final List<String> TOKENS = List.of(
            "null",
            "true",
            "false",
            "{}",
            "[]",
            "\"\"",
            "[[]]",
            "{\"a\":1}",
            "\\u0000",
            "\\ud800",
            "\u0000",
            "\uFEFF",
            "\n",
            "\r\n",
            "\t",
            "\"",
            "\\",
            "'",
            ",",
            ":",
            ";",
            "{",
            "}",
            "[",
            "]",
            "- ",
            "&a ",
            "*a",
            "!!binary ",
            "!x ",
            "<<: ",
            "---\n",
            "|\n ",
            ">\n ",
            "#",
            "../..",
            "/",
            "é",
            "\u202E",
            "name",
            "%");

    private Mutations() {}

    /** Applies one to four kinds of damage to one of several files; parts may come from the other files. */
    static byte[] damaged(List<byte[]> seeds, SplittableRandom random) {
        byte[] bytes = seeds.get(random.nextInt(seeds.size()));
        for (int i = random.nextInt(1, 5); i > 0; i--) {
            bytes = once(bytes, seeds, random);
            if (bytes.length > MAX_LENGTH) {
                bytes = Arrays.copyOf(bytes, MAX_LENGTH);
            }
        }
        return bytes;
    }

    private static byte[] once(byte[] bytes, List<byte[]> seeds, SplittableRandom random) {
        return switch (random.nextInt(14)) {
            case 0, 1 -> changed(bytes, random, (copy, at) -> copy[at] ^= (byte) (1 << random.nextInt(8)));
            case 2 -> changed(bytes, random, (copy, at) -> copy[at] = (byte) random.nextInt(256));
            case 3 -> changed(bytes, random, (copy, at) -> extreme(copy, at, random));
            case 4 -> Arrays.copyOf(bytes, random.nextInt(bytes.length + 1));
            case 5 -> splice(bytes, seeds.get(random.nextInt(seeds.size())), random);
            case 6 -> removed(bytes, random);
            case 7 -> inserted(bytes, random, part(bytes, random));
            case 8 -> number(bytes, random);
            case 9 -> duplicatedLine(bytes, random);
            case 10 -> inserted(bytes, random, text(TOKENS, random));
            case 11 -> random.nextInt(8) == 0 ? inserted(bytes, random, nested(random)) : number(bytes, random);
            case 12 -> random.nextInt(8) == 0 ? inserted(bytes, random, token(random)) : duplicatedEntry(bytes, random);
            default -> replaced(bytes, random, text(TOKENS, random));
        };
    }

    private interface Change {
        void apply(byte[] copy, int at);
    }

    private static byte[] changed(byte[] bytes, SplittableRandom random, Change change) {
        if (bytes.length == 0) {
            return bytes;
        }
        byte[] copy = bytes.clone();
        // Half of the damage is in the first bytes, which contain the header.
        int reach = random.nextBoolean() ? Math.min(copy.length, 400) : copy.length;
        change.apply(copy, random.nextInt(reach));
        return copy;
    }

    private static void extreme(byte[] copy, int at, SplittableRandom random) {
        ByteBuffer value =
                ByteBuffer.allocate(8).order(random.nextBoolean() ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
        long number = EXTREMES[random.nextInt(EXTREMES.length)];
        int width = 1 << random.nextInt(4);
        switch (width) {
            case 1 -> value.put((byte) number);
            case 2 -> value.putShort((short) number);
            case 4 -> {
                if (random.nextInt(4) == 0) {
                    value.putFloat(random.nextBoolean() ? Float.NaN : Float.MAX_VALUE);
                } else {
                    value.putInt((int) number);
                }
            }
            default -> value.putLong(number);
        }
        int start = at / width * width;
        System.arraycopy(value.array(), 0, copy, start, Math.min(width, copy.length - start));
    }

    private static byte[] part(byte[] bytes, SplittableRandom random) {
        int from = random.nextInt(bytes.length + 1);
        return Arrays.copyOfRange(bytes, from, Math.min(bytes.length, from + random.nextInt(200)));
    }

    private static byte[] splice(byte[] bytes, byte[] other, SplittableRandom random) {
        int from = random.nextInt(other.length + 1);
        return joined(
                Arrays.copyOf(bytes, random.nextInt(bytes.length + 1)), Arrays.copyOfRange(other, from, other.length));
    }

    private static byte[] removed(byte[] bytes, SplittableRandom random) {
        int from = random.nextInt(bytes.length + 1);
        int to = Math.min(bytes.length, from + random.nextInt(random.nextBoolean() ? 8 : 400));
        return joined(Arrays.copyOf(bytes, from), Arrays.copyOfRange(bytes, to, bytes.length));
    }

    private static byte[] inserted(byte[] bytes, SplittableRandom random, byte[] insertion) {
        int at = random.nextInt(bytes.length + 1);
        return joined(Arrays.copyOf(bytes, at), insertion, Arrays.copyOfRange(bytes, at, bytes.length));
    }

    /** Replaces a word by another text. */
    private static byte[] replaced(byte[] bytes, SplittableRandom random, byte[] other) {
        List<int[]> words = runs(bytes, true);
        if (words.isEmpty()) {
            return bytes;
        }
        int[] word = words.get(random.nextInt(words.size()));
        return joined(Arrays.copyOf(bytes, word[0]), other, Arrays.copyOfRange(bytes, word[1], bytes.length));
    }

    /** Replaces a number by an extreme one. */
    private static byte[] number(byte[] bytes, SplittableRandom random) {
        List<int[]> numbers = runs(bytes, false);
        if (numbers.isEmpty()) {
            return bytes;
        }
        int[] number = numbers.get(random.nextInt(numbers.size()));
        return joined(
                Arrays.copyOf(bytes, number[0]),
                text(NUMBERS, random),
                Arrays.copyOfRange(bytes, number[1], bytes.length));
    }

    /** Start and end of words, or of numbers only. */
    private static List<int[]> runs(byte[] bytes, boolean ofLetters) {
        List<int[]> runs = new ArrayList<>();
        for (int i = 0; i < bytes.length; i++) {
            int begin = i;
            while (i < bytes.length && (isDigit(bytes[i]) || (ofLetters && isLetter(bytes[i])))) {
                i++;
            }
            if (i > begin) {
                runs.add(new int[] {begin, i});
            }
        }
        return runs;
    }

    private static boolean isDigit(byte b) {
        return b >= '0' && b <= '9';
    }

    private static boolean isLetter(byte b) {
        return (b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z') || b == '_';
    }

    private static byte[] duplicatedLine(byte[] bytes, SplittableRandom random) {
        int at = random.nextInt(bytes.length + 1);
        int from = at;
        while (from > 0 && bytes[from - 1] != '\n') {
            from--;
        }
        int to = at;
        while (to < bytes.length && bytes[to] != '\n') {
            to++;
        }
        return joined(
                Arrays.copyOf(bytes, to),
                new byte[] {'\n'},
                Arrays.copyOfRange(bytes, from, to),
                Arrays.copyOfRange(bytes, to, bytes.length));
    }

    /** Duplicates the text between two commas. */
    private static byte[] duplicatedEntry(byte[] bytes, SplittableRandom random) {
        int from = random.nextInt(bytes.length + 1);
        while (from > 0 && bytes[from - 1] != ',' && bytes[from - 1] != '{') {
            from--;
        }
        int to = from;
        while (to < bytes.length && bytes[to] != ',' && bytes[to] != '}') {
            to++;
        }
        return joined(
                Arrays.copyOf(bytes, to),
                new byte[] {','},
                Arrays.copyOfRange(bytes, from, to),
                Arrays.copyOfRange(bytes, to, bytes.length));
    }

    private static byte[] nested(SplittableRandom random) {
        String one = List.of("[", "{\"a\":", "{", "- ", "a: {", "(").get(random.nextInt(6));
        return one.repeat(1 << random.nextInt(14)).getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] token(SplittableRandom random) {
        String one = List.of("a", "9", " ", "a\n ", "\u00e9", "\\n", "'", "a b ", "\n")
                .get(random.nextInt(9));
        return one.repeat(1 << random.nextInt(16)).getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] text(List<String> texts, SplittableRandom random) {
        return texts.get(random.nextInt(texts.size())).getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] joined(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }
}
