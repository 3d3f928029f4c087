package dev.preceptor.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.preceptor.base.JsonFiles;
import dev.preceptor.testing.TestFiles;
import dev.preceptor.volume.Affine;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Region;
import dev.preceptor.volume.Size;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;

/**
 * The rules of every challenge, the variants of HD95 and surface Dice on synthetic masks, some with anisotropic voxels,
 * compared with {@code lesionwise_oracle.py}.
 */
class OracleScoresTest {
    private static final Map<String, Region> REGIONS = Map.of(
            "WT",
            Region.WT,
            "TC",
            Region.TC,
            "ET",
            Region.ET,
            "NETC",
            Region.NETC,
            "SNFH",
            Region.SNFH,
            "RC",
            Region.RC);

    private final JsonNode oracle =
            JsonFiles.read(TestFiles.of("imaging", "dev/preceptor/metrics/lesionwise_oracle.json"));
    private final Size size = new Size(
            oracle.get("size").get(0).asInt(),
            oracle.get("size").get(1).asInt(),
            oracle.get("size").get(2).asInt());

    @TestFactory
    Stream<DynamicTest> lesionsAgreeWithTheOracle() {
        return cases().flatMap(i -> {
            JsonNode example = oracle.get("cases").get(i);
            return example.get("brats").properties().stream()
                    .map(rules -> DynamicTest.dynamicTest(
                            "case " + i + ", " + rules.getKey(), () -> checkLesions(example, rules.getKey())));
        });
    }

    @TestFactory
    Stream<DynamicTest> surfacesAgreeWithTheOracle() {
        return cases().map(i -> DynamicTest.dynamicTest(
                "case " + i, () -> checkSurfaces(oracle.get("cases").get(i))));
    }

    private Stream<Integer> cases() {
        return IntStream.range(0, oracle.get("cases").size()).boxed();
    }

    private void checkLesions(JsonNode example, String rules) {
        Convention convention = rules.startsWith("2024") ? Convention.LESIONWISE_2024 : Convention.LESIONWISE_2023;
        Scoring scoring = new Scoring(convention, Challenge.valueOf(rules.substring(5)), List.of(1.0));
        Map<Region, BratsScore> found = SubjectScores.of(
                        labels(example, "prediction"), labels(example, "reference"), scoring, 1)
                .brats();
        JsonNode expected = example.get("brats").get(rules);
        assertEquals(expected.size(), found.size());
        expected.properties().forEach(region -> {
            Map<String, Double> columns =
                    found.get(REGIONS.get(region.getKey())).columns();
            assertEquals(region.getValue().size(), columns.size());
            region.getValue()
                    .properties()
                    .forEach(figure -> assertEquals(
                            figure.getValue().asDouble(),
                            columns.get(figure.getKey()),
                            1e-9 * Math.max(1, figure.getValue().asDouble()),
                            region.getKey() + " " + figure.getKey()));
        });
    }

    private void checkSurfaces(JsonNode example) {
        LabelMap prediction = labels(example, "prediction");
        LabelMap reference = labels(example, "reference");
        example.get("whole").properties().forEach(entry -> {
            Region region = REGIONS.get(entry.getKey());
            JsonNode expected = entry.getValue();
            for (Hausdorff variant : Hausdorff.values()) {
                String name = variant.name().substring("HD95_".length()).toLowerCase(Locale.ROOT);
                double found = variant.of(prediction.mask(region), reference.mask(region), reference.grid());
                assertEquals(expected.get(name).asDouble(), found, 1e-9, region + " " + variant);
            }
            RegionScore score =
                    Convention.MONAI.score(prediction.mask(region), reference.mask(region), reference.grid());
            for (SurfaceDice dice : score.surfaceDice()) {
                double value =
                        expected.get("surface_dice_" + (int) dice.toleranceMm()).asDouble();
                assertEquals(value, dice.value(), 1e-9, region + " within " + dice.toleranceMm());
            }
        });
    }

    private LabelMap labels(JsonNode example, String which) {
        JsonNode spacing = example.get("spacing");
        Affine affine = Affine.scaling(
                spacing.get(0).asDouble(),
                spacing.get(1).asDouble(),
                spacing.get(2).asDouble());
        byte[] voxels = new byte[size.voxels()];
        for (JsonNode box : example.get(which)) {
            int[] b = IntStream.range(0, 7).map(i -> box.get(i).asInt()).toArray();
            for (int z = b[3]; z < b[3] + b[6]; z++) {
                for (int y = b[2]; y < b[2] + b[5]; y++) {
                    for (int x = b[1]; x < b[1] + b[4]; x++) {
                        voxels[size.index(x, y, z)] = (byte) b[0];
                    }
                }
            }
        }
        return new LabelMap(new Grid(size, affine), voxels, LabelSpace.BRATS_2024);
    }
}
