package dev.preceptor.distill;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/**
 * Weights of the regions by what the teachers know more than the student: the Dice of the teachers on the validation subjects
 * minus that of the student there, divided by a margin and limited to 0 to 1. Before the student is validated, and without
 * validation subjects, every weight is 1.
 */
public final class RegionAdvantage {
    private static final String TEACHER = "teacher_dice";
    private static final String STUDENT = "student_dice";
    /** The state of a phase has the same length throughout, and finite numbers. */
    private static final double UNKNOWN = -1;

    private final List<Role> teachers;
    private final List<String> regions;
    private final double margin;
    private List<Double> ofTeachers;
    private List<Double> ofStudent;

    /**
     * @param teachers whose mean logits are scored
     * @param regions names of the regions
     * @param margin advantage in Dice from which on a region has its whole weight, above 0
     */
    RegionAdvantage(List<Role> teachers, List<String> regions, double margin) {
        this.teachers = List.copyOf(teachers);
        this.regions = List.copyOf(regions);
        this.margin = margin;
        this.ofTeachers = Collections.nCopies(regions.size(), UNKNOWN);
        this.ofStudent = ofTeachers;
    }

    /** The networks whose mean logits are scored on the validation subjects before the phase begins. */
    public List<Role> teachers() {
        return teachers;
    }

    /** @param dice mean Dice of the teachers over the validation subjects, by region; empty without such subjects */
    public void scoreTeachers(Map<String, Double> dice) {
        ofTeachers = inOrder(dice);
    }

    /** @param dice mean Dice of the student over the validation subjects, by region; empty without such subjects */
    public void scoreStudent(Map<String, Double> dice) {
        ofStudent = inOrder(dice);
    }

    private List<Double> inOrder(Map<String, Double> dice) {
        return regions.stream()
                .map(region -> dice.getOrDefault(region, UNKNOWN))
                .toList();
    }

    /** The weights in the order of the regions, 0 to 1. */
    List<Double> weights() {
        List<Double> weights = new ArrayList<>();
        for (int r = 0; r < regions.size(); r++) {
            boolean isKnown = ofTeachers.get(r) != UNKNOWN && ofStudent.get(r) != UNKNOWN;
            double advantage = (ofTeachers.get(r) - ofStudent.get(r)) / margin;
            weights.add(isKnown ? Math.min(Math.max(advantage, 0), 1) : 1);
        }
        return weights;
    }

    Map<String, List<Double>> state() {
        return Map.of(TEACHER, ofTeachers, STUDENT, ofStudent);
    }

    void loadState(Map<String, List<Double>> state) {
        ofTeachers = state.get(TEACHER);
        ofStudent = state.get(STUDENT);
    }
}
