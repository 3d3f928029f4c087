package dev.preceptor.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.preceptor.Shared;
import dev.preceptor.base.JsonFiles;
import dev.preceptor.nifti.Nifti;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.LabelSchema;
import dev.preceptor.volume.Region;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;

/** The figures of the official BraTS 2023 code on 25 pairs of masks. */
class GoldenScoresTest {

    @TestFactory
    Stream<DynamicTest> agreesWithTheOfficialCodeOn() {
        Path folder = Shared.file("golden/metrics");
        JsonNode expected = JsonFiles.read(folder.resolve("expected.json"));
        return expected.properties().stream()
                .map(pair -> DynamicTest.dynamicTest(pair.getKey(), () -> check(folder, pair.getValue())));
    }

    private static void check(Path folder, JsonNode pair) {
        LabelMap prediction = read(folder, pair.get("prediction"));
        LabelMap reference = read(folder, pair.get("reference"));
        for (Region region : Region.BRATS) {
            JsonNode figures = pair.get("expected").get(region.name());
            BitSet p = prediction.mask(region);
            BitSet g = reference.mask(region);
            RegionScore whole = Convention.LESIONWISE_2023.score(p, g, reference.grid());
            assertFigure(figures, "Legacy_Dice", whole.dice(), 1e-6, region);
            assertFigure(figures, "Legacy_HD95", whole.hd95Mm(), 1e-3, region);
            assertFigure(figures, "Sensitivity", whole.sensitivity(), 1e-6, region);
            assertFigure(figures, "Specificity", whole.specificity(), 1e-6, region);
            assertFigure(figures, "GT_Complete_Volume", whole.overlap().referenced(), 0, region);
            LesionWise2023 lesions = LesionWise2023.of(p, g, reference.grid());
            assertFigure(figures, "LesionWise_Score_Dice", lesions.dice(), 1e-6, region);
            assertFigure(figures, "LesionWise_Score_HD95", lesions.hd95Mm(), 1e-3, region);
            assertFigure(figures, "Num_TP", lesions.found(), 0, region);
            assertFigure(figures, "Num_FN", lesions.missed(), 0, region);
            assertFigure(figures, "Num_FP", lesions.falsePieces(), 0, region);
        }
    }

    private static LabelMap read(Path folder, JsonNode file) {
        return Nifti.readLabelMap(folder.resolve(file.asString()), LabelSchema.BRATS_2023);
    }

    private static void assertFigure(JsonNode figures, String name, double found, double tolerance, Region region) {
        assertEquals(figures.get(name).asDouble(), found, tolerance, region + " " + name);
    }
}
