package dev.preceptor.dicom;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.volume.LabelClass;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Region;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SegmentMeaningsTest {
    private static final CodedTerm NECROSIS = new CodedTerm("6574001", "SCT", "Necrosis");
    private static final CodedTerm LESION = SegmentationCodes.LESION;

    private static Segment segment(int number, String label, CodedTerm type) {
        return new Segment(number, label, "", SegmentationCodes.CATEGORY, type, "MANUAL", Optional.empty());
    }

    private static Map<Integer, Region> meanings(LabelSpace space, Segment... segments) {
        return SegmentMeanings.of(List.of(segments), space, false).regions();
    }

    private static String refusal(LabelSpace space, Segment... segments) {
        return assertThrows(
                        IllegalArgumentException.class,
                        () -> SegmentMeanings.of(List.of(segments), space, false)
                                .requireClassesFollow(space))
                .getMessage();
    }

    @Test
    void aCodeSaysTheClassWhateverTheLabel() {
        Map<Integer, Region> found = meanings(
                LabelSpace.BRATS_2018,
                segment(1, "S1", NECROSIS),
                segment(2, "S2", new CodedTerm("M-36300", "SRT", "Edema")),
                segment(3, "S3", new CodedTerm("C113842", "NCIt", "Enhancing Lesion")),
                segment(4, "S4", new CodedTerm("C81175", "NCIt", "Non-Enhancing Lesion")));
        assertEquals(
                List.of(LabelClass.NCR, LabelClass.ED, LabelClass.ET, LabelClass.NCR),
                found.values().stream().map(Region::writtenAs).toList());
    }

    @Test
    void aLesionIsWhatItsTextSays() {
        assertEquals(
                Region.WT,
                meanings(LabelSpace.BRATS_2018, segment(1, "whole tumour", LESION))
                        .get(1));
        assertEquals(
                LabelClass.RC,
                meanings(LabelSpace.BRATS_2024, segment(7, "Resection cavity", LESION))
                        .get(7)
                        .writtenAs());
        String message = refusal(LabelSpace.BRATS_2018, segment(1, "GTV", LESION));
        assertTrue(message.contains("GTV") && message.contains("--schema"), message);
    }

    @Test
    void aTextThatContradictsTheCodeIsRefused() {
        String message = refusal(LabelSpace.BRATS_2018, segment(1, "ET", NECROSIS));
        assertTrue(message.contains("is ET by its text") && message.contains("NCR by its code"), message);
    }

    @Test
    void necrosisIsNoClassOfBratsPed() {
        assertEquals(
                "C81175",
                SegmentationCodes.type(LabelSpace.BRATS_PED_2024, LabelClass.NCR)
                        .value());
        assertEquals(
                "6574001",
                SegmentationCodes.type(LabelSpace.BRATS_2018, LabelClass.NCR).value());
        refusal(LabelSpace.BRATS_PED_2024, segment(1, "S1", NECROSIS));
    }

    @Test
    void regionsThatDoNotTellTheClassesApartAreRefused() {
        String message = refusal(LabelSpace.BRATS_2018, segment(1, "WT", LESION), segment(2, "ET", LESION));
        assertTrue(message.contains("do not tell"), message);
        assertEquals(
                2,
                meanings(LabelSpace.BRATS_2018, segment(1, "NCR", LESION), segment(2, "ET", LESION))
                        .size());
    }

    @Test
    void everyKnownClassHasItsOwnMeaning() {
        for (LabelSpace space : LabelSpace.KNOWN) {
            for (LabelClass labelClass : space.values().values()) {
                Segment written = segment(
                        1, SegmentationCodes.label(space, labelClass), SegmentationCodes.type(space, labelClass));
                assertEquals(labelClass, meanings(space, written).get(1).writtenAs(), space + " " + labelClass);
            }
        }
    }
}
