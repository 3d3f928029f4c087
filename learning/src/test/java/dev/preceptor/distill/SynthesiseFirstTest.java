package dev.preceptor.distill;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.data.Batch;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.tensor.Torch;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Sequence;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SynthesiseFirstTest {
    @BeforeAll
    static void open() {
        Torch.open();
    }

    private static Recipe recipe(String... overrides) {
        List<String> all = new ArrayList<>(List.of("network.widths=[2,4]", "network.skips=1"));
        all.addAll(List.of(overrides));
        return Recipe.load("synthesise-first-small", all);
    }

    private static Method method(String... overrides) {
        return recipe(overrides).build(LabelSpace.BRATS_2018, List.of(), Torch.device("cpu"));
    }

    private static Batch batch(List<Sequence> sequences) {
        torch.manual_seed(3);
        Tensor classes = torch.rand(2, 8, 8, 8).mul(new Scalar(4.0)).to(torch.ScalarType.Long);
        return new Batch(sequences, torch.randn(2, sequences.size(), 8, 8, 8), classes);
    }

    @Test
    void eachPhaseTrainsItsPartAlone() {
        try (Method method = method()) {
            List<Phase> phases = method.phases();
            assertEquals(
                    List.of("generator", "student"),
                    phases.stream().map(phase -> phase.leading().name()).toList());
            Map<String, Tensor> first =
                    phases.get(0).parameterGroups().get("generator").weights();
            Map<String, Tensor> second =
                    phases.get(1).parameterGroups().get("student").weights();
            assertTrue(
                    second.keySet().stream().allMatch(name -> name.startsWith("segmenter.")),
                    second.keySet().toString());
            assertEquals(method.roles().get(0).network().parameters().asMap().size(), first.size() + second.size());
            assertFalse(phases.get(0).segments());
            assertEquals(
                    List.of("student"), method.roles().stream().map(Role::name).toList());
        }
        try (Method method = method("distillation.endToEnd=true")) {
            assertTrue(method.phases().get(1).parameterGroups().get("student").weights().keySet().stream()
                    .anyMatch(name -> name.startsWith("generator.")));
        }
    }

    @Test
    void theLossesAreThoseOfTheFormula() {
        List<String> variant = List.of("distillation.endToEnd=true", "teachers=[[FLAIR, T2]]");
        try (PointerScope scope = new PointerScope();
                Method method = method(variant.toArray(String[]::new))) {
            Batch batch = batch(recipe(variant.toArray(String[]::new)).sequences());
            Map<String, Double> generator =
                    method.phases().get(0).step(batch, (group, losses) -> {}).values();
            assertEquals(generator.get("l1") + 0.5 * generator.get("dissimilarity"), generator.get("loss"), 1e-5);
            Map<String, Double> both =
                    method.phases().get(1).step(batch, (group, losses) -> {}).values();
            assertEquals(both.get("gt") + both.get("l1") + 0.5 * both.get("dissimilarity"), both.get("loss"), 1e-5);
            assertEquals(generator.get("l1"), both.get("l1"), 1e-6);
        }
        try (PointerScope scope = new PointerScope();
                Method method = method()) {
            Map<String, Double> frozen = method.phases()
                    .get(1)
                    .step(batch(recipe().sequences()), (group, losses) -> {})
                    .values();
            assertEquals(frozen.get("gt"), frozen.get("loss"));
            assertFalse(frozen.containsKey("l1"));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "network={name: unet, widths: [2, 4]} | network unet does not synthesise",
                "network.missing=ZERO | network.missing must be left out",
                "teachers=[] | teachers must be one list with the sequences that the method synthesise-first synthesises",
                "teachers=[[T1CE, FLAIR]] | teachers must name sequences that the student does not see",
                "teacherNetwork={name: unet, widths: [2, 4]} | teacherNetwork must be left out",
                "network.generatorWidths=[2] | network.generatorWidths of synthesis must be 2 numbers"
            })
    void refusesInOneLine(String override, String expected) {
        String message = assertThrows(
                        InvalidRecipeException.class,
                        () -> Recipe.load(
                                        "synthesise-first-small",
                                        override.startsWith("network=")
                                                ? List.of(override)
                                                : List.of("network.widths=[2,4]", "network.skips=1", override))
                                .build(LabelSpace.BRATS_2018, List.of(), Torch.device("cpu"))
                                .close())
                .getMessage();
        assertTrue(message.contains(expected), message);
    }
}
