package dev.preceptor.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.volume.Sequence;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;

class RecipeTest {
    @SuppressWarnings("unused") // read by @FieldSource
    static final List<String> BUILT_IN = Recipe.builtIn();

    @Nested
    class BuiltIn {
        @ParameterizedTest
        @FieldSource("dev.preceptor.train.RecipeTest#BUILT_IN")
        void everyBuiltInRecipeLoads(String name) {
            Sequence student = name.contains("-t1") ? Sequence.T1 : Sequence.T1CE;
            assertEquals(List.of(student), Recipe.load(name, List.of()).student());
        }

        @Test
        void kdNetHasTheNumbersOfThePaper() {
            Recipe recipe = Recipe.load("kd-net", List.of());
            assertEquals(List.of(Sequence.BRATS), recipe.teachers());
            assertEquals(0.75, recipe.distillation().get("lambda").doubleValue());
            assertEquals(5, recipe.distillation().get("temperature").doubleValue());
            assertEquals(10, recipe.distillation().get("alpha").doubleValue());
            assertEquals(500, recipe.optimization().epochs());
            assertEquals(1e-4, recipe.optimization().learningRate());
            assertEquals(
                    new Optimization.Plateau(0.2, 50, 1e-4, 0, 0),
                    recipe.optimization().plateau());
            assertEquals(
                    List.of(30, 60, 120, 240, 480), recipe.networkArguments().get("widths"));
        }

        @Test
        void aResolvedRecipeReadsBackAsItself(@TempDir Path folder) {
            Recipe recipe = Recipe.load("kd-net-small", List.of("seed=7", "distillation.batchDice=true"));
            recipe.write(folder.resolve("recipe.yaml"));
            Recipe again = Recipe.read(folder.resolve("recipe.yaml"));
            assertEquals(recipe.toYaml(), again.toYaml());
            assertEquals(recipe.hash(), again.hash());
            assertEquals(7, again.seed());
        }
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
                    "method=wizardry | method must be one of baseline, kd-net, mtcm-kd, not \"wizardry\"",
                    "student=[] | student must be at least one sequence",
                    "preprocessing.stride=0 | preprocessing.stride must be a whole number from 1 to 8, not 0",
                    "overlap=1 | overlap must be a share from 0 to 0.9",
                    "distillation.outputs=VOXELS | distillation.outputs",
                    "sampling= | \"sampling=\" has no value",
                    "optimization.epochs=1.9 | optimization.epochs",
                    "nonsense | an override is key=value, not \"nonsense\"",
                })
        void aWrongSettingIsNamedInOneLine(String override, String expected) {
            assertRefused("kd-net", List.of(override), expected);
        }

        @Test
        void aRecipeThatIsNeitherFileNorNameListsTheNames() {
            assertRefused(
                    "kdnet",
                    List.of(),
                    "is neither a file nor one of the built-in recipes baseline, baseline-small, kd-net");
        }

        @Test
        void anEmptyBlockIsNamed(@TempDir Path folder) throws IOException {
            Path file = Files.writeString(folder.resolve("empty.yaml"), "method: baseline\nsampling:\n");
            assertRefused(file.toString(), List.of(), "sampling has no value");
        }

        @Test
        void brokenYamlIsNamedWithItsLine(@TempDir Path folder) throws IOException {
            Path file = Files.writeString(folder.resolve("broken.yaml"), "method: kd-net\nstudent: [T1CE\n");
            assertRefused(file.toString(), List.of(), "is no YAML");
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
