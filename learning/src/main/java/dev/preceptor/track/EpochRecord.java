package dev.preceptor.track;

import dev.preceptor.base.PreceptorException;
import dev.preceptor.base.Settings;
import dev.preceptor.loss.LossTerms;
import dev.preceptor.recipe.ValidationSettings;
import dev.preceptor.run.TrainingEvent;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;
import tools.jackson.databind.JsonNode;

/**
 * One line of {@code metrics.jsonl}: the metrics of an epoch.
 *
 * @param role the network that leads the phase
 * @param epoch from 1
 * @param learningRate during the epoch
 * @param seconds spent on its steps
 * @param steps optimizer steps of the epoch; 0 if the line does not tell
 * @param training mean training losses and metrics by name
 * @param validation validation losses and Dice scores by name; empty without validation
 */
public record EpochRecord(
        String role,
        int epoch,
        double learningRate,
        double seconds,
        long steps,
        Map<String, Double> training,
        Map<String, Double> validation) {

    /** @throws PreceptorException without the name of the file, if the line is not a record of an epoch */
    static EpochRecord parse(String line) {
        JsonNode tree = Settings.parse(line);
        if (!tree.path("role").isString() || !tree.path("epoch").isInt()) {
            throw new PreceptorException("it has no role and epoch");
        }
        return new EpochRecord(
                tree.path("role").stringValue(),
                tree.path("epoch").asInt(),
                number(tree.path("learning_rate")),
                number(tree.path("seconds")),
                Math.round(number(tree.path("seconds")) * number(tree.path("steps_per_second"))),
                numbers(tree.path("training")),
                numbers(tree.path("validation")));
    }

    /** The monitored loss: of the validation subjects, or of the training if there are none. */
    public double monitoredLoss(ValidationSettings.Monitor monitor) {
        return monitoredLoss(monitor, validation.isEmpty() ? training : validation);
    }

    /**
     * The monitored loss among the means of an epoch: for a network without Dice, such as a generator, the total in its
     * place. NaN if the means lack it.
     */
    public static double monitoredLoss(ValidationSettings.Monitor monitor, Map<String, Double> means) {
        OptionalDouble dice = means.entrySet().stream()
                .filter(mean -> mean.getKey().startsWith(TrainingEvent.EpochEnded.DICE))
                .mapToDouble(Map.Entry::getValue)
                .average();
        return switch (monitor) {
            case TOTAL -> LossTerms.total(means);
            case SUPERVISED -> LossTerms.supervised(means);
            case DICE -> dice.isEmpty() ? LossTerms.total(means) : 1 - dice.getAsDouble();
        };
    }

    private static Map<String, Double> numbers(JsonNode tree) {
        Map<String, Double> numbers = new LinkedHashMap<>();
        tree.properties().forEach(entry -> numbers.put(entry.getKey(), number(entry.getValue())));
        return numbers;
    }

    /** JSON has no infinity: {@link Settings#JSON} writes it, and NaN, as a string. */
    private static double number(JsonNode value) {
        return switch (value.asString("")) {
            case "Infinity" -> Double.POSITIVE_INFINITY;
            case "-Infinity" -> Double.NEGATIVE_INFINITY;
            default -> value.asDouble(Double.NaN);
        };
    }

    /** All metrics by the tag under which trackers show them, for instance {@code validation/dice_WT}. */
    Map<String, Double> scalars() {
        Map<String, Double> scalars = new LinkedHashMap<>();
        training.forEach((name, value) -> scalars.put("training/" + name, value));
        validation.forEach((name, value) -> scalars.put("validation/" + name, value));
        scalars.put("learning_rate", learningRate);
        scalars.put("seconds", seconds);
        return scalars;
    }
}
