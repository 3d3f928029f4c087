package dev.preceptor.infer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.model.PostProcessing;
import dev.preceptor.model.RegionRule;
import dev.preceptor.network.TargetEncoding;
import dev.preceptor.network.Targets;
import dev.preceptor.volume.Affine;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.LabelClass;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Region;
import dev.preceptor.volume.Size;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class PredictedRegionsTest {
    /** A voxel is 1 ml. */
    private static final double EDGE_MM = 10;

    /** Two lesions that overlap, and a part of both: A is written as 1, B as 2, C inside both as 3. */
    private static final LabelSpace OVERLAPPING = overlapping();

    private static LabelSpace overlapping() {
        LabelClass a = new LabelClass("a");
        LabelClass b = new LabelClass("b");
        LabelClass c = new LabelClass("c");
        return new LabelSpace(
                "OVERLAPPING",
                Map.of(1, a, 2, b, 3, c),
                List.of(a, b, c),
                List.of(new Region("A", Set.of(a, c), a), new Region("B", Set.of(b, c), b), Region.of("C", c)));
    }

    /** BraTS probabilities from letters: w in WT, t in TC too, e in ET too. */
    private static List<float[]> nested(String voxels) {
        List<float[]> probabilities = new ArrayList<>();
        List.of("wte", "te", "e").forEach(inside -> {
            float[] region = new float[voxels.length()];
            for (int i = 0; i < region.length; i++) {
                region[i] = inside.indexOf(voxels.charAt(i)) >= 0 ? 0.9f : 0.02f;
            }
            probabilities.add(region);
        });
        return probabilities;
    }

    /** The labels of a row of voxels of 1 ml after post-processing, in the same letters. */
    private static String after(TargetEncoding encoding, PostProcessing rules, String voxels) {
        byte[] labels = PredictedRegions.of(
                        new Targets(encoding, LabelSpace.BRATS_2018),
                        Grid.of(new Size(voxels.length(), 1, 1), EDGE_MM),
                        nested(voxels))
                .labels(rules)
                .voxels();
        StringBuilder letters = new StringBuilder();
        for (byte label : labels) {
            letters.append(".tw.e".charAt(label));
        }
        return letters.toString();
    }

    private static PostProcessing rule(String region, RegionRule rule) {
        return PostProcessing.NONE.with(region, rule);
    }

    @ParameterizedTest
    @EnumSource
    void aRemovedComponentOfAnOuterRegionTakesTheInnerRegionsWithIt(TargetEncoding encoding) {
        assertEquals("wteew....", after(encoding, rule("WT", RegionRule.minimum(3)), "wteew..we"));
        assertEquals("wteew....", after(encoding, rule("WT", RegionRule.largest()), "wteew..we"));
    }

    @ParameterizedTest
    @EnumSource
    void aRemovedComponentOfAnInnerRegionFallsBackToTheRegionAroundIt(TargetEncoding encoding) {
        assertEquals("wtttwteew", after(encoding, rule("ET", RegionRule.minimum(2)), "wtetwteew"));
        assertEquals("wwwwwteew", after(encoding, rule("TC", RegionRule.largest()), "wwewwteew"));
    }

    @ParameterizedTest
    @EnumSource
    void aSmallRegionIsDroppedAsAWhole(TargetEncoding encoding) {
        assertEquals("wtttwttw", after(encoding, rule("ET", RegionRule.dropBelow(3)), "wtetwtew"));
        assertEquals("wtetwtew", after(encoding, rule("ET", RegionRule.dropBelow(2)), "wtetwtew"));
    }

    @ParameterizedTest
    @EnumSource
    void theVolumeOfARegionIsThatOfItsLargeComponents(TargetEncoding encoding) {
        assertEquals("tttwttt", after(encoding, rule("ET", new RegionRule(2, false, 3)), "ettweet"));
    }

    @ParameterizedTest
    @EnumSource
    void anEmptyPredictionStaysEmpty(TargetEncoding encoding) {
        assertEquals("....", after(encoding, rule("WT", new RegionRule(1, true, 1)), "...."));
    }

    @Test
    void theFirstOfTwoLargestComponentsStays() {
        assertEquals("ww....", after(TargetEncoding.REGIONS, rule("WT", RegionRule.largest()), "ww...w"));
        assertEquals("ww....", after(TargetEncoding.REGIONS, rule("WT", RegionRule.largest()), "ww..ww"));
    }

    @Test
    void enhancingTumourOutsideItsOuterRegionsFallsBackToThem() {
        List<float[]> onlyEt = List.of(new float[1], new float[1], new float[] {0.9f});
        PredictedRegions regions = PredictedRegions.of(
                new Targets(TargetEncoding.REGIONS, LabelSpace.BRATS_2018), Grid.of(new Size(1, 1, 1), 1), onlyEt);
        assertArrayEquals(new byte[] {4}, regions.labels(PostProcessing.NONE).voxels());
        assertArrayEquals(
                new byte[] {1},
                regions.labels(rule("ET", RegionRule.minimum(1))).voxels());
        assertArrayEquals(
                new byte[] {0},
                regions.labels(rule("WT", RegionRule.minimum(1))).voxels());
    }

    @Test
    void voxelsThatTouchAtACornerAreOneComponent() {
        float[] diagonal = {0.9f, 0, 0, 0.9f, 0, 0, 0, 0};
        PredictedRegions regions = single(new Size(2, 2, 2), 10, 10, 10, diagonal);
        assertArrayEquals(
                new byte[] {1, 0, 0, 1, 0, 0, 0, 0}, regions.labels(lesion(2)).voxels());
        assertArrayEquals(new byte[8], regions.labels(lesion(2.01)).voxels());
    }

    private static PredictedRegions single(Size size, double x, double y, double z, float[] probabilities) {
        LabelSpace lesion = new LabelSpace("LESION", Map.of(1, new LabelClass("lesion")));
        return PredictedRegions.of(
                new Targets(TargetEncoding.REGIONS, lesion),
                new Grid(size, Affine.scaling(x, y, z)),
                List.of(probabilities));
    }

    private static PostProcessing lesion(double minimumMl) {
        return rule("lesion", RegionRule.minimum(minimumMl));
    }

    @Test
    void volumesAreMillilitresWhateverTheSpacing() {
        float[] four = {0.9f, 0.9f, 0.9f, 0.9f, 0};
        PredictedRegions regions = single(new Size(5, 1, 1), 0.5, 0.5, 5, four);
        byte[] all = {1, 1, 1, 1, 0};
        // 4 voxels of 1.25 mm3
        assertArrayEquals(all, regions.labels(lesion(0.005)).voxels());
        assertArrayEquals(new byte[5], regions.labels(lesion(0.0051)).voxels());
        // 50 voxels of 1 mm3 are 0.05 ml, not less
        float[] fifty = new float[50];
        Arrays.fill(fifty, 1);
        assertEquals(
                50,
                single(new Size(50, 1, 1), 1, 1, 1, fifty)
                        .labels(lesion(0.05))
                        .foreground()
                        .cardinality());
    }

    @Test
    void aRegionThatOverlapsAnotherOneKeepsItsVoxels() {
        // A A AB C C B
        float[] a = {1, 1, 1, 1, 1, 0};
        float[] b = {0, 0, 1, 1, 1, 1};
        float[] c = {0, 0, 0, 1, 1, 0};
        PredictedRegions regions = PredictedRegions.of(
                new Targets(TargetEncoding.REGIONS, OVERLAPPING),
                Grid.of(new Size(6, 1, 1), EDGE_MM),
                List.of(a, b, c));
        assertArrayEquals(
                new byte[] {1, 1, 2, 3, 3, 2},
                regions.labels(PostProcessing.NONE).voxels());
        // Without A there is no C, and what both had is B.
        assertArrayEquals(
                new byte[] {0, 0, 2, 2, 2, 2},
                regions.labels(rule("A", RegionRule.dropBelow(6))).voxels());
        assertArrayEquals(
                new byte[] {1, 1, 1, 1, 1, 0},
                regions.labels(rule("B", RegionRule.dropBelow(6))).voxels());
        assertArrayEquals(
                new byte[] {1, 1, 2, 2, 2, 2},
                regions.labels(rule("C", RegionRule.dropBelow(6))).voxels());
    }

    /** A shell of edge 5 around a hole of 3^3 voxels, one of which is open to the outside in the second mask. */
    @Test
    void holesBelowAVolumeAreFilledUnlessTheyReachTheOutside() {
        Size size = new Size(9, 9, 9);
        BitSet shell = new BitSet();
        for (int z = 2; z < 7; z++) {
            for (int y = 2; y < 7; y++) {
                for (int x = 2; x < 7; x++) {
                    shell.set(size.index(x, y, z), x == 2 || x == 6 || y == 2 || y == 6 || z == 2 || z == 6);
                }
            }
        }
        BitSet open = (BitSet) shell.clone();
        open.clear(size.index(2, 4, 4));
        Grid grid = Grid.of(size, EDGE_MM);
        RegionFilter filter = new RegionFilter(LabelSpace.BRATS_2018);
        PostProcessing fill = rule("TC", RegionRule.fillBelow(28));
        List<BitSet> filled = filter.apply(fill, List.of(new BitSet(), shell, new BitSet()), grid);
        assertEquals(125, filled.get(1).cardinality());
        BitSet around = (BitSet) filled.get(0).clone();
        around.andNot(shell);
        assertEquals(27, around.cardinality(), "a filled hole belongs to the regions around");
        assertTrue(filled.get(2).isEmpty());
        assertEquals(
                98,
                filter.apply(rule("TC", RegionRule.fillBelow(27)), List.of(shell, shell, new BitSet()), grid)
                        .get(1)
                        .cardinality());
        assertEquals(
                open,
                filter.apply(fill, List.of(open, open, new BitSet()), grid).get(1));
    }

    @ParameterizedTest
    @EnumSource
    void aFilledHoleGetsTheLabelOfItsRegion(TargetEncoding encoding) {
        Size size = Size.cube(3);
        float[] shell = new float[27];
        Arrays.fill(shell, 0.9f);
        shell[13] = 0.1f;
        LabelMap map = PredictedRegions.of(
                        new Targets(encoding, LabelSpace.BRATS_2018),
                        Grid.of(size, EDGE_MM),
                        List.of(shell, shell.clone(), new float[27]))
                .labels(rule("TC", RegionRule.fillBelow(2)));
        byte[] expected = new byte[27];
        Arrays.fill(expected, (byte) 1);
        assertArrayEquals(expected, map.voxels());
    }

    static IntStream seeds() {
        return IntStream.range(0, 60);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void noVoxelIsAddedAndTheSecondTimeNothingIsRemoved(int seed) {
        Random random = new Random(seed);
        LabelSpace space = seed % 3 == 0 ? OVERLAPPING : LabelSpace.BRATS_2023;
        Size size = new Size(2 + random.nextInt(8), 2 + random.nextInt(8), 1 + random.nextInt(5));
        Grid grid = new Grid(size, Affine.scaling(1 + random.nextInt(3), 1, 1 + random.nextInt(4)));
        List<BitSet> masks = new ArrayList<>();
        PostProcessing rules = PostProcessing.NONE;
        for (Region region : space.regions()) {
            BitSet mask = new BitSet();
            double density = random.nextDouble() * 0.5;
            for (int i = 0; i < size.voxels(); i++) {
                mask.set(i, random.nextDouble() < density);
            }
            masks.add(mask);
            rules = rules.with(
                    region.name(),
                    new RegionRule(random.nextInt(4) * 0.004, random.nextInt(4) == 0, random.nextInt(3) * 0.01));
        }
        RegionFilter filter = new RegionFilter(space);
        List<BitSet> once = filter.apply(rules, masks, grid);
        assertEquals(once, filter.apply(rules, once, grid));
        BitSet added = union(once);
        added.andNot(union(masks));
        assertTrue(added.isEmpty(), () -> added + " was added");
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void labelsAreRemovedOrFallBackToARegionAroundThem(int seed) {
        Random random = new Random(seed);
        TargetEncoding encoding = seed % 2 == 0 ? TargetEncoding.REGIONS : TargetEncoding.CLASSES;
        StringBuilder voxels = new StringBuilder();
        for (int i = 0; i < 40; i++) {
            voxels.append("..wwtte".charAt(random.nextInt(7)));
        }
        PostProcessing rules = rule("WT", RegionRule.minimum(random.nextInt(5)))
                .with("TC", new RegionRule(random.nextInt(3), random.nextInt(4) == 0, 0))
                .with("ET", RegionRule.dropBelow(random.nextInt(6)));
        String changed = after(encoding, rules, voxels.toString());
        for (int i = 0; i < voxels.length(); i++) {
            assertTrue(
                    ".wte".indexOf(changed.charAt(i)) <= ".wte".indexOf(voxels.charAt(i)),
                    voxels + " became " + changed);
        }
        assertEquals(changed, after(encoding, rules, changed));
    }

    private static BitSet union(List<BitSet> masks) {
        BitSet union = new BitSet();
        masks.forEach(union::or);
        return union;
    }
}
