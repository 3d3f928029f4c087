package dev.preceptor.dicomweb;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.PreceptorException;
import dev.preceptor.dicom.Tag;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class DicomJsonTest {
    private static final String ANSWER = """
            [{"0020000D": {"vr": "UI", "Value": ["1.2.3"]}, "00080061": {"vr": "CS", "Value": ["MR", "SEG"]},
              "00201206": {"vr": "IS", "Value": [2]}, "00201208": {"vr": "IS", "Value": ["30"]},
              "00080020": {"vr": "DA"}, "00100010": {"vr": "PN", "Value": [{"Alphabetic": "Doe^Jane"}]},
              "00081030": {"vr": "LO", "Value": [null]}, "00081199": {"vr": "SQ", "Value": [{}, {"00081155": {}}]}}]
            """;

    @Test
    void attributesAreReadInEveryForm() {
        DicomJson found = DicomJson.list(ANSWER).get(0);
        assertEquals(
                Optional.of(new PacsStudy(
                        "1.2.3",
                        "",
                        List.of("MR", "SEG"),
                        "",
                        OptionalInt.of(2),
                        OptionalInt.of(30),
                        Optional.of("Doe^Jane"),
                        Optional.empty())),
                PacsStudy.of(found));
        assertEquals(2, found.items(Tag.STORED_INSTANCES).size());
        assertEquals(List.of(), DicomJson.list(" \n"));
        assertThrows(PreceptorException.class, () -> DicomJson.list("{}"));
    }

    @Test
    void damagedAnswersAreReadOrRefused() {
        int read = 0;
        for (int seed = 0; seed < 20_000; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            StringBuilder text = new StringBuilder(ANSWER);
            for (int i = 1 + random.nextInt(4); i > 0; i--) {
                int at = random.nextInt(text.length());
                switch (random.nextInt(3)) {
                    case 0 -> text.setCharAt(at, "[]{}\",:0e-\\".charAt(random.nextInt(11)));
                    case 1 -> text.deleteCharAt(at);
                    default -> text.insert(at, text.substring(at, Math.min(text.length(), at + random.nextInt(9))));
                }
            }
            try {
                for (DicomJson found : DicomJson.list(text.toString())) {
                    PacsStudy.of(found).ifPresent(study -> assertTrue(Uids.isUid(study.uid()), study.uid()));
                    PacsSeries.of(found).ifPresent(series -> assertTrue(Uids.isUid(series.uid())));
                    PacsInstance.of(found, "1.2", "1.3");
                    found.items(Tag.STORED_INSTANCES).forEach(item -> item.count(Tag.FAILURE_REASON));
                    read++;
                }
            } catch (PreceptorException e) {
                assertTrue(e.getMessage().lines().count() == 1, "seed " + seed);
            } catch (RuntimeException e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
        assertTrue(read > 1000, "some are still JSON: " + read);
    }

    @Test
    void reasonsOfRefusalsAreWords() {
        assertEquals("the PACS is out of resources (A702)", FailureReason.of(OptionalInt.of(0xA702)));
        assertEquals("the PACS cannot understand it (C000)", FailureReason.of(OptionalInt.of(0xC000)));
        assertEquals("an unknown reason (0001)", FailureReason.of(OptionalInt.of(1)));
        assertEquals("no reason given", FailureReason.of(OptionalInt.empty()));
    }
}
