package dev.preceptor.run;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.preceptor.base.Settings;
import dev.preceptor.optim.Schedule.Plateau;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The plateau schedule (PyTorch's ReduceLROnPlateau), and the state as JSON. */
class RunStateTest {
    @Test
    void theRateFallsAfterMoreEpochsWithoutImprovementThanThePatience() {
        Plateau settings = new Plateau(0.2, 2, 1e-4, 0, 0);
        double[] losses = {1, 0.9, 0.9, 0.9, 0.9, 0.8, 0.79999, 0.79999, 0.79999, 0.79999, 0.79999, 0.79999};
        assertEquals(List.of(4, 8, 11), epochsOfReduction(settings, losses));
    }

    @Test
    void anImprovementBelowTheRelativeThresholdDoesNotCount() {
        Plateau settings = new Plateau(0.5, 0, 0.01, 0, 0);
        assertEquals(List.of(1), epochsOfReduction(settings, 1, 0.995, 0.98));
    }

    @Test
    void aStateIsReadFromJsonAsItWasWritten() {
        RunState state = new RunState(
                1,
                12,
                4,
                new RunState.Epoch(2, 3, Map.of("loss", 0.1 + 0.2), 1.5, 0.25),
                new RunState.PlateauState(null, 1),
                new RunState.Best(0.25, 2, Map.of("dice_WT", 0.5)),
                new RunState.Lowest(0.2, 1),
                Map.of("student", new RunState.OptimizerState(1e-4)),
                Map.of("weights", List.of(0.1, 1.0 / 3)),
                Map.of("teacher", Map.of("dice_WT", 0.75)));
        String json = Settings.JSON.writeValueAsString(state);
        assertEquals(state, Settings.JSON.readValue(json, RunState.class));
    }

    private static List<Integer> epochsOfReduction(Plateau settings, double... losses) {
        List<Integer> reductions = new ArrayList<>();
        RunState.PlateauState plateauState = RunState.PlateauState.NONE;
        for (int epoch = 0; epoch < losses.length; epoch++) {
            plateauState = plateauState.after(losses[epoch], settings);
            if (plateauState.isDue(settings)) {
                reductions.add(epoch);
                plateauState = plateauState.restarted();
            }
        }
        return reductions;
    }
}
