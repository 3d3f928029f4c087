package dev.preceptor.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.PreceptorException;
import dev.preceptor.cohort.SubjectContent;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TrainedOnTest {
    private static final SubjectContent ANNA =
            new SubjectContent("anna", List.of("0123456789abcdef", "fedcba9876543210"));
    private static final SubjectContent BERT = new SubjectContent("bert", List.of());

    @Test
    void survivesTheProvenance() {
        TrainedOn met = TrainedOn.of(List.of(ANNA, BERT), List.of());
        assertEquals(Optional.of(met), TrainedOn.in(met.toProvenance()));
        assertEquals(
                "{\"anna\":\"0123456789abcdef fedcba9876543210\",\"bert\":\"\"}",
                met.toProvenance().get("training"));
    }

    @Test
    void addsTheSubjectsOfATeacher() {
        SubjectContent another = new SubjectContent("anna", List.of("ffffffffffffffff"));
        TrainedOn both = TrainedOn.of(List.of(ANNA), List.of(BERT)).and(TrainedOn.of(List.of(another), List.of()));
        assertEquals(3, both.training().get("anna").hashes().size());
        assertEquals(Map.of("bert", BERT), both.selection());
    }

    @Test
    void namesTheTeachersThatRecordNothing() {
        TrainedOn own = TrainedOn.of(List.of(ANNA), List.of());
        TrainedOn all = own.withUnrecorded(List.of("t2.pth", "flair.pth"))
                .and(TrainedOn.of(List.of(BERT), List.of()).withUnrecorded(List.of("t2.pth")));
        assertTrue(own.isComplete());
        assertFalse(all.isComplete());
        assertEquals(List.of("flair.pth", "t2.pth"), all.unrecordedTeachers());
        assertEquals(Optional.of(all), TrainedOn.in(all.toProvenance()));
        assertEquals("flair.pth, t2.pth", TrainedOn.brief(all.toProvenance()).get("unrecorded_teachers"));
        for (String broken : List.of("{", "{}", "[]", "[3]", "\"t2.pth\"")) {
            PreceptorException refused = assertThrows(
                    PreceptorException.class,
                    () -> TrainedOn.in(Map.of("training", "{}", "selection", "{}", "unrecorded_teachers", broken)));
            assertTrue(refused.getMessage().contains("unrecorded_teachers"), refused.getMessage());
        }
    }

    @Test
    void isSummarisedAsANumber() {
        Map<String, String> brief =
                TrainedOn.brief(TrainedOn.of(List.of(ANNA, BERT), List.of()).toProvenance());
        assertEquals(Map.of("training", "2 subjects", "selection", "0 subjects"), brief);
    }

    @Test
    void modelsOfOtherProgramsRecordNothing() {
        assertTrue(TrainedOn.in(Map.of("cohort", "abc")).isEmpty());
    }

    @Test
    void aBrokenListIsRefused() {
        for (String broken : List.of("{", "[]", "3")) {
            PreceptorException refused = assertThrows(
                    PreceptorException.class, () -> TrainedOn.in(Map.of("training", broken, "selection", "{}")));
            assertFalse(refused.getMessage().isBlank());
        }
    }
}
