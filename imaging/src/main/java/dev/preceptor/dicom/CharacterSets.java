package dev.preceptor.dicom;

import java.nio.charset.Charset;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.StandardCharsets;
import java.nio.charset.UnsupportedCharsetException;
import java.util.Map;
import java.util.Optional;

/**
 * The character sets of PS3.3, C.12.1.1.2. Of a data set that switches between several by escape sequences the first is used: no
 * text that the project reads beyond ASCII decides anything.
 */
final class CharacterSets {
    private static final Map<String, String> NAMES = Map.ofEntries(
            Map.entry("100", "ISO-8859-1"),
            Map.entry("101", "ISO-8859-2"),
            Map.entry("109", "ISO-8859-3"),
            Map.entry("110", "ISO-8859-4"),
            Map.entry("144", "ISO-8859-5"),
            Map.entry("127", "ISO-8859-6"),
            Map.entry("126", "ISO-8859-7"),
            Map.entry("138", "ISO-8859-8"),
            Map.entry("148", "ISO-8859-9"),
            Map.entry("203", "ISO-8859-15"),
            Map.entry("13", "Shift_JIS"),
            Map.entry("166", "TIS-620"),
            Map.entry("149", "EUC-KR"),
            Map.entry("58", "GB2312"),
            Map.entry("192", "UTF-8"));

    private CharacterSets() {}

    /** The character set of a defined term such as {@code ISO_IR 192}; empty if it is the default or unknown. */
    static Optional<Charset> of(String term) {
        String name = switch (term) {
            case "GB18030", "GBK" -> term;
            default -> NAMES.get(term.replaceFirst("^ISO[_ ](2022 )?IR ", ""));
        };
        try {
            return name == null ? Optional.empty() : Optional.of(Charset.forName(name));
        } catch (UnsupportedCharsetException | IllegalCharsetNameException e) {
            // A reduced run-time image may lack the extended character sets.
            return Optional.empty();
        }
    }

    /** The character set that a data set states, or the one around it. */
    static Charset within(Map<Integer, Element> elements, Charset outer) {
        if (!(elements.get(Tag.CHARACTER_SET.code()) instanceof Element.Value value)) {
            return outer;
        }
        String first = new String(value.bytes(), StandardCharsets.ISO_8859_1).split("\\\\", -1)[0].strip();
        return of(first).orElse(StandardCharsets.ISO_8859_1);
    }

    static String decode(byte[] bytes, Vr vr, Charset charset) {
        Charset used = switch (vr) {
            case LO, LT, PN, SH, ST, UC, UT -> charset;
            default -> StandardCharsets.ISO_8859_1;
        };
        return new String(bytes, used).replace("\0", "");
    }
}
