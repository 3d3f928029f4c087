package dev.preceptor.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.network.Computation.Convolutions;
import dev.preceptor.recipe.Recipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which algorithm of convolutions a run resumes with. */
class BegunRecipeTest {
    @Test
    void aRecipeConvolvesByWinogradUnlessItSaysOtherwise() {
        assertEquals(
                Convolutions.WINOGRAD,
                Recipe.load("baseline", List.of()).compute().convolutions());
    }

    @Test
    void aRunFromBeforeThereWasAChoiceIsResumedWithDirectConvolutionsOnly(@TempDir Path folder) throws IOException {
        Recipe direct = Recipe.load("baseline", List.of("compute.convolutions=DIRECT"));
        Path file = folder.resolve("recipe.yaml");
        String[] lines = direct.toYaml().split("\n");
        Files.write(
                file,
                List.of(lines).stream()
                        .filter(line -> !line.contains("convolutions:"))
                        .toList());
        assertEquals(lines.length - 1, Files.readAllLines(file).size());
        assertEquals(direct, Recipe.readBegun(file));
        direct.write(file);
        assertEquals(direct, Recipe.readBegun(file));
        Recipe winograd = Recipe.load("baseline", List.of());
        String message = assertThrows(RuntimeException.class, () -> new RunFolder(folder).requireResumable(winograd))
                .getMessage();
        assertTrue(message.contains("compute.convolutions is \"DIRECT\""), message);
    }
}
