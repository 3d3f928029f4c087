package dev.preceptor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Options that would have no effect, or are out of their range, are wrong usage, which is told before any work. */
class RefusedOptionsTest {
    @TempDir
    private Path folder;

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
                    evaluate --predictions a --references b --out c --mapping names.csv                | name these with --model
                    evaluate --predictions a --references b --out c --threads 2 --spark local[2]       | --threads has no effect with --spark
                    evaluate --predictions a --references b --out c --schema BRATS_2018 --labels l     | give one of them
                    demo --out c --unlabelled d                                                        | name the cohort with --cohort
                    demo --out c --cohort d --subjects-without-labels 4                                | leave it out with --cohort
                    demo --out c --schema BRATS_2018                                                   | name it with --cohort
                    demo --out c --threads -1                                                          | --threads must be at least 1
                    methods --no-cost --threads 2                                                      | leave it or --no-cost out
                    methods --threads 0                                                                | --threads must be at least 1, not 0
                    study teach --out c --memory 4g                                                    | give --jobs of 2 or more
                    study teach --out c --jobs 0                                                       | --jobs is at least 1, not 0
                    train baseline --cohort a --out c --fold 6/5                                       | --fold
                    train baseline --cohort a --out c --plan-only --watch 8080                         | leave them out with --plan-only
                    train baseline --cohort a --out c --spark local[2] --mlflow http://localhost:1     | leave them out with --spark
                    phantom --out c --size 8                                                           | size must be 24 to 480 voxels, not 8
                    phantom --out c --subjects 0                                                       | subjects must be 1 to 10000, not 0
                    predict --model m --input i --out c --overlap 2                                    | --overlap
                    predict --model m --input i --out c --series =                                     | --series is UID or NAME=UID
                    serve --model m --data c --rest -1                                                 | --rest is at least 0, not -1
                    serve --model m --data c --queue 0                                                 | --queue is at least 1, not 0
                    serve --model m --data c --keep-hours -1                                           | --keep-hours is at least 0, not -1
                    """)
    void areWrongUsage(String call, String reason) {
        Run run = Run.of(call.strip().split(" "));
        assertEquals(2, run.code(), run.err());
        assertTrue(run.err().startsWith("preceptor: error: ") && run.err().contains(reason), run.err());
    }

    @Test
    void aRecipeOrAFileThatDoesNotSuitIsRefusedBeforeTheCohortIsRead() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "");
        Run recipe = Run.of("cohort", "nowhere", "--for", "no-such-recipe");
        assertEquals(1, recipe.code());
        assertTrue(recipe.err().contains("no-such-recipe"), recipe.err());

        Run json = Run.of("cohort", "nowhere", "--json", folder.toString());
        assertEquals(1, json.code());
        assertTrue(json.err().contains(folder + ": is a folder; name a file"), json.err());

        Run out = Run.of("evaluate", "--predictions", "a", "--references", "b", "--out", file + "/scores");
        assertEquals(1, out.code());
        assertTrue(out.err().contains(file + " is a file; name another"), out.err());

        Run model =
                Run.of("evaluate", "--predictions", "a", "--references", "b", "--out", "c", "--model", file.toString());
        assertEquals(1, model.code());
        assertTrue(model.err().startsWith("preceptor: error: " + file + ": "), model.err());
    }
}
