package dev.preceptor.recipe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.preceptor.base.InvalidFileException;
import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.optim.OptimizerKind;
import dev.preceptor.optim.Schedule;
import dev.preceptor.volume.Sequence;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.ObjectNode;

class RecipeTest {
    @SuppressWarnings("unused") // read by @FieldSource
    static final List<String> BUILT_IN = RecipeLoader.builtIn();

    @Nested
    class BuiltIn {
        @ParameterizedTest
        @FieldSource("dev.preceptor.recipe.RecipeTest#BUILT_IN")
        void everyBuiltInRecipeLoads(String name) {
            Sequence student = name.contains("-t1") ? Sequence.T1 : Sequence.T1CE;
            assertEquals(List.of(student), Recipe.load(name, List.of()).inferenceInputs());
        }

        @Test
        void everyRecipeThatIsShippedIsListed() throws IOException {
            try (Stream<Path> files = Files.list(Path.of("src/main/resources/dev/preceptor/recipes"))) {
                assertEquals(
                        Stream.concat(BUILT_IN.stream(), Stream.of("defaults"))
                                .sorted()
                                .toList(),
                        files.map(file -> file.getFileName().toString())
                                .filter(name -> name.endsWith(".yaml"))
                                .map(name -> name.replace(".yaml", ""))
                                .sorted()
                                .toList());
            }
        }

        @Test
        void aRecipeWithoutABedsideDoesNotMentionIt() {
            assertFalse(Recipe.load("baseline", List.of()).toYaml().contains("bedside"));
        }

        @Test
        void kdNetHasTheValuesOfThePaper() {
            Recipe recipe = Recipe.load("kd-net", List.of());
            assertEquals(List.of(Sequence.BRATS), recipe.teachers());
            assertEquals(0.75, recipe.distillation().get("lambda").doubleValue());
            assertEquals(5, recipe.distillation().get("temperature").doubleValue());
            assertEquals(10, recipe.distillation().get("alpha").doubleValue());
            assertEquals(500, recipe.optimization().epochs());
            assertEquals(1e-4, recipe.optimization().learningRate());
            assertEquals(
                    new Schedule.Plateau(0.2, 50, 1e-4, 0, 0),
                    recipe.optimization().schedule());
            assertEquals(
                    List.of(30, 60, 120, 240, 480), recipe.networkArguments().get("widths"));
        }

        @ParameterizedTest
        @ValueSource(strings = {"", "-small"})
        void theBalancedKdNetDiffersFromTheLiteralOneInLossesSelectionAndPostProcessingAlone(String size) {
            Recipe balanced = Recipe.load(
                    "kd-net-balanced" + size,
                    List.of(
                            "distillation.supervision=COMPLEMENT",
                            "distillation.response=SOFT_DICE",
                            "distillation.temperature=5",
                            "distillation.alpha=10",
                            "validation.monitor=TOTAL",
                            "validation.on=" + (size.isEmpty() ? "FOLD" : "INNER"),
                            "validation.postProcessing=" + (size.isEmpty() ? "NONE" : "CHOOSE")));
            assertEquals(Recipe.load("kd-net" + size, List.of()).toYaml(), balanced.toYaml());
        }

        /** Where a total loss with terms of teachers would select, the literal recipes of the papers let it, and no other. */
        @ParameterizedTest
        @FieldSource("dev.preceptor.recipe.RecipeTest#BUILT_IN")
        void aRecipeWithATeacherMonitorsTheSupervisedTermUnlessItIsLiteral(String name) {
            Recipe recipe = Recipe.load(name, List.of());
            boolean isLiteral = name.matches("(kd-net|mtcm-kd(-reference|-t1)?)(-small)?");
            assertEquals(
                    recipe.teachers().isEmpty() || isLiteral
                            ? ValidationSettings.Monitor.TOTAL
                            : ValidationSettings.Monitor.SUPERVISED,
                    recipe.validation().monitor());
        }

        @ParameterizedTest
        @ValueSource(strings = {"structured-kd", "local-consistency", "pmkl", "proto-kd"})
        void aMethodWithAFrozenTeacherHasTheBudgetOfTheBalancedKdNet(String method) {
            for (String size : List.of("", "-small")) {
                ObjectNode expected = budget("kd-net-balanced" + size);
                assertEquals(expected, budget(method + size));
            }
        }

        /** A recipe without its method. */
        private static ObjectNode budget(String name) {
            ObjectNode tree = YamlTree.parse(Recipe.load(name, List.of()).toYaml());
            return tree.remove(List.of("method", "distillation"));
        }

        @Test
        void aBlockWithAnotherNameHasItsOwnDefaults() {
            Recipe recipe = Recipe.load(
                    "kd-net",
                    List.of(
                            "optimization.optimizer.name=sgd",
                            "optimization.schedule.name=poly",
                            "optimization.optimizer.momentum=0.9"));
            assertEquals(new OptimizerKind.Sgd(0.9, true), recipe.optimization().optimizer());
            assertEquals(new Schedule.Poly(0.9), recipe.optimization().schedule());
            assertTrue(recipe.toYaml().contains("momentum: 0.9"), recipe.toYaml());
        }

        @Test
        void aResolvedRecipeReadsBackAsItself(@TempDir Path folder) {
            Recipe recipe = Recipe.load(
                    "kd-net-small",
                    List.of("seed=7", "distillation.batchDice=true", "optimization.schedule.name=cosine"));
            recipe.write(folder.resolve("recipe.yaml"));
            Recipe same = Recipe.read(folder.resolve("recipe.yaml"));
            assertEquals(recipe.toYaml(), same.toYaml());
            assertEquals(recipe.hash(), same.hash());
            assertEquals(7, same.seed());
        }
    }

    @Nested
    class AnAugmentationPreset {
        @Test
        void isReplacedByItsSettings() {
            Recipe recipe = Recipe.load("kd-net", List.of("augmentation.preset=nnunet"));
            assertEquals(0.2, recipe.augmentation().rotation().probability());
            assertEquals(0.3, recipe.augmentation().gamma().probability());
            assertEquals(0, recipe.augmentation().motion().probability());
            assertFalse(recipe.toYaml().contains("preset"), recipe.toYaml());
        }

        @Test
        void isOverriddenByTheKeysBesideIt(@TempDir Path folder) throws IOException {
            Path file = Files.writeString(
                    folder.resolve("r.yaml"),
                    "method: baseline\nnetwork: {name: unet, widths: [8, 16]}\n"
                            + "augmentation: {preset: mri, motion: {probability: 0}, blur: {to: 2}}\n");
            Recipe recipe = Recipe.load(file.toString(), List.of("augmentation.noise.to=0.2"));
            assertEquals(0, recipe.augmentation().motion().probability());
            assertEquals(0.2, recipe.augmentation().blur().probability());
            assertEquals(2, recipe.augmentation().blur().to());
            assertEquals(0.2, recipe.augmentation().noise().to());
            assertEquals(0.1, recipe.augmentation().sequenceDropout());
        }

        @Test
        void inAnOverrideReplacesTheWholeBlock() {
            Recipe recipe = Recipe.load(
                    "baseline-nnunet",
                    List.of("augmentation.gamma.to=2", "augmentation.preset=none", "augmentation.blur.probability=1"));
            assertEquals(0, recipe.augmentation().gamma().probability());
            assertEquals(1.5, recipe.augmentation().gamma().to());
            assertEquals(1, recipe.augmentation().blur().probability());
        }
    }

    @Test
    void batchesAreBuiltOnTheCoresOfTheProcessThatTheNetworksLeave() {
        assertEquals(12, DataOptions.DEFAULTS.threadsBeside(16, 4));
        assertEquals(1, DataOptions.DEFAULTS.threadsBeside(4, 4));
        assertEquals(1, DataOptions.DEFAULTS.threadsBeside(4, 8));
        assertEquals(6, new DataOptions(Optional.empty(), 6).threadsBeside(4, 4));
    }

    @Nested
    class Refused {
        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                value = {
                    "sampling.batches=2 | unknown key \"sampling.batches\"",
                    "lamda=0.5 | unknown key \"lamda\"",
                    "distillation.lamda=0.5 | unknown key \"distillation.lamda\"",
                    "distillation.lambda=1.5 | distillation.lambda must be a number from 0 to 1, not 1.5",
                    "optimization.learningRate=-1 | optimization.learningRate must be above 0",
                    "optimization.epochs=many | optimization.epochs",
                    "sampling.patch=[64,64] | sampling.patch must be three extents",
                    "method=wizardry | method must be one of any-subset, baseline, kd-net, mtcm-kd, ",
                    "student=[] | student must be at least one sequence",
                    "preprocessing.stride=0 | preprocessing.stride must be a whole number from 1 to 8, not 0",
                    "overlap=1 | overlap must be a share from 0 to 0.9",
                    "distillation.outputs=VOXELS | distillation.outputs",
                    "distillation.diagnose=often | distillation.diagnose must be true or false, not \"often\"",
                    "sampling= | \"sampling=\" has no value",
                    "optimization.epochs=1.9 | optimization.epochs",
                    "optimization.schedule.name=linear | optimization.schedule.name must be one of constant, poly, cosine, plateau, not \"linear\"",
                    "optimization.schedule={power: 1} | unknown key \"optimization.schedule.power\"; known here: name, factor",
                    "optimization.schedule={name: poly, factor: 1} | unknown key \"optimization.schedule.factor\"; known here: name, power",
                    "optimization.schedule={name: poly, power: 0} | optimization.schedule.power must be above 0",
                    "optimization.schedule={name: cosine, warmup: 500} | optimization.schedule.warmup must be less than the 500 epochs of a phase",
                    "optimization.schedule={name: cosine, minimum: 1} | optimization.schedule.minimum must be below the learning rate",
                    "optimization.optimizer.name=lion | optimization.optimizer.name must be one of adam, adamw, sgd, not \"lion\"",
                    "optimization.optimizer={name: sgd, momentum: 0} | optimization.optimizer.nesterov must be false without momentum",
                    "optimization.optimizer={name: sgd, momentum: 1} | optimization.optimizer.momentum must be at least 0 and below 1",
                    "optimization.clip=-1 | optimization.clip must be 0 or a norm above it",
                    "optimization.accumulate=0 | optimization.accumulate must be a number of batches from 1",
                    "optimization.ema=1 | optimization.ema must be at least 0 and below 1",
                    "augmentation.preset=wild | augmentation.preset must be one of none, nnunet, mri, not \"wild\"",
                    "augmentation.blur.probability=2 | augmentation.blur.probability must be a probability from 0 to 1",
                    "augmentation.elastic.to=0.5 | augmentation.elastic.to must be a share from 0.0 to 0.4",
                    "augmentation.gamma={from: 2, to: 1} | augmentation.gamma.to must be a power from 0.1 to 10.0 and not below",
                    "augmentation.fog.probability=1 | unknown key \"augmentation.fog\"",
                    "teacherNetwork.widths=[8, 16] | teacherNetwork.name must be the name of a network",
                    "teacherNetwork= | \"teacherNetwork=\" has no value",
                    "nonsense | an override is key=value, not \"nonsense\"",
                })
        void anInvalidSettingIsNamedInOneLine(String override, String expected) {
            assertRefused("kd-net", List.of(override), expected);
        }

        @Test
        void aTeacherNetworkWithoutTeachersIsRefused() {
            assertRefused(
                    "baseline",
                    List.of("teacherNetwork={name: unet, widths: [8, 16]}"),
                    "teacherNetwork must be left out, because the recipe has no teachers, not {\"name\":\"unet\"");
        }

        @Test
        void anUnknownRecipeIsAnsweredWithTheBuiltInOnes() {
            assertRefused(
                    "kdnet",
                    List.of(),
                    "is neither a file nor one of the built-in recipes baseline, baseline-small, baseline-nnunet,");
        }

        @Test
        void anEmptyBlockIsNamed(@TempDir Path folder) throws IOException {
            Path file = Files.writeString(folder.resolve("empty.yaml"), "method: baseline\nsampling:\n");
            assertRefused(file.toString(), List.of(), "sampling has no value");
        }

        @Test
        void brokenYamlIsNamedWithItsLine(@TempDir Path folder) throws IOException {
            Path file = Files.writeString(folder.resolve("broken.yaml"), "method: kd-net\nstudent: [T1CE\n");
            assertRefused(file.toString(), List.of(), "is not valid YAML at line ");
        }

        @Test
        void aRepeatedKeyIsNamedWithBothLines(@TempDir Path folder) throws IOException {
            Path file = Files.writeString(
                    folder.resolve("twice.yaml"),
                    "method: baseline\nstudent: [T1CE]\nnetwork: {name: unet, widths: [16, 32]}\nstudent: [T2]\n");
            assertRefused(file.toString(), List.of(), "'student' is there twice (lines 2 and 4); keep one of them");
            assertRefused(
                    "kd-net", List.of("sampling={batch: 1, batch: 2}"), "'batch' is there twice (line 1, columns");
        }

        @Test
        void aScalarOfMegabytesIsRefusedWithoutMuchMemory(@TempDir Path folder) throws IOException {
            Path large = Files.writeString(folder.resolve("large.yaml"), "method: " + "a".repeat(8 << 20));
            Path limit = Files.writeString(folder.resolve("most.yaml"), "method: " + "a".repeat(250_000));
            ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
            long before = threads.getCurrentThreadAllocatedBytes();
            assertThrows(InvalidFileException.class, () -> Recipe.read(large));
            assertRefused(limit.toString(), List.of(), "network.name must be the name of a network");
            assertTrue(threads.getCurrentThreadAllocatedBytes() - before < 1L << 30);
        }

        @Test
        void aValueOfAnotherTypeIsNamedInPlainWords() {
            assertRefused("kd-net", List.of("optimization.epochs=many"), "optimization.epochs must be a whole number");
            assertRefused("kd-net", List.of("student=[[T1]]"), "student");
            assertRefused("kd-net", List.of("method=\"a\\nb\""), "not \"a\\u000ab\"");
        }

        private static void assertRefused(String source, List<String> overrides, String expected) {
            String message = assertThrows(InvalidRecipeException.class, () -> Recipe.load(source, overrides))
                    .getMessage();
            assertTrue(message.contains(expected), message);
            assertTrue(message.startsWith("recipe " + source), message);
            assertFalse(message.contains("\n"), message);
        }
    }
}
