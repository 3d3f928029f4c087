package dev.preceptor.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.recipe.Recipe;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecipeTextTest {
    private static String arms(String recipe, String ofA, String ofB) {
        Map<String, Recipe> recipes = new LinkedHashMap<>();
        recipes.put("a", Recipe.load(recipe, List.of(ofA.split(";"))));
        recipes.put("b", Recipe.load(recipe, List.of(ofB.split(";"))));
        return RecipeText.of(recipes);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            sampling.labelled=5                 | sampling.labelled=10
            sampling.labelled=0                 | sampling.labelled=10
            sampling.unlabelled.share=0.5       | sampling.unlabelled.share=0
            sampling.unlabelled.subjects=60     | sampling.unlabelled.subjects=20
            start=teacher                       | start=fresh
            start=first.safetensors             | start=second.safetensors
            teacherEnsemble.size=1              | teacherEnsemble.size=3
            augmentation.preset=mri             | augmentation.preset=nnunet
            augmentation.gamma.probability=0.1  | augmentation.gamma.probability=0.2
            augmentation.sequenceDropout=0      | augmentation.sequenceDropout=0.2
            bedside=[]                          | bedside=[T1CE]
            compute.precision=FLOAT32           | compute.precision=BFLOAT16
            validation={fraction: 0.2, postProcessing: CHOOSE} | validation={fraction: 0.2, postProcessing: NONE}
            optimization.schedule={name: plateau, minimum: 1.0e-5} | optimization.schedule={name: plateau, minimum: 1.0e-6}
            validation.foldSeed=1               | validation.foldSeed=2
            checkpointEvery=1                   | checkpointEvery=7
            teacherModels=[first.safetensors]   | teacherModels=[second.safetensors]
            """)
    void armsThatDifferInOneSettingAreDescribedByTheirNames(String ofA, String ofB) {
        String text = arms("transfer-small", ofA, ofB);
        assertTrue(text.contains("In a: ") && text.contains("In b: "), text);
    }

    @Test
    void aNumberOfLabelsIsASentence() {
        String text = arms("transfer-small", "sampling.labelled=5", "sampling.labelled=40");
        assertTrue(text.contains("In a: Labels of 5 training subjects, drawn by the seed, were used"), text);
        assertTrue(text.contains("In b: Labels of 40 training subjects, drawn by the seed, were used"), text);
    }

    @Test
    void settingsWithoutASentenceAreListedWhereTheyDiffer() {
        String text = arms("baseline-small", "checkpointEvery=1", "checkpointEvery=7");
        assertTrue(text.contains("In a: Other settings: checkpointEvery 1."), text);
        assertTrue(text.contains("In b: Other settings: checkpointEvery 7."), text);
        assertFalse(text.contains("foldSeed"), "what is common is not listed: " + text);
    }

    @Test
    void aLossIsSaidToDriveTheScheduleOnlyWhereItDoes() {
        String plateau = RecipeText.of(Recipe.load("kd-net-small", List.of("validation.fraction=0")));
        assertTrue(plateau.contains("There was no validation; the training loss drove the schedule;"), plateau);
        String cosine = RecipeText.of(Recipe.load("transfer-small", List.of()));
        assertTrue(cosine.contains("There was no validation; the weights of the last epoch were taken."), cosine);
    }

    @Test
    void epochsOfTeachersAreToldWhereTeachersAreTrained() {
        String none = RecipeText.of(Recipe.load("baseline-small", List.of("optimization.teacherEpochs=20")));
        assertFalse(none.contains("teachers trained first"), none);
        String one = RecipeText.of(Recipe.load("transfer-small", List.of("optimization.teacherEpochs=20")));
        assertTrue(one.contains("ran for 30 epochs (teachers trained first: 20)"), one);
    }

    @Test
    void equalRecipesHaveOneText() {
        String text = arms("transfer-small", "sampling.labelled=5", "sampling.labelled=5");
        assertFalse(text.contains("In a"), text);
        assertEquals(RecipeText.of(Recipe.load("transfer-small", List.of("sampling.labelled=5"))), text);
    }
}
