package dev.preceptor.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class ProbabilityNamesTest {
    @Test
    void theProbabilitiesBesideALabelMapAreThoseOfItsIdAndFolder() {
        ProbabilityNames names = new ProbabilityNames(List.of(
                "a.nii.gz",
                "a_prob_WT.nii.gz",
                "a_prob_TC.nii.gz",
                "ab_prob_WT.nii.gz",
                "b_prob.dcm",
                "below/a_prob_ET.nii.gz",
                "c_seg_prob_WT.nii"));
        assertEquals(List.of("a_prob_TC.nii.gz", "a_prob_WT.nii.gz"), names.beside("a.nii.gz", "a"));
        assertEquals(List.of("a_prob_TC.nii.gz", "a_prob_WT.nii.gz"), names.beside("a_seg.nii.gz", "other"));
        assertEquals(List.of("b_prob.dcm"), names.beside("b.dcm", "b"));
        assertEquals(List.of("below/a_prob_ET.nii.gz"), names.beside("below/a.nii.gz", "a"));
        assertEquals(List.of("c_seg_prob_WT.nii"), names.beside("c_seg.nii", "c"));
        assertEquals(List.of(), names.beside("d.nii.gz", "d"));
        assertEquals(List.of(), names.beside("elsewhere/a.nii.gz", "a"));
    }

    @Test
    void namesOfLabelMapsAreNoProbabilities() {
        assertTrue(ProbabilityNames.isProbabilities("x/a_prob_WT.nii.gz"));
        assertTrue(ProbabilityNames.isProbabilities("a_prob.dcm"));
        assertFalse(ProbabilityNames.isProbabilities("a_problem.nii.gz"));
        assertFalse(ProbabilityNames.isProbabilities("a_prob/b.nii.gz"));
    }
}
