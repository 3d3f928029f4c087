package dev.preceptor.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.JsonFiles;
import dev.preceptor.distill.spi.BuiltInMethods;
import dev.preceptor.recipe.RecipeLoader;
import dev.preceptor.volume.Sequence;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class MethodOverviewTest {
    private static MethodSummary find(MethodOverview overview, String name) {
        return overview.methods().stream()
                .filter(method -> method.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void everyBuiltInMethodAndRecipeAppears() {
        MethodOverview overview = MethodOverview.withoutCost();
        Set<String> methods =
                overview.methods().stream().map(MethodSummary::method).collect(Collectors.toSet());
        new BuiltInMethods().methods().forEach(kind -> assertTrue(methods.contains(kind.name()), kind.name()));
        String text = overview.toText();
        for (String recipe : RecipeLoader.builtIn()) {
            String name = recipe.replaceFirst("-small$", "");
            assertFalse(find(overview, name).description().isBlank(), name);
            assertTrue(text.lines().anyMatch(line -> line.startsWith(name + " ")), name);
        }
        assertFalse(text.contains("MiB"), text);
    }

    @Test
    void needsAreThoseOfTheMethod() {
        MethodOverview overview = MethodOverview.withoutCost();
        MethodSummary kdNet = find(overview, "kd-net");
        assertEquals("kd-net-small", kdNet.recipe());
        assertEquals(List.of(Sequence.BRATS), kdNet.teachers());
        assertEquals(List.of(Sequence.T1CE), kdNet.student());
        assertFalse(kdNet.anySubset());
        assertFalse(kdNet.unlabelled());
        assertEquals(
                List.of("student", "teacher"),
                kdNet.networks().stream()
                        .map(MethodSummary.TrainedNetwork::role)
                        .toList());
        // The teacher has three input channels more: 16 kernels of 27 weights each.
        assertEquals(kdNet.shippedWeights() + 3 * 16 * 27, kdNet.furtherWeights());
        // The bottleneck from 32 to 64 to 32 channels: two convolutions with their biases, and their norms.
        MethodSummary sharedDeep = find(overview, "shared-deep");
        long shared = 2 * 32 * 64 * 27 + (64 + 32) + 2 * (64 + 32);
        assertEquals(shared, sharedDeep.networks().get(1).shared());
        assertEquals(kdNet.furtherWeights() - shared, sharedDeep.furtherWeights());
        assertTrue(find(overview, "transfer").unlabelled());
        assertTrue(find(overview, "u-hved").anySubset());
        assertEquals(List.of(Sequence.T1CE), find(overview, "u-hved").bedside());
        assertTrue(find(overview, "mtcm-kd").networks().size() > 4);
    }

    @Test
    @Tag("integration")
    void theCostOfEachPhaseIsPositiveInTextAndJson() {
        MethodOverview overview = MethodOverview.measured(List.of("baseline", "kd-net"));
        JsonNode json = JsonFiles.parse(JsonFiles.text(overview));
        assertTrue(json.get("threads").intValue() > 0);
        assertEquals(1, json.get("methods").get(0).get("cost").size());
        JsonNode cost = json.get("methods").get(1).get("cost");
        assertEquals(2, cost.size());
        assertEquals("teacher", cost.get(0).get("phase").stringValue());
        for (JsonNode step : cost) {
            assertTrue(step.get("seconds").doubleValue() > 0);
            assertTrue(step.get("estimatedBytes").longValue() > 1 << 20);
        }
        assertTrue(overview.toText().contains("memory MiB"), overview.toText());
    }
}
