package dev.preceptor.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.Shared;
import dev.preceptor.base.InvalidFileException;
import dev.preceptor.base.JsonFiles;
import dev.preceptor.nifti.Nifti;
import dev.preceptor.testing.TestFiles;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Region;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import tools.jackson.databind.JsonNode;

/**
 * The figures of the official BraTS 2023 code on pairs of masks: synthetic ones, those of patients if the shared folder
 * exists, and of every {@code expected.json} of the same form below the folder in the system property
 * {@code preceptor.golden}.
 */
class GoldenScoresTest {
    private static final Scoring SCORING = Scoring.DEFAULTS.withConvention(Convention.LESIONWISE_2023);

    @TestFactory
    Stream<DynamicTest> agreesWithTheOfficialCodeOnSyntheticMasks() {
        return pairs(TestFiles.of("imaging", "golden/metrics/expected.json"));
    }

    @TestFactory
    @Tag("shared")
    Stream<DynamicTest> agreesWithTheOfficialCodeOnMasksOfPatients() {
        return pairs(Shared.file("golden/metrics/expected.json"));
    }

    @TestFactory
    @EnabledIfSystemProperty(named = "preceptor.golden", matches = ".+")
    Stream<DynamicTest> agreesWithTheOfficialCodeOnFurtherMasks() {
        return TestFiles.furtherGolden(GoldenScoresTest::isOfThisForm).stream().flatMap(GoldenScoresTest::pairs);
    }

    private static boolean isOfThisForm(Path file) {
        if (!file.endsWith("expected.json")) {
            return false;
        }
        try {
            JsonNode pairs = JsonFiles.read(file);
            return pairs.isObject()
                    && !pairs.isEmpty()
                    && pairs.properties().stream()
                            .map(Map.Entry::getValue)
                            .allMatch(p -> p.has("prediction") && p.has("reference") && p.has("expected"));
        } catch (InvalidFileException e) {
            // A file of another kind.
            return false;
        }
    }

    private static Stream<DynamicTest> pairs(Path file) {
        return JsonFiles.read(file).properties().stream()
                .map(pair -> DynamicTest.dynamicTest(
                        file.getParent() + " " + pair.getKey(), () -> check(file.getParent(), pair.getValue())));
    }

    private static void check(Path folder, JsonNode pair) {
        LabelMap prediction = read(folder, pair.get("prediction"));
        LabelMap reference = read(folder, pair.get("reference"));
        Map<Region, BratsScore> found =
                SubjectScores.of(prediction, reference, SCORING, 2).brats();
        for (Map.Entry<String, JsonNode> expected : pair.get("expected").properties()) {
            Region region = Region.BRATS.stream()
                    .filter(r -> r.name().equals(expected.getKey()))
                    .findFirst()
                    .orElseThrow();
            Map<String, Double> columns = found.get(region).columns();
            expected.getValue().properties().forEach(figure -> {
                String name = figure.getKey();
                assertTrue(columns.containsKey(name), "no column " + name);
                double tolerance = name.contains("HD95") ? 1e-3 : 1e-6;
                assertEquals(figure.getValue().asDouble(), columns.get(name), tolerance, region + " " + name);
            });
        }
    }

    private static LabelMap read(Path folder, JsonNode file) {
        return Nifti.readLabelMap(folder.resolve(file.asString()), LabelSpace.BRATS_2023);
    }
}
