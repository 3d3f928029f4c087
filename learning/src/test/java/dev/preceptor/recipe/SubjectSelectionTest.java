package dev.preceptor.recipe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.InvalidCohortException;
import dev.preceptor.cohort.Cohort;
import dev.preceptor.cohort.CohortFixture;
import dev.preceptor.volume.Sequence;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SubjectSelectionTest {
    private static final SequenceNeed STUDENT = new SequenceNeed("student", List.of(Sequence.T1CE), true);
    private static final SequenceNeed TEACHER =
            new SequenceNeed("teacher", List.of(Sequence.T2, Sequence.T1, Sequence.T1CE), true);

    @TempDir
    Path root;

    private CohortFixture fixture;

    @BeforeEach
    void makeSixSubjects() {
        fixture = CohortFixture.brats2021(root, 6);
    }

    private static String id(int number) {
        return String.format("BraTS2021_%05d", number);
    }

    private static TrainingNeeds needs(boolean usesUnlabelled, SequenceNeed... needs) {
        return new TrainingNeeds("kd-net", List.of(needs), usesUnlabelled);
    }

    private SubjectSelection select(boolean usesUnlabelled, SequenceNeed... needs) {
        return SubjectSelection.of(Cohort.open(root), needs(usesUnlabelled, needs));
    }

    private String refusal(SequenceNeed... needs) {
        Cohort cohort = Cohort.open(root);
        SubjectSelection selection = SubjectSelection.of(cohort, needs(false, needs));
        String message = assertThrows(
                        InvalidCohortException.class, () -> selection.requireLabelled(cohort, needs(false, needs)))
                .getMessage();
        assertEquals(1, message.lines().count(), message);
        return message;
    }

    @Test
    void subjectsThatLackASequenceThatNoNetworkNeedsAreUsed() {
        fixture.delete(id(2), "t2").delete(id(5), "t2");
        SubjectSelection selection = select(false, STUDENT);
        assertEquals(6, selection.labelled().size());
        assertTrue(selection.leftOut().isEmpty());
    }

    @Test
    void subjectsAreLeftOutByWhatTheyLackOfAllNetworks() {
        fixture.delete(id(2), "t2")
                .delete(id(2), "t1")
                .delete(id(5), "t1")
                .delete(id(5), "t2")
                .delete(id(6), "t1ce");
        SubjectSelection selection = select(false, STUDENT, TEACHER);
        assertEquals(List.of(id(1), id(3), id(4)), selection.labelled());
        assertEquals(
                List.of(
                        "2 subjects without T1, T2 are left out: " + id(2) + ", " + id(5),
                        "1 subject without T1CE is left out: " + id(6)),
                selection.leftOut().stream().map(SubjectSelection.LeftOut::line).toList());
    }

    @Test
    void aLongGroupNamesTheFirstFiveAndCountsTheRest() {
        List<String> ids = List.of("a", "b", "c", "d", "e", "f", "g");
        assertEquals(
                "7 subjects without T1 are left out: a, b, c, d, e and 2 more",
                new SubjectSelection.LeftOut("without T1", ids).line());
    }

    @Test
    void aNetworkThatTakesAnySubsetNeedsOneSequence() {
        fixture.delete(id(1), "t1")
                .delete(id(1), "t2")
                .delete(id(2), "t1")
                .delete(id(2), "t2")
                .delete(id(2), "t1ce");
        SubjectSelection selection = select(false, TEACHER.any());
        assertEquals(List.of(id(1), id(3), id(4), id(5), id(6)), selection.labelled());
        assertEquals("without any of T1, T1CE, T2", selection.leftOut().get(0).reason());
    }

    @Test
    void subjectsWithoutLabelsAreUsedIfTheMethodUsesThemAndLeftOutIfNot() {
        fixture.delete(id(3), "seg").delete(id(4), "seg").delete(id(4), "t1ce");
        SubjectSelection used = select(true, STUDENT);
        assertEquals(List.of(id(3)), used.unlabelled());
        assertEquals(List.of(id(1), id(2), id(5), id(6)), used.labelled());
        SubjectSelection notUsed = select(false, STUDENT);
        assertEquals(List.of(), notUsed.unlabelled());
        assertFalse(notUsed.used().contains(id(3)));
        assertTrue(notUsed.leftOut().stream()
                .anyMatch(group -> group.line()
                        .equals("1 subject without a label map, which kd-net does not use, is left out: " + id(3))));
    }

    @Test
    void aSequenceThatNoSubjectHasIsNamedWithTheNetworkThatNeedsIt() {
        for (int n = 1; n <= 6; n++) {
            fixture.delete(id(n), "t2");
        }
        assertEquals(
                "no subject of " + root + " has T2, which the teacher of the recipe needs; it has FLAIR, T1, T1CE:"
                        + " choose sequences from these",
                refusal(STUDENT, TEACHER));
    }

    @Test
    void sequencesThatNoSubjectHasTogetherAreNamed() {
        for (int n = 1; n <= 6; n++) {
            fixture.delete(id(n), n % 2 == 0 ? "t2" : "t1");
        }
        String message = refusal(TEACHER);
        assertTrue(message.contains("every sequence that the recipe needs (T1, T1CE, T2)"), message);
    }

    @Test
    void aCohortWithoutLabelsIsRefused() {
        for (int n = 1; n <= 6; n++) {
            fixture.delete(id(n), "seg");
        }
        String message = assertThrows(InvalidCohortException.class, () -> {
                    Cohort cohort = Cohort.open(root);
                    SubjectSelection.of(cohort, needs(true, STUDENT)).requireLabelled(cohort, needs(true, STUDENT));
                })
                .getMessage();
        assertTrue(message.contains("has a label map; a training needs labelled subjects"), message);
    }

    @Test
    void aLabelMapWithAFaultDoesNotMakeASubjectUnlabelled() {
        CohortFixture.writeLabels(root.resolve(id(3)).resolve(id(3) + "_segm.nii.gz"), 3);
        assertTrue(select(true, STUDENT).labelled().contains(id(3)));
    }
}
