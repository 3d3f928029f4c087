package dev.preceptor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.model.ModelFile;
import dev.preceptor.model.Models;
import dev.preceptor.model.Scores;
import dev.preceptor.network.TargetEncoding;
import dev.preceptor.testing.TestFiles;
import dev.preceptor.volume.Sequence;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImportCommandTest {
    private static final String WEIGHTS =
            TestFiles.of("learning", "golden/import.safetensors").toString();

    @TempDir
    private Path folder;

    private Path like;
    private Path out;

    @BeforeEach
    void writeModel() {
        like = folder.resolve("like.safetensors");
        out = folder.resolve("out.safetensors");
        Models.random(Models.description(List.of(2, 4, 8), TargetEncoding.REGIONS, Sequence.T1CE), 3)
                .write(like);
    }

    private Run run(Path names) {
        return Run.of(
                "import",
                "--weights",
                WEIGHTS,
                "--like",
                like.toString(),
                "--names",
                names.toString(),
                "--ignore",
                "expected.*",
                "--out",
                out.toString());
    }

    @Test
    void weightsOfPyTorchBecomeAModelOrAreRefusedInOneLine() throws IOException {
        Path names = Files.writeString(
                folder.resolve("names.json"),
                "{\"encoder.*.*.*.*\": \"net.down.*.unit*.*.*\", \"head.*\": \"net.out.*\"}");
        Run refused = run(names);
        assertEquals(1, refused.code());
        assertEquals(1, refused.errorLines().size(), refused.err());
        assertTrue(refused.err().contains("16 missing (decoder."), refused.err());
        assertTrue(!Files.exists(out));

        Files.writeString(
                names,
                "{\"encoder.*.*.*.*\": \"net.down.*.unit*.*.*\", \"decoder.*.*.*.*\": \"net.up.*.unit*.*.*\","
                        + " \"head.*\": \"net.out.*\"}");
        Run made = run(names);
        assertEquals(0, made.code(), made.err());
        assertEquals(out.toString(), made.out().strip());
        assertTrue(made.err().contains("arrays were converted to float32"), made.err());
        assertTrue(Run.of("inspect", out.toString()).out().contains("imported import.safetensors"));

        Run again = run(names);
        assertEquals(1, again.code());
        assertTrue(again.err().contains("exists; give --out another name"), again.err());
    }

    private Run importAs(String... described) {
        List<String> arguments = new ArrayList<>(List.of(
                "import",
                "--weights",
                WEIGHTS,
                "--names",
                folder.resolve("names.json").toString(),
                "--ignore",
                "expected.*",
                "--out",
                out.toString()));
        arguments.addAll(List.of(described));
        return Run.of(arguments.toArray(String[]::new));
    }

    private static void assertRefused(Run run, int code, String part) {
        assertEquals(code, run.code(), run.err());
        assertEquals(1, run.errorLines().size(), run.err());
        assertTrue(run.err().contains(part), run.err());
    }

    @Test
    void aRecipeDescribesTheNetworkAsAModelDoes() throws IOException {
        Files.writeString(
                folder.resolve("names.json"),
                "{\"encoder.*.*.*.*\": \"net.down.*.unit*.*.*\", \"decoder.*.*.*.*\": \"net.up.*.unit*.*.*\","
                        + " \"head.*\": \"net.out.*\"}");
        String recipe = Files.writeString(
                        folder.resolve("unet.yaml"),
                        "method: baseline\nnetwork: {name: unet, widths: [2, 4, 8], skips: 2}\nsampling: {patch: [16, 16, 16]}\n")
                .toString();
        assertRefused(importAs("--recipe", recipe), 1, "give --schema NAME or --labels FILE");
        assertRefused(importAs("--recipe", "baseline-small", "--schema", "BRATS_2018"), 1, " of another shape (");
        String planned = Files.writeString(
                        folder.resolve("planned.yaml"),
                        "method: baseline\nnetwork: {name: unet, widths: [2, 4, 8]}\nplan: AUTO\n")
                .toString();
        assertRefused(importAs("--recipe", planned, "--schema", "BRATS_2018"), 1, planned + ": plan is AUTO");
        assertRefused(
                importAs("--like", like.toString(), "--schema", "BRATS_2018"), 1, "the model says what its labels are");
        assertRefused(importAs(), 2, "--recipe");
        assertTrue(!Files.exists(out));

        Run made = importAs("--recipe", recipe, "--schema", "BRATS_2018");
        assertEquals(0, made.code(), made.err());
        ModelFile ofRecipe = ModelFile.read(out);
        Files.delete(out);
        assertEquals(0, importAs("--like", like.toString()).code());
        ModelFile ofModel = ModelFile.read(out);
        assertEquals(
                ofModel.description().network().name(),
                ofRecipe.description().network().name());
        assertEquals(ofModel.weights().keySet(), ofRecipe.weights().keySet());
        ofModel.weights()
                .forEach((name, array) ->
                        assertEquals(array.bytes(), ofRecipe.weights().get(name).bytes(), name));
        assertEquals(Scores.NONE, ofRecipe.description().scores());
    }
}
