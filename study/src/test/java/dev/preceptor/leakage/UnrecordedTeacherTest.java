package dev.preceptor.leakage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.cohort.Cohort;
import dev.preceptor.cohort.SubjectContent;
import dev.preceptor.model.ModelDescription;
import dev.preceptor.model.ModelFile;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.run.TrainingEvent;
import dev.preceptor.run.TrainingJob;
import dev.preceptor.train.TinyRuns;
import dev.preceptor.train.Training;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Students of a teacher whose file does not record its training subjects, as models of other programs do not. */
@Tag("integration")
class UnrecordedTeacherTest {
    @TempDir
    private Path folder;

    private final List<String> notices = new ArrayList<>();

    @Test
    void leakageThroughItIsUnknownForEveryModelOfTheRunAndForTheirStudents() {
        Path cohort = TinyRuns.cohort(folder.resolve("cohort"), 4);
        Path first = train("kd-net-small", cohort, "first");
        Path teacher =
                withoutProvenance(first.resolve("models/teacher.safetensors"), folder.resolve("public.safetensors"));
        Path second = train("kd-net-small", cohort, "second", "teacherModels=" + teacher);
        Path third = train("kd-net-small", cohort, "third", "teacherModels=" + second);

        assertEquals(List.of(), leakage(cohort, first).silent());
        for (Path run : List.of(second, third)) {
            Leakage found = leakage(cohort, run);
            assertEquals(List.of("student", "teacher"), found.silent());
            assertEquals(8, found.leaks().size(), "the recorded subjects are found all the same");
            assertTrue(
                    found.warnings()
                            .contains("student does not record its training subjects, or those of its teachers;"
                                    + " leakage through it cannot be found"),
                    found.warnings().toString());
        }
        assertEquals(
                List.of(
                        teacher + " does not record the subjects it was trained on; a leak through it cannot be found",
                        second.resolve("models/teacher.safetensors")
                                + " does not record the subjects of its teachers (public.safetensors); a leak through it"
                                + " cannot be found"),
                notices);
    }

    private Path train(String recipe, Path cohort, String name, String... settings) {
        Path run = folder.resolve(name);
        Recipe resolved = TinyRuns.recipe(recipe, settings);
        Training.run(
                new TrainingJob(resolved, cohort, run, Optional.empty(), false, "cpu", 1),
                event -> {
                    if (event instanceof TrainingEvent.Notice notice
                            && notice.line().contains("record")) {
                        notices.add(notice.line());
                    }
                },
                () -> false);
        return run;
    }

    private static Leakage leakage(Path cohort, Path run) {
        return Leakage.of(
                Map.of(
                        "student", run.resolve("models/student.safetensors"),
                        "teacher", run.resolve("models/teacher.safetensors")),
                Cohort.open(cohort).subjects().stream().map(SubjectContent::of).toList(),
                NameMapping.NONE);
    }

    private static Path withoutProvenance(Path model, Path copy) {
        ModelFile file = ModelFile.read(model);
        ModelDescription known = file.description();
        new ModelFile(
                        new ModelDescription(
                                known.network(),
                                known.inputs(),
                                known.outputs(),
                                known.schema(),
                                known.preprocessing(),
                                known.patch(),
                                known.overlap(),
                                Map.of(),
                                known.scores(),
                                known.postProcessing(),
                                known.reliability(),
                                known.bedside()),
                        file.card(),
                        file.weights())
                .write(copy);
        return copy;
    }
}
