package dev.preceptor.dicom;

import java.util.Map;

/**
 * A coded concept: a code of a coding scheme and its meaning in words.
 *
 * @param value the code, for example {@code 6574001}
 * @param scheme the coding scheme designator, for example {@code SCT} (SNOMED CT)
 * @param meaning for readers, not compared
 */
public record CodedTerm(String value, String scheme, String meaning) {
    /** Retired SNOMED RT codes of the concepts in {@link SegmentationCodes}; segmentations of before 2020 use them. */
    private static final Map<String, String> SNOMED_CT = Map.of(
            "M-54000", "6574001",
            "M-36300", "79654002",
            "M-01100", "52988006",
            "M-01000", "49755003",
            "T-A0100", "12738006");

    /** Whether both are the same concept; SNOMED RT codes equal those of SNOMED CT that replace them. */
    public boolean isSameAs(CodedTerm other) {
        return current(this).equals(current(other));
    }

    private static String current(CodedTerm term) {
        boolean isRetired = term.scheme.equals("SRT") || term.scheme.equals("SNM3") || term.scheme.equals("99SDM");
        String replaced = isRetired ? SNOMED_CT.get(term.value) : null;
        return replaced == null ? term.scheme + " " + term.value : "SCT " + replaced;
    }

    @Override
    public String toString() {
        return value + " " + scheme + " \"" + meaning + "\"";
    }
}
