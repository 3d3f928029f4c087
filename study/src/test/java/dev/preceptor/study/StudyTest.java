package dev.preceptor.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.phantom.PhantomCohort;
import dev.preceptor.phantom.PhantomVariant;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.recipe.RecipeLoader;
import dev.preceptor.recipe.ValidationSettings;
import dev.preceptor.train.SharedTeachers;
import dev.preceptor.train.Training;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class StudyTest {
    private static final String ARM = "arms: [{name: a, recipe: baseline-small}]\n";
    private static final String FOLDS = "folds: {count: 3}\n";

    @TempDir
    private Path folder;

    @Test
    void isArmsByFoldsBySeeds() {
        Study study = TinyStudies.study(folder, "seeds: [4, 7]\nfolds: {count: 3, run: [3, 1]}\n" + """
                arms:
                  - {name: a, recipe: baseline-small}
                  - {name: b, recipe: baseline-small, set: {network: {skips: 0}, optimization.epochs: 3}}
                """);
        assertEquals(
                List.of(
                        "a-fold3-seed4",
                        "b-fold3-seed4",
                        "a-fold1-seed4",
                        "b-fold1-seed4",
                        "a-fold3-seed7",
                        "b-fold3-seed7",
                        "a-fold1-seed7",
                        "b-fold1-seed7"),
                study.trials().stream().map(Trial::name).toList());
        Recipe recipe = study.trials().get(7).recipe();
        assertEquals(7, recipe.seed());
        assertEquals(0, recipe.network().get("skips").asInt());
        assertEquals(3, recipe.optimization().epochs());
    }

    @Test
    void isTheSameAfterWritingAndReading() {
        Study study = TinyStudies.study(folder, TinyStudies.TWO_ARMS);
        assertEquals(study, TinyStudies.study(folder, study.toYaml()));
    }

    @Test
    void findsARecipeBesideItself() throws IOException {
        Files.writeString(
                folder.resolve("mine.yaml"),
                Recipe.load("baseline-small", List.of("overlap=0.3")).toYaml());
        Study study = TinyStudies.study(folder, FOLDS + "arms: [{name: a, recipe: mine.yaml}]\n");
        assertEquals(0.3, study.trials().get(0).recipe().overlap());
    }

    @Test
    void refusesFaultsInOneLineThatNamesThem() {
        assertRefused(FOLDS + "arms: [{name: a, recipe: baseline}, {name: A, recipe: kd-net}]", "two arms named A");
        assertRefused(FOLDS + "arms: [{name: a, recipe: kd-nat}]", "arm a: recipe kd-nat: is neither a file nor one");
        assertRefused(
                FOLDS + "arms: [{name: a, recipe: baseline, set: {method: magic}}]",
                "arm a: recipe baseline: method must be one of");
        assertRefused(
                FOLDS + "arms: [{name: a, recipe: baseline, set: {optimization.epoch: 3}}]",
                "unknown key \"optimization.epoch\"");
        assertRefused(FOLDS + "arms: [{name: a, recipe: baseline, sets: {}}]", "unknown key \"arms[0].sets\"");
        assertRefused(FOLDS + "arms: [{name: a/b, recipe: baseline}]", "not \"a/b\"");
        assertRefused(FOLDS + "arms: [{name: a}]", "arm a: has no recipe");
        assertRefused(FOLDS + "arms: [{name: a, recipe: baseline, set: {seed: 3}}]", "arm a: sets seed");
        assertRefused(FOLDS + "arms: {a: baseline}", "arms must be a list");
        assertRefused(FOLDS, "has no arm");
        assertRefused(FOLDS + ARM + "seed: 1", "unknown key \"seed\"");
        assertRefused(FOLDS + ARM + "seeds: [1, 1]", "names a seed twice");
        assertRefused(FOLDS + ARM + "seeds: []", "names no seed");
        assertRefused(FOLDS + ARM + "baseline: b", "has the baseline b, which is none of its arms");
        assertRefused(
                FOLDS + "arms: [{name: a, recipe: baseline, baseline: c}]",
                "has the baseline c, which is none of its arms");
        assertRefused(FOLDS + ARM + "convention: MINE", "convention");
        assertRefused(FOLDS + ARM + "subject: b", "has the subject b, which is none of its arms");
        assertRefused(
                FOLDS + "arms: [{name: a, recipe: baseline, control: more steps}]", "has the control a and no subject");
        assertRefused(
                FOLDS + "subject: a\narms: [{name: a, recipe: baseline, control: more steps}]",
                "has the subject a as a control of itself");
        assertRefused(
                FOLDS + "arms: [{name: a, recipe: baseline, control: \"" + "x".repeat(61) + "\"}]",
                "control is a phrase of at most 60 characters");
        String taught = "arms: [{name: t, recipe: kd-net-small}, {name: b, recipe: baseline-small}, {name: s, recipe: ";
        assertRefused(FOLDS + taught + "kd-net-small, teachersOf: x}]", "teachers of x, which is none of its arms");
        assertRefused(FOLDS + taught + "kd-net-small, teachersOf: s}]", "teachers of s, which is itself");
        assertRefused(FOLDS + taught + "kd-net-small, teachersOf: b}]", "teachers of b, which trains no teachers");
        assertRefused(FOLDS + taught + "baseline-small, teachersOf: t}]", "but its recipe has no teachers");
        assertRefused(
                FOLDS + taught + "kd-net-small, teachersOf: t}, {name: u, recipe: kd-net-small, teachersOf: s}]",
                "teachers of s, which has those of t");
        assertRefused(
                FOLDS + taught + "kd-net-small, teachersOf: t, set: {teachers: [[FLAIR]]}}]",
                "and not for all of [[FLAIR]]");
        assertRefused(
                FOLDS + taught + "kd-net-small, teachersOf: t, set: {preprocessing.normalisation: RAW}}]",
                "another preprocessing");
        assertRefused(ARM + "folds: {count: 3, run: [4]}", "folds.run names fold 4, but there are folds 1 to 3");
        assertRefused(ARM + "folds: {count: 3, run: [0]}", "folds.run names fold 0");
        assertRefused(ARM + "folds: {count: 3, run: [2, 2]}", "names a fold twice");
        assertRefused(ARM + "folds: {count: 1}", "folds.count must be 2 or more");
        assertRefused(ARM, "has nothing to score");
        assertRefused(FOLDS + ARM + "phantom: {subjects: 5, unseen: 2}", "choose one of them");
        assertRefused(FOLDS + ARM + "phantom: {subjects: 2}", "more folds than phantom subjects");
        assertRefused(ARM + "phantom: {subjects: 5, unseen: 2, size: 3}", "phantom: size must be");
        assertRefused(ARM + "phantom: {subjects: 5, unseen: 2, variant: ODD}", "phantom.variant");
        assertRefused("- a\n- b", "is not a YAML block");
        assertRefused("arms: [", "is not valid YAML at line 1");
        assertRefused(
                FOLDS
                        + "arms: [{name: a, recipe: baseline}, {name: b, recipe: baseline, set: {validation.foldSeed: 2}}]",
                "different validation.foldSeed");
        assertRefused(
                FOLDS + "arms: [{name: a, recipe: baseline-small}, {name: b, recipe: baseline}]",
                "only some choose a post-processing");
    }

    @Test
    void aPhantomIsVariousUnlessTheStudySaysOtherwise(@TempDir Path other) throws IOException {
        Path file = Files.writeString(other.resolve("study.yaml"), ARM + "phantom: {subjects: 2, unseen: 1}");
        assertEquals(
                PhantomVariant.VARIOUS,
                Study.load(file.toString()).phantom().recipe().variant());
    }

    @ParameterizedTest
    @MethodSource("dev.preceptor.study.Study#builtIn")
    void everyBuiltInStudyResolves(String name) {
        assumeTrue(
                !name.equals("mtcm-kd-ablation-phantom")
                        || RecipeLoader.builtIn().contains("mtcm-kd-reference-small"),
                "skipped: this build has no small recipes of mtcm-kd");
        Study study = Study.load(name);
        assertEquals(name, study.name());
        assertTrue(study.arms().size() >= 2);
        assertEquals(
                name.endsWith("-phantom") || name.startsWith("demo"),
                study.phantom().exists());
        if (study.phantom().exists()) {
            boolean isOfAPaper = name.startsWith("kd-net") || name.startsWith("mtcm-kd");
            assertEquals(
                    isOfAPaper ? PhantomVariant.UNIFORM : PhantomVariant.VARIOUS,
                    study.phantom().variant(),
                    "docs/results.md holds its scores");
        }
        for (Trial trial : study.trials()) {
            assertEquals(
                    ValidationSettings.On.INNER,
                    trial.recipe().validation().on(),
                    "scored subjects must not drive the schedule: " + trial.name());
        }
    }

    @ParameterizedTest
    @MethodSource("dev.preceptor.study.Study#builtIn")
    void everyArmOfABuiltInStudyHasARecipeThatItsMethodAccepts(String name) {
        for (Trial trial : Study.load(name).trials()) {
            if (trial.owner().isPresent()) {
                SharedTeachers.check(trial.recipe(), trial.owner().get().recipe(), PhantomCohort.LABELS);
            } else {
                Training.check(trial.recipe(), PhantomCohort.LABELS);
            }
        }
    }

    @Test
    void anUnknownStudyIsRefusedWithTheNamesOfTheBuiltInOnes() {
        InvalidRecipeException refused = assertThrows(InvalidRecipeException.class, () -> Study.load("kd-net-table-9"));
        assertTrue(refused.getMessage().startsWith("study kd-net-table-9: is neither a file"), refused.getMessage());
        assertTrue(refused.getMessage().contains("kd-net-table-2-phantom"), refused.getMessage());
    }

    private void assertRefused(String yaml, String why) {
        InvalidRecipeException refused =
                assertThrows(InvalidRecipeException.class, () -> TinyStudies.study(folder, yaml));
        assertTrue(refused.getMessage().contains(why), refused.getMessage());
        assertTrue(refused.getMessage().startsWith("study " + folder), refused.getMessage());
        assertEquals(1, refused.getMessage().lines().count(), refused.getMessage());
    }
}
