package dev.preceptor.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.model.ModelFile;
import dev.preceptor.network.WatchedNetwork;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.tensor.Torch;
import dev.preceptor.volume.LabelSpace;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Methods know no network class: whole trainings with networks that no recipe of theirs names. */
@Tag("integration")
class NetworksInMethodsTest {
    @RegisterExtension
    static final TinyCohort COHORT = new TinyCohort(4);

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "baseline-small; {name: multiresunet, widths: [4, 6, 6]}; distillation.deepSupervision=1",
                "kd-net-small; {name: multiresunet, widths: [4, 6, 6]}; distillation.deepSupervision=1",
                "kd-net-small; {name: nnunet, widths: [2, 4, 4]}; teacherNetwork={name: nnunet, widths: [4, 4, 4], encoder: RESIDUAL}",
                "mtcm-kd-small; {name: multiresunet, widths: [4, 6, 6]}; teacherNetwork={name: nnunet, widths: [4, 6, 8]}",
                "transfer-small; {name: nnunet, widths: [2, 4, 4], encoder: RESIDUAL}; sampling.labelled=2",
            })
    void everyMethodTrainsEveryNetwork(String name, String network, String further, @TempDir Path folder) {
        List<String> overrides = Stream.concat(
                        Stream.of("network=" + network, further, "optimization.teacherEpochs=1"),
                        TinyRuns.OVERRIDES.stream().filter(override -> !override.startsWith("network.")))
                .toList();
        Recipe recipe = Recipe.load(name, overrides);
        TrainingResult result = TinyRuns.train(recipe, COHORT.path(), folder.resolve("run"), false, () -> false);
        assertEquals(
                network.replaceAll(".*name: (\\w+),.*", "$1"),
                ModelFile.read(result.models().get("student"))
                        .description()
                        .network()
                        .name());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "kd-net-small; teacherEnsemble.size=2; 3",
                "shared-deep-small; distillation.depth=3; 2",
                "u-hemis-small; bedside=[]; 1",
                "zero-fill-small; network.missing=REFUSE; 1",
            })
    void aMethodThatRefusesItsNetworksFreesThem(String name, String override, int built, @TempDir Path folder) {
        WatchedNetwork.during(folder, () -> {
            Recipe recipe = Recipe.load(name, List.of("network={name: watched, widths: [4, 6, 8]}", override));
            assertThrows(
                    InvalidRecipeException.class,
                    () -> recipe.build(LabelSpace.BRATS_2018, List.of(), Torch.device("cpu")));
            assertEquals(built, WatchedNetwork.built());
            assertEquals(0, WatchedNetwork.weights());
        });
    }
}
