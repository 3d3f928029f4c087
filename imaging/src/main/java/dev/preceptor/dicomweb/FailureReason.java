package dev.preceptor.dicomweb;

import java.util.Locale;
import java.util.OptionalInt;

/** The values of Failure Reason (0008,1197) in words. Source: PS3.18, table I.2-2, and PS3.7, annex C. */
final class FailureReason {
    private FailureReason() {}

    static String of(OptionalInt code) {
        if (code.isEmpty()) {
            return "no reason given";
        }
        int value = code.getAsInt();
        return meaning(value) + String.format(Locale.ROOT, " (%04X)", value);
    }

    private static String meaning(int code) {
        return switch (code) {
            case 0x0110 -> "the PACS failed to process it";
            case 0x0111 -> "the PACS has an instance with this UID";
            case 0x0112 -> "there is no such instance";
            case 0x0117 -> "its UID is not valid";
            case 0x0118, 0x0122 -> "the PACS does not store objects of this SOP class";
            case 0x0119 -> "its SOP class and its UID contradict what the PACS has";
            case 0x0124 -> "the login may not store";
            case 0x0213 -> "the PACS lacks resources";
            case 0xC122 -> "the PACS does not store this transfer syntax";
            default ->
                switch (code >> 8) {
                    case 0xA7 -> "the PACS is out of resources";
                    case 0xA9 -> "the data do not match the SOP class";
                    default -> code >> 12 == 0xC ? "the PACS cannot understand it" : "an unknown reason";
                };
        };
    }
}
