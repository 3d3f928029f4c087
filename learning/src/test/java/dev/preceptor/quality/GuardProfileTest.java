package dev.preceptor.quality;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.base.Settings;
import dev.preceptor.volume.Affine;
import dev.preceptor.volume.Box;
import dev.preceptor.volume.Cropping;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.Orientation;
import dev.preceptor.volume.Volume;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

class GuardProfileTest {
    private static final GuardProfile PROFILE = SmallHeads.profile();

    private static Set<Guard> fired(GuardProfile profile, Volume image) {
        return profile.check(SubjectImages.of(List.of("T1CE"), name -> Optional.of(image))).stream()
                .filter(GuardFinding::fires)
                .map(GuardFinding::guard)
                .collect(Collectors.toSet());
    }

    private static Volume fresh() {
        return SmallHeads.volume(40, "T1CE");
    }

    /** The voxels of another orientation under an affine that says RAS. */
    private static Volume turned(String codes) {
        Volume turned = Orientation.reorient(fresh(), new Orientation(codes));
        return new Volume(new Grid(turned.size(), Affine.scaling(6, 6, 6)), turned.voxels());
    }

    private static Volume mapped(DoubleUnaryOperator change) {
        float[] voxels = fresh().voxels().clone();
        for (int i = 0; i < voxels.length; i++) {
            voxels[i] = (float) change.applyAsDouble(voxels[i]);
        }
        return new Volume(fresh().grid(), voxels);
    }

    @Test
    void newSubjectsPassAllGuards() {
        for (int subject = 20; subject < 60; subject++) {
            assertEquals(Set.of(), fired(PROFILE, SmallHeads.volume(subject, "T1CE")), "subject " + subject);
        }
    }

    @Test
    void theOrderOfTheVoxelsDoesNotMatterIfTheAffineSaysSo() {
        for (Orientation orientation : Orientation.all()) {
            assertEquals(Set.of(), fired(PROFILE, Orientation.reorient(fresh(), orientation)), orientation.codes());
        }
    }

    @Test
    void anotherSequenceIsRefusedByName() {
        List<GuardFinding> findings =
                PROFILE.check(SubjectImages.of(List.of("T1CE"), name -> Optional.of(SmallHeads.volume(40, "FLAIR"))));
        GuardFinding finding = findings.stream()
                .filter(each -> each.guard() == Guard.WRONG_SEQUENCE)
                .findFirst()
                .orElseThrow();
        assertTrue(finding.fires() && finding.refuses(), finding::toString);
        assertTrue(
                finding.toString().startsWith("guard wrong-sequence: T1CE looks like FLAIR (score "),
                finding::toString);
    }

    @Test
    void everyTurnButTheMirrorImageIsFound() {
        for (Orientation orientation : Orientation.all()) {
            String codes = orientation.codes();
            boolean isFound = fired(PROFILE, turned(codes)).contains(Guard.ORIENTATION);
            assertEquals(!codes.equals("RAS") && !codes.equals("LAS"), isFound, codes);
        }
    }

    @Test
    void eachFaultIsFoundByItsGuard() {
        Volume image = fresh();
        assertTrue(fired(PROFILE, new Volume(Grid.of(image.size(), 9), image.voxels()))
                .contains(Guard.HEAD_SIZE));
        assertTrue(fired(PROFILE, new Volume(Grid.of(image.size(), 9), image.voxels()))
                .contains(Guard.SPACING));
        assertTrue(fired(PROFILE, mapped(value -> value == 0 ? 3 : value)).contains(Guard.NOT_SKULL_STRIPPED));
        assertTrue(fired(PROFILE, mapped(value -> 0)).contains(Guard.EMPTY));
        assertTrue(fired(PROFILE, mapped(value -> Math.min(value, 200))).contains(Guard.SATURATED));
        assertTrue(fired(PROFILE, Cropping.crop(image, new Box(0, 0, 0, 24, 30, 11)))
                .contains(Guard.CUT_OFF));
        assertTrue(fired(PROFILE, mapped(value -> value > 225 ? 100 * value : value))
                .contains(Guard.INTENSITY_RANGE));
        assertTrue(fired(PROFILE, smoothed(image)).contains(Guard.LOW_RESOLUTION));
    }

    /** The mean of each voxel other than 0 and its two neighbours along y, as far as they are not 0. */
    private static Volume smoothed(Volume image) {
        float[] voxels = image.voxels();
        float[] smooth = voxels.clone();
        int row = image.size().x();
        for (int i = row; i < voxels.length - row; i++) {
            if (voxels[i - row] != 0 && voxels[i] != 0 && voxels[i + row] != 0) {
                smooth[i] = (voxels[i - row] + voxels[i] + voxels[i + row]) / 3;
            }
        }
        return new Volume(image.grid(), smooth);
    }

    @Test
    void guardsOfEarlierVersionsKnowNoSharpness() {
        JsonNode tree = Settings.JSON.valueToTree(PROFILE);
        ((ObjectNode) tree.path("images").path("T1CE")).putArray("sharpness");
        GuardProfile earlier = Settings.bind(tree, GuardProfile.class, "guards");
        assertFalse(fired(earlier, smoothed(fresh())).contains(Guard.LOW_RESOLUTION));
    }

    @Test
    void aLesionElsewhereOrNoneAtAllIsReported() {
        assertFalse(lesion(SmallHeads.lesion()).fires());
        assertEquals("no lesion is found", lesion(new BitSet()).description());
        assertTrue(lesion(new BitSet()).fires());
        BitSet behind = new BitSet();
        behind.set(SmallHeads.SIZE.index(11, 4, 10), SmallHeads.SIZE.index(14, 4, 10));
        assertTrue(lesion(behind).fires());
    }

    private static GuardFinding lesion(BitSet mask) {
        SubjectImages images = SubjectImages.of(List.of("T1CE"), name -> Optional.of(fresh()))
                .withLesion(mask, Map.of("T1CE", fresh()));
        return PROFILE.checkLesion(images, List.of("T1CE")).orElseThrow();
    }

    @Test
    void withOneSequenceAloneTheGuardOnlyWarns() {
        GuardProfile alone = new GuardFitting(List.of("T1CE"), true)
                .fit(IntStream.range(0, 12)
                        .mapToObj(subject -> SubjectImages.of(
                                List.of("T1CE"), name -> Optional.of(SmallHeads.volume(subject, name))))
                        .toList())
                .orElseThrow();
        GuardFinding finding =
                alone
                        .check(SubjectImages.of(List.of("T1CE"), name -> Optional.of(SmallHeads.volume(40, "FLAIR"))))
                        .stream()
                        .filter(each -> each.guard() == Guard.WRONG_SEQUENCE)
                        .findFirst()
                        .orElseThrow();
        assertTrue(finding.fires());
        assertFalse(finding.refuses());
        assertFalse(alone.thresholds().containsKey("spacing"), "a model that resamples takes any voxel size");
        assertFalse(alone.thresholds().containsKey("unseen-lesion"), "nobody has labels");
    }

    @Test
    void directionsThatDoNotFitTheImagesAreRefused() {
        for (String other : List.of("T1CE", "SWI")) {
            ObjectNode tree = (ObjectNode) Settings.JSON.valueToTree(PROFILE);
            ObjectNode directions = (ObjectNode) tree.get("directions");
            JsonNode one = directions.get("T1CE");
            tree.set("directions", Settings.JSON.createObjectNode().set(other, one));
            String message = assertThrows(
                            InvalidRecipeException.class, () -> Settings.bind(tree, GuardProfile.class, "guards"))
                    .getMessage();
            assertTrue(message.contains("directions must name at least two sequences"), message);
        }
    }

    @Test
    void fiveSubjectsAreTooFew() {
        assertTrue(new GuardFitting(List.of("T1CE"), false)
                .fit(IntStream.range(0, 5).mapToObj(SmallHeads::subject).toList())
                .isEmpty());
    }

    @Test
    void whatIsStoredGivesTheSameScores() {
        JsonNode tree = Settings.JSON.valueToTree(PROFILE);
        GuardProfile read = Settings.bind(tree, GuardProfile.class, "guards");
        assertEquals(PROFILE, read);
        assertEquals(PROFILE, SmallHeads.profile());
        assertTrue(Settings.line(tree).length() < 20_000, "the profile takes more than 20 kB");
    }

    @Test
    void anEnsembleFiresOnlyIfMoreThanHalfOfItsMembersDo() {
        Reliability fires = new Reliability(Temperatures.NONE, Map.of(), Map.of(), Optional.of(PROFILE));
        GuardProfile lax = new GuardProfile(
                12, false, Map.of("wrong-sequence", 100.0), PROFILE.images(), PROFILE.directions(), List.of());
        Reliability passes = new Reliability(Temperatures.NONE, Map.of(), Map.of(), Optional.of(lax));
        SubjectImages wrong = SubjectImages.of(List.of("T1CE"), name -> Optional.of(SmallHeads.volume(40, "FLAIR")));
        assertFalse(firesOn(wrong, fires, passes));
        assertTrue(firesOn(wrong, fires, passes, fires));
        assertTrue(firesOn(wrong, fires, Reliability.NONE));
    }

    private static boolean firesOn(SubjectImages images, Reliability... members) {
        return Reliability.check(Arrays.asList(members), images).stream()
                .anyMatch(finding -> finding.guard() == Guard.WRONG_SEQUENCE && finding.fires());
    }
}
