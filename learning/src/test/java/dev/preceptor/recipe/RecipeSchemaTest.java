package dev.preceptor.recipe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.fasterxml.jackson.annotation.JsonTypeName;
import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.preceptor.base.Settings;
import dev.preceptor.distill.AnySubsetOptions;
import dev.preceptor.distill.BaselineOptions;
import dev.preceptor.distill.KdNetOptions;
import dev.preceptor.distill.LocalConsistencyOptions;
import dev.preceptor.distill.MtcmKdOptions;
import dev.preceptor.distill.PmklOptions;
import dev.preceptor.distill.ProtoKdOptions;
import dev.preceptor.distill.SharedDeepOptions;
import dev.preceptor.distill.StructuredKdOptions;
import dev.preceptor.distill.SynthesiseFirstOptions;
import dev.preceptor.distill.TransferOptions;
import dev.preceptor.distill.spi.Methods;
import dev.preceptor.loss.SupervisedLoss;
import dev.preceptor.optim.OptimizerKind;
import dev.preceptor.optim.Schedule;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Validates recipes with docs/reference/recipe.schema.json and compares the schema with the records that recipes bind to. */
class RecipeSchemaTest {
    @SuppressWarnings("unused") // read by @FieldSource
    static final List<String> BUILT_IN = RecipeLoader.builtIn();

    private static final Path FILE = Path.of("../docs/reference/recipe.schema.json");
    private static final Schema SCHEMA = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
            .getSchema(schema());

    private static ObjectNode schema() {
        try {
            return (ObjectNode) Settings.JSON.readTree(Files.readString(FILE));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<String> errors(JsonNode recipe) {
        return SCHEMA.validate(recipe).stream().map(Error::toString).toList();
    }

    @Nested
    class Accepted {
        @ParameterizedTest
        @FieldSource("dev.preceptor.recipe.RecipeSchemaTest#BUILT_IN")
        void aBuiltInRecipeAsWrittenAndWithItsDefaults(String name) {
            assertEquals(List.of(), errors(RecipeLoader.builtIn(name)));
            assertEquals(
                    List.of(),
                    errors(YamlTree.parse(Recipe.load(name, List.of()).toYaml())));
        }

        @Test
        void theDefaultsAndTheAugmentationPresets() {
            assertEquals(List.of(), errors(RecipeLoader.defaults()));
            for (String preset : List.of("nnunet", "mri")) {
                ObjectNode recipe = Settings.JSON.createObjectNode();
                recipe.set("augmentation", RecipeLoader.builtIn("augmentation/" + preset));
                assertEquals(List.of(), errors(recipe), preset);
            }
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "method: logit-matching\nnetwork: {name: strided-unet, widths: [16, 32]}\ndistillation: {weight: 0.1}",
                    "method: logit-matching\nnetwork: {name: strided-unet, kernel: 5}",
                    "student: t1gd\nteachers: [FLAIR, [T1, T2], DWI]\nteacherModels: run",
                    "plan: auto",
                    "teacherNetwork: {name: resunet, widths: [8, 16], attention: CBAM}",
                    "teacherNetwork: {name: strided-unet, kernel: 5}",
                    "network: {name: nnunet, widths: [8, 16], encoder: RESIDUAL, heads: 0}",
                    "network: {name: multiresunet, widths: [8, 16], heads: 0}",
                    "augmentation: {preset: mri, blur: {to: 2}}",
                    "optimization: {schedule: {patience: 3}}",
                    "optimization: {schedule: {name: cosine, warmup: 5}, optimizer: {name: sgd, momentum: 0.9}}",
                    "distillation: {loss: {name: focal, gamma: 0}}",
                    "method: kd-net\ndistillation: {loss: [{name: dice, weight: 2}, {name: top-k}], terms: GT}",
                    "method: mtcm-kd\ndistillation: {confidence: {regions: WT}, levels: []}",
                })
        void aRecipe(String yaml) {
            assertEquals(List.of(), errors(YamlTree.parse(yaml)));
        }

        @Test
        void theExample() {
            assertEquals(List.of(), errors(YamlTree.read(Path.of("../examples/recipes/logit-matching.yaml"))));
        }
    }

    @Nested
    class Refused {
        @ParameterizedTest
        @ValueSource(
                strings = {
                    "lamda: 1",
                    "sampling: {batches: 2}",
                    "preprocessing: {stide: 2}",
                    "augmentation: {blurr: {to: 2}}",
                    "augmentation: {blur: {too: 2}}",
                    "optimization: {epoch: 2}",
                    "optimization: {schedule: {powr: 1}}",
                    "optimization: {schedule: {name: poly, factor: 1}}",
                    "optimization: {optimizer: {momentum: 0.9}}",
                    "network: {name: unet, width: [8, 16]}",
                    "network: {name: resunet, skips: 1}",
                    "network: {name: nnunet, skips: 1}",
                    "network: {name: nnunet, widths: [8, 16], encoder: DENSE}",
                    "network: {name: multiresunet, skips: 1}",
                    "network: {name: multiresunet, widths: [3, 16]}",
                    "teacherNetwork: {name: resunet, skips: 1}",
                    "distillation: {lambda: 1}",
                    "method: kd-net\ndistillation: {lamda: 1}",
                    "method: mtcm-kd\ndistillation: {response: {wait: 1}}",
                    "distillation: {loss: [{name: dice, gamma: 1}]}",
                    "distillation: {loss: {name: focal, gama: 1}}",
                })
        void aMisspeltKey(String yaml) {
            assertFalse(errors(YamlTree.parse(yaml)).isEmpty());
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "optimization: {epochs: many}",
                    "optimization: {learningRate: -1}",
                    "optimization: {schedule: {name: linear}}",
                    "sampling: {patch: [64, 64]}",
                    "preprocessing: {orientation: LLP}",
                    "student: []",
                    "plan: maybe",
                    "distillation: {loss: [{weight: 1}]}",
                    "distillation: {outputs: VOXELS}",
                })
        void anInvalidValue(String yaml) {
            assertFalse(errors(YamlTree.parse(yaml)).isEmpty());
        }
    }

    @Nested
    class TheSchema {
        @Test
        void hasTheKeysConstantsAndDefaultsOfTheRecords() {
            assertEquals(List.of(), differences(schema()));
        }

        @Test
        void withoutAKeyDiffersFromTheRecords() {
            ObjectNode schema = schema();
            ((ObjectNode) schema.at("/properties/sampling/properties")).remove("flip");
            ((ObjectNode) schema.at("/$defs/kd-net/properties")).remove("lambda");
            ((ObjectNode) schema.at("/$defs/poly/properties")).remove("power");
            assertEquals(
                    List.of("sampling.flip is missing", "poly.power is missing", "kd-net.lambda is missing"),
                    differences(schema));
        }

        @Test
        void withAnotherDefaultOrConstantDiffersFromTheRecords() {
            ObjectNode schema = schema();
            ((ObjectNode) schema.at("/properties/overlap")).put("default", 0.4);
            ((ArrayNode) schema.at("/properties/compute/properties/precision/enum")).add("FLOAT64");
            ((ObjectNode) schema.at("/properties")).putObject("obsolete");
            assertEquals(
                    List.of(
                            "compute.precision has the constants [FLOAT32, TF32, BFLOAT16, FLOAT64]",
                            "overlap has the default 0.4",
                            "obsolete is unknown"),
                    differences(schema));
        }
    }

    private static List<String> differences(ObjectNode schema) {
        Comparison comparison = new Comparison(schema, new ArrayList<>());
        comparison.record(schema, Recipe.class, RecipeLoader.defaults(), "");
        comparison.named(schema.at("/properties/optimization/properties/optimizer"), OptimizerKind.class);
        comparison.named(schema.at("/properties/optimization/properties/schedule"), Schedule.class);
        comparison.named(schema.at("/$defs/loss"), SupervisedLoss.class);
        comparison.method("any-subset", AnySubsetOptions.class);
        comparison.method("baseline", BaselineOptions.class);
        comparison.method("kd-net", KdNetOptions.class);
        comparison.method("mtcm-kd", MtcmKdOptions.class);
        comparison.method("shared-deep", SharedDeepOptions.class);
        comparison.method("synthesise-first", SynthesiseFirstOptions.class);
        comparison.method("transfer", TransferOptions.class);
        comparison.method("structured-kd", StructuredKdOptions.class);
        comparison.method("local-consistency", LocalConsistencyOptions.class);
        comparison.method("pmkl", PmklOptions.class);
        comparison.method("proto-kd", ProtoKdOptions.class);
        return comparison.differences;
    }

    private record Comparison(ObjectNode schema, List<String> differences) {
        private void method(String name, Class<?> options) {
            JsonNode defaults = Methods.named(name).resolve(Settings.JSON.createObjectNode());
            record(schema.at("/$defs/" + name), options, defaults, name + ".");
        }

        /** Compares the names of a sealed interface and the settings of each of its records. */
        private void named(JsonNode block, Class<?> type) {
            List<Class<?>> records = new ArrayList<>();
            collect(type, records);
            List<String> names = records.stream()
                    .map(record -> record.getAnnotation(JsonTypeName.class).value())
                    .toList();
            List<String> found = texts(block.at("/properties/name/enum"));
            if (!names.equals(found)) {
                differences.add(type.getSimpleName() + " has the names " + found);
            }
            for (int i = 0; i < records.size(); i++) {
                ObjectNode defaults = Settings.JSON.createObjectNode().put("name", names.get(i));
                JsonNode resolved = Settings.JSON.valueToTree(Settings.bind(defaults, type, ""));
                record(schema.at("/$defs/" + names.get(i)), records.get(i), resolved, names.get(i) + ".");
            }
        }

        private static void collect(Class<?> type, List<Class<?>> records) {
            for (Class<?> permitted : type.getPermittedSubclasses()) {
                if (permitted.isSealed()) {
                    collect(permitted, records);
                } else {
                    records.add(permitted);
                }
            }
        }

        private void record(JsonNode block, Class<?> type, JsonNode defaults, String path) {
            JsonNode properties = block.path("properties");
            Set<String> unknown = new LinkedHashSet<>(properties.propertyNames());
            for (RecordComponent component : type.getRecordComponents()) {
                unknown.remove(component.getName());
                JsonNode property = properties.path(component.getName());
                String key = path + component.getName();
                if (property.isMissingNode()) {
                    differences.add(key + " is missing");
                } else {
                    setting(property, component.getType(), defaults.path(component.getName()), key);
                }
            }
            // "name" selects the record, a preset is replaced by its settings, and every method can be diagnosed.
            unknown.removeAll(List.of("name", "preset", "diagnose"));
            unknown.forEach(key -> differences.add(path + key + " is unknown"));
        }

        private void setting(JsonNode property, Class<?> type, JsonNode value, String key) {
            if (value.isObject() && type.isRecord()) {
                record(property, type, value, key + ".");
                return;
            }
            if (type.isEnum()) {
                List<String> constants = Arrays.stream(type.getEnumConstants())
                        .map(Object::toString)
                        .toList();
                List<String> found = texts(property.path("enum")).stream()
                        .filter(text -> text.equals(text.toUpperCase(Locale.ROOT)))
                        .toList();
                if (!constants.equals(found)) {
                    differences.add(key + " has the constants " + found);
                }
            }
            boolean isListOfBlocks =
                    value.isArray() && value.path(0).isObject() && value.path(0).has("name");
            if (!value.isObject() && !isListOfBlocks && !isSame(value, property.path("default"))) {
                differences.add(key + " has the default " + property.path("default"));
            }
        }

        private static boolean isSame(JsonNode first, JsonNode second) {
            if (first.isArray() && second.isArray() && first.size() == second.size()) {
                for (int i = 0; i < first.size(); i++) {
                    if (!isSame(first.get(i), second.get(i))) {
                        return false;
                    }
                }
                return true;
            }
            return first.isNumber() && second.isNumber()
                    ? first.doubleValue() == second.doubleValue()
                    : first.equals(second);
        }

        private static List<String> texts(JsonNode list) {
            return Stream.of(list)
                    .flatMap(JsonNode::valueStream)
                    .map(JsonNode::asString)
                    .toList();
        }
    }
}
