package dev.preceptor.cli;

import dev.preceptor.cohort.Cohort;
import dev.preceptor.cohort.Patients;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.recipe.SubjectSelection;
import dev.preceptor.train.Training;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a recipe can use of a cohort.
 *
 * @param recipe the name that the user gave
 * @param selection the subjects by use
 */
record RecipeFit(String recipe, SubjectSelection selection) {
    private static final int MOST_FOLDS = 5;

    /**
     * Selects the subjects as a training does.
     *
     * @throws dev.preceptor.base.PreceptorException if the recipe does not suit the labels of the cohort
     */
    static RecipeFit of(String name, Recipe recipe, Cohort cohort) {
        return new RecipeFit(name, Training.select(recipe, cohort));
    }

    /** A line for what is used, and one for each reason why subjects are left out. */
    String toText() {
        StringBuilder text = new StringBuilder("for " + recipe + ": "
                + Patients.of(selection.labelled()).counted("labelled subjects") + " are used"
                + (selection.unlabelled().isEmpty()
                        ? ""
                        : ", " + selection.unlabelled().size() + " without their labels")
                + folds() + "\n");
        selection
                .leftOut()
                .forEach(group -> text.append("  ").append(group.line()).append('\n'));
        return text.toString();
    }

    private String folds() {
        int patients = Patients.of(selection.labelled()).count();
        return patients < 2 ? ", too few for folds" : ", enough for " + Math.min(patients, MOST_FOLDS) + " folds";
    }

    /** The same for JSON. */
    Map<String, Object> toMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("recipe", recipe);
        map.put("labelled", selection.labelled());
        map.put("unlabelled", selection.unlabelled());
        Map<String, Object> leftOut = new LinkedHashMap<>();
        selection.leftOut().forEach(group -> leftOut.put(group.reason(), group.subjects()));
        map.put("left_out", leftOut);
        return map;
    }
}
