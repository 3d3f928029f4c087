package dev.preceptor.cohort;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.volume.Sequence;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class ImageNameTest {
    private static void assertImage(String stem, String subject, Sequence sequence, String... evident) {
        assertEquals(
                new ImageName(subject, new ImageName.Image(sequence)),
                ImageName.resolve(ImageName.readings(stem), Set.of(evident)),
                stem);
    }

    private static void assertLabels(String stem, String subject) {
        assertEquals(
                new ImageName(subject, new ImageName.Labels()),
                ImageName.resolve(ImageName.readings(stem), Set.of()),
                stem);
    }

    private static void assertOther(String stem, String part) {
        ImageName name = ImageName.resolve(ImageName.readings(stem), Set.of());
        assertTrue(
                name.content() instanceof ImageName.Other other
                        && other.reason().contains(part),
                stem + ": " + name);
    }

    @Test
    void everyYearOfBratsIsRead() {
        assertImage("BraTS2021_00000_t1ce", "BraTS2021_00000", Sequence.T1CE);
        assertImage("BraTS-GLI-00001-000-t2f", "BraTS-GLI-00001-000", Sequence.FLAIR);
        assertImage("UPENN-GBM-00001_11_T1GD", "UPENN-GBM-00001_11", Sequence.T1CE);
        assertImage("flair", "", Sequence.FLAIR);
        assertImage("_t1ce", "", Sequence.T1CE);
    }

    @Test
    void wordsForContrastAgentTurnT1IntoT1CE() {
        for (String name :
                List.of("P01_T1_CE", "P01-T1-Gd", "P01_T1w_post", "P01_CE_T1", "P01_gd_T1w", "P01_t1_contrast")) {
            assertImage(name, "P01", Sequence.T1CE);
        }
        assertImage("01_ce-gadolinium_T1w", "01", Sequence.T1CE);
        assertImage("01_ce-magnevist_T1w", "01", Sequence.T1CE);
        assertImage("P01_T1_pre", "P01", Sequence.T1);
    }

    @Test
    void t2FlairIsFlairUnlessTheIdEndsInT2() {
        assertImage("P01_T2_FLAIR", "P01", Sequence.FLAIR);
        assertImage("P01-T2-FLAIR", "P01", Sequence.FLAIR, "P01");
        assertImage("P01_T2_FLAIR", "P01_T2", Sequence.FLAIR, "P01_T2");
        assertImage("T2_FLAIR", "", Sequence.FLAIR);
    }

    @Test
    void timePointsAreIds() {
        assertImage("P01_T1_T2", "P01_T1", Sequence.T2);
        assertImage("P01_T2_t1ce", "P01_T2", Sequence.T1CE);
        assertLabels("P01_T1_seg", "P01_T1");
    }

    @Test
    void postBeforeT1IsRefusedUnlessOtherFilesGiveTheId() {
        assertOther("P01_post_T1", "may be T1CE of P01 or T1 of P01_post");
        assertImage("P01_post_T1", "P01_post", Sequence.T1, "P01_post");
    }

    @Test
    void wordsForALabelMapAreKnown() {
        for (String end : List.of(
                "_seg",
                "-seg",
                "_segm",
                "_Segm",
                "_gtv",
                "_tumor_segmentation",
                "_tumour-mask",
                "_label",
                "_labels",
                "_lesion_mask",
                "_automated_approx_segm",
                "_tumorMask",
                "_segmentations",
                "_roi")) {
            assertLabels("P01" + end, "P01");
        }
        assertOther("P01_brain_mask", "mask of the brain");
        assertOther("P01_mask", "mask of the brain, or of something");
        assertOther("P01_brain_segmentation", "mask of the brain");
        assertOther("P01_prob_WT", "probabilities");
        assertOther("P01_uncertainty", "uncertainty");
    }

    @Nested
    class OfBids {
        @Test
        void entitiesGiveSubjectSessionAndContrast() {
            assertImage("sub-01_T1w", "sub-01", Sequence.T1);
            assertImage("sub-01_ce-gadolinium_T1w", "sub-01", Sequence.T1CE);
            assertImage("sub-01_ses-02_acq-mprage_ce-Gd_rec-norm_run-1_T1w", "sub-01_ses-02", Sequence.T1CE);
            assertImage("sub-01_space-MNI152_desc-preproc_FLAIR", "sub-01", Sequence.FLAIR);
            assertImage("sub-01_ce-none_T1w", "sub-01", Sequence.T1);
            assertImage("sub-01_t1ce", "sub-01", Sequence.T1CE);
            assertImage("sub-T1_ses-T2_T2w", "sub-T1_ses-T2", Sequence.T2);
            assertLabels("sub-01_ses-1_space-T1w_dseg", "sub-01_ses-1");
            assertLabels("sub-01_label-lesion_mask", "sub-01");
            assertLabels("sub-01_mask", "sub-01");
        }

        @Test
        void otherContentHasAReason() {
            assertOther("sub-01_T2star", "suffix T2star");
            assertOther("sub-01_part-phase_T1w", "part-phase");
            assertOther("sub-01_ce-gad_FLAIR", "FLAIR after contrast agent");
            assertOther("sub-01_acq-postgad_T1w", "may be T1 or T1CE");
            assertOther("sub-01_desc-brain_mask", "desc-brain");
            assertOther("sub-01_desc-aparcaseg_dseg", "anatomy");
        }

        @Test
        void theOrderOfEntitiesDoesNotMatter() {
            List<String> entities = List.of("ses-2", "acq-x", "ce-gd", "rec-y", "run-3", "space-MNI", "desc-preproc");
            for (int seed = 0; seed < 200; seed++) {
                Random random = new Random(seed);
                List<String> shuffled = new ArrayList<>(entities);
                Collections.shuffle(shuffled, random);
                shuffled = new ArrayList<>(shuffled.subList(0, random.nextInt(shuffled.size() + 1)));
                String id = "sub-01" + (shuffled.contains("ses-2") ? "_ses-2" : "");
                shuffled.add(0, "sub-01");
                shuffled.add("T1w");
                ImageName name = ImageName.readings(String.join("_", shuffled)).get(0);
                Sequence expected = shuffled.contains("ce-gd") ? Sequence.T1CE : Sequence.T1;
                assertEquals(new ImageName(id, new ImageName.Image(expected)), name, "seed " + seed + ": " + shuffled);
            }
        }
    }

    @Test
    void everyNameHasOneOrTwoReadings() {
        String letters = "ab01_-_-. T12seg";
        for (int seed = 0; seed < 5000; seed++) {
            Random random = new Random(seed);
            StringBuilder stem = new StringBuilder(random.nextInt(4) == 0 ? "sub-" : "");
            int length = 1 + random.nextInt(12);
            for (int i = 0; i < length; i++) {
                stem.append(letters.charAt(random.nextInt(letters.length())));
            }
            List<ImageName> readings = ImageName.readings(stem.toString());
            assertTrue(readings.size() == 1 || readings.size() == 2, "seed " + seed + ": " + stem);
        }
    }
}
