package dev.preceptor.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.data.Sample;
import dev.preceptor.infer.PredictedRegions;
import dev.preceptor.model.PostProcessing;
import dev.preceptor.model.RegionRule;
import dev.preceptor.network.TargetEncoding;
import dev.preceptor.network.Targets;
import dev.preceptor.train.ValidationPredictions.Predicted;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.LabelClass;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Size;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PostProcessingChoiceTest {
    private static final LabelSpace LESION = new LabelSpace("LESION", Map.of(1, new LabelClass("lesion")));

    /** A row of voxels of 0.1 ml. */
    private static Grid grid(int voxels) {
        return Grid.of(new Size(voxels, 1, 1), Math.cbrt(100));
    }

    /** A lesion that is predicted where there is a letter p or b, and is there where there is an r or b. */
    private static Predicted lesion(String voxels) {
        float[] probabilities = new float[voxels.length()];
        byte[] classes = new byte[voxels.length()];
        for (int i = 0; i < classes.length; i++) {
            probabilities[i] = "pb".indexOf(voxels.charAt(i)) >= 0 ? 1 : 0;
            classes[i] = (byte) ("rb".indexOf(voxels.charAt(i)) >= 0 ? 1 : 0);
            classes[i] = voxels.charAt(i) == 'i' ? Sample.IGNORED : classes[i];
        }
        PredictedRegions regions = PredictedRegions.of(
                new Targets(TargetEncoding.REGIONS, LESION), grid(classes.length), List.of(probabilities));
        return Predicted.of(regions, List.of(probabilities), classes, LESION, 1);
    }

    /** BraTS: a predicted and a true row in letters, w for WT, t for TC too, e for ET too. */
    private static Predicted nested(String predicted, String truth) {
        List<float[]> probabilities = new ArrayList<>();
        for (String inside : List.of("wte", "te", "e")) {
            float[] region = new float[predicted.length()];
            for (int i = 0; i < region.length; i++) {
                region[i] = inside.indexOf(predicted.charAt(i)) >= 0 ? 1 : 0;
            }
            probabilities.add(region);
        }
        byte[] classes = new byte[truth.length()];
        for (int i = 0; i < classes.length; i++) {
            classes[i] = (byte) ".twe".indexOf(truth.charAt(i));
        }
        PredictedRegions regions = PredictedRegions.of(
                new Targets(TargetEncoding.REGIONS, LabelSpace.BRATS_2018), grid(classes.length), probabilities);
        return Predicted.of(regions, probabilities, classes, LabelSpace.BRATS_2018, 1);
    }

    private static PostProcessing choose(LabelSpace labels, Predicted... subjects) {
        return new PostProcessingChoice(
                        labels,
                        rules -> Optional.of(List.of(subjects).stream()
                                .map(subject -> subject.dice(rules))
                                .toList()))
                .choose()
                .orElseThrow();
    }

    private static PostProcessing rule(String region, RegionRule rule) {
        return PostProcessing.NONE.with(region, rule);
    }

    @Test
    void diceIsThatOfTheMasksAndOneIfBothAreEmpty() {
        assertEquals(Map.of("lesion", 0.5), lesion("bpr").dice(PostProcessing.NONE));
        assertEquals(Map.of("lesion", 1.0), lesion("...").dice(PostProcessing.NONE));
        assertEquals(Map.of("lesion", 0.0), lesion("..p").dice(PostProcessing.NONE));
        assertEquals(Map.of("lesion", 1.0), lesion("..p").dice(rule("lesion", RegionRule.minimum(0.2))));
    }

    @Test
    void ignoredVoxelsDoNotCount() {
        float[] everywhere = {1, 1, 1};
        PredictedRegions regions =
                PredictedRegions.of(new Targets(TargetEncoding.REGIONS, LESION), grid(3), List.of(everywhere));
        assertEquals(
                Map.of("lesion", 1.0),
                Predicted.of(regions, List.of(everywhere), new byte[] {1, Sample.IGNORED, Sample.IGNORED}, LESION, 1)
                        .dice(PostProcessing.NONE));
    }

    @Test
    void aPredictionThatIsKeptCompressedScoresTheSame() {
        Predicted predicted = nested("..www.ttee.w.e", ".wwww.ttte...e");
        Predicted kept = predicted.deflated().get();
        for (PostProcessing rules :
                List.of(PostProcessing.NONE, rule("WT", RegionRule.largest()), rule("ET", RegionRule.minimum(1.5)))) {
            assertEquals(predicted.dice(rules), kept.dice(rules));
        }
        Predicted ignoring = lesion("bpri");
        assertEquals(ignoring.ignored(), ignoring.deflated().get().ignored());
        assertEquals(ignoring.reference(), ignoring.deflated().get().reference());
    }

    @Test
    void theGentlestOfEqualRulesIsChosen() {
        // An island of 0.1 ml and a lesion of 0.6 ml: 0.25 ml and 0.5 ml and the largest component give the same.
        assertEquals(rule("lesion", RegionRule.minimum(0.25)), choose(LESION, lesion("bbbbbb...p")));
    }

    @Test
    void onlyTheLargestComponentIsKeptWhereIslandsAreLarge() {
        Predicted[] subjects = new Predicted[PostProcessingChoice.ENOUGH_SUBJECTS];
        Arrays.fill(subjects, lesion("b".repeat(70)));
        subjects[0] = lesion("b".repeat(80) + "." + "p".repeat(60));
        assertEquals(rule("lesion", RegionRule.largest()), choose(LESION, subjects));
        assertEquals(
                PostProcessing.NONE,
                choose(LESION, Arrays.copyOf(subjects, subjects.length - 1)),
                "fewer subjects do not show that there is one lesion each");
    }

    @Test
    void aPerfectPredictionKeepsAll() {
        assertEquals(PostProcessing.NONE, choose(LESION, lesion("bbb..b"), lesion("....")));
    }

    @Test
    void aGainBelowTheMarginIsNotWorthARule() {
        // One wrong voxel of 1001 changes the Dice by 0.0005, one of 201 by 0.0025.
        assertEquals(PostProcessing.NONE, choose(LESION, lesion("b".repeat(1000) + ".p")));
        assertEquals(rule("lesion", RegionRule.minimum(0.25)), choose(LESION, lesion("b".repeat(200) + ".p")));
    }

    @Test
    void aRuleThatHarmsOneSubjectIsNotChosenHoweverGoodTheMean() {
        Predicted islands = lesion("bbbbbb..p.p.p.p");
        Predicted smallLesions = lesion("bbbbbb..b.b");
        assertEquals(rule("lesion", RegionRule.minimum(0.25)), choose(LESION, islands, islands, islands));
        assertEquals(PostProcessing.NONE, choose(LESION, islands, islands, islands, smallLesions));
    }

    @Test
    void anOuterRuleMustNotHarmARegionInside() {
        // The small component is wrong as WT for the most part, but holds a third of the true ET.
        String predicted = "wwwwwwwwwwee..wwwe";
        String truth = "wwwwwwwwwwee.....e";
        assertTrue(
                choose(LabelSpace.BRATS_2018, nested(predicted, truth)).of("WT").keepsAll());
    }

    @Test
    void aFalseInnerRegionIsDroppedAndTheOuterRegionsStay() {
        assertEquals(
                rule("ET", RegionRule.dropBelow(0.25)),
                choose(LabelSpace.BRATS_2018, nested("wwttettww", "wwtttttww"), nested("wteeeeeetw", "wteeeeeetw")));
    }

    @Test
    void innerRulesAreJudgedAfterTheOuterOnes() {
        // The island of WT holds the only false ET; once it is gone, ET needs no rule.
        assertEquals(
                rule("WT", RegionRule.minimum(0.25)),
                choose(LabelSpace.BRATS_2018, nested("wwtteeeeee..e", "wwtteeeeee...")));
    }

    @Test
    void aStopEndsTheChoice() {
        assertTrue(new PostProcessingChoice(LESION, rules -> Optional.empty())
                .choose()
                .isEmpty());
    }
}
