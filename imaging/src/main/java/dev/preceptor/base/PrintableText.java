package dev.preceptor.base;

/** Text from files, names or other machines, made safe to print on a terminal. Stateless. */
public final class PrintableText {
    private static final int REPLACEMENT = '?';

    private PrintableText() {}

    /**
     * Replaces every character that moves the cursor, colours, hides or reorders text: control and format characters, line
     * and paragraph separators, unpaired surrogates. Letters of every script stay.
     */
    public static String of(String text) {
        return text.codePoints()
                .map(c -> isPrintable(c) ? c : c == '\t' ? ' ' : REPLACEMENT)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    private static boolean isPrintable(int character) {
        return switch (Character.getType(character)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> false;
            default -> true;
        };
    }
}
