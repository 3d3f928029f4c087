package dev.preceptor.report;

import dev.preceptor.base.InvalidFileException;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.base.Settings;
import dev.preceptor.base.TextFile;
import dev.preceptor.html.ColorRole;
import dev.preceptor.html.Curves;
import dev.preceptor.run.TrainingEvent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * The epochs of a run, as its {@code metrics.jsonl} holds them.
 *
 * @param epochs in the order in which they were trained
 */
public record TrainingLog(List<Epoch> epochs) {
    /** Before the name of a region, the key of its Dice on the validation subjects. */
    private static final int MOST_BYTES = 256 << 20;

    private static final String RATE = "learning rate";

    public TrainingLog {
        epochs = List.copyOf(epochs);
    }

    /**
     * An epoch of a phase.
     *
     * @param role the network that the phase trains
     * @param number from 1
     * @param learningRate at its end
     * @param seconds its steps took
     * @param steps optimizer steps; 0 if they were not read
     * @param training losses and metrics by name
     * @param validation losses and metrics by name; empty without validation
     */
    public record Epoch(
            String role,
            int number,
            double learningRate,
            double seconds,
            long steps,
            Map<String, Double> training,
            Map<String, Double> validation) {}

    /**
     * Reads the log in the folder of a run; empty if there is none.
     *
     * @throws InvalidFileException if it cannot be read, or a line is not an epoch
     */
    public static TrainingLog in(Path run) {
        Path file = run.resolve("metrics.jsonl");
        if (!Files.exists(file)) {
            return new TrainingLog(List.of());
        }
        List<Epoch> epochs = new ArrayList<>();
        for (String line : TextFile.read(file, MOST_BYTES).lines().toList()) {
            try {
                epochs.add(epoch(Settings.parse(line)));
            } catch (PreceptorException e) {
                throw new InvalidFileException(
                        file, "line " + (epochs.size() + 1) + " is no record of an epoch: it " + e.getMessage(), e);
            }
        }
        return new TrainingLog(epochs);
    }

    private static Epoch epoch(JsonNode line) {
        return new Epoch(
                line.path("role").asString(""),
                line.path("epoch").asInt(0),
                line.path("learning_rate").asDouble(Double.NaN),
                line.path("seconds").asDouble(Double.NaN),
                Math.round(line.path("seconds").asDouble(Double.NaN)
                        * line.path("steps_per_second").asDouble(Double.NaN)),
                figures(line.path("training")),
                figures(line.path("validation")));
    }

    private static Map<String, Double> figures(JsonNode tree) {
        Map<String, Double> figures = new LinkedHashMap<>();
        tree.properties().forEach(e -> figures.put(e.getKey(), e.getValue().asDouble(Double.NaN)));
        return figures;
    }

    /** The trained networks in the order of the phases. */
    public List<String> roles() {
        return epochs.stream().map(Epoch::role).distinct().toList();
    }

    /** The epochs of a role. */
    public List<Epoch> of(String role) {
        return epochs.stream().filter(epoch -> epoch.role().equals(role)).toList();
    }

    /** The names of the regions with Dice on the validation subjects. */
    public List<String> scoredRegions() {
        return epochs.stream()
                .flatMap(epoch -> epoch.validation().keySet().stream())
                .filter(name -> name.startsWith(TrainingEvent.EpochEnded.DICE))
                .map(name -> name.substring(TrainingEvent.EpochEnded.DICE.length()))
                .distinct()
                .toList();
    }

    /**
     * Panels for a role: each loss and metric, Dice on the validation subjects, the learning rate.
     *
     * @param logs by name, of trainings that differ in seed or fold; their lines share the panels
     */
    public static Curves curves(String role, Map<String, TrainingLog> logs) {
        Set<String> names = new LinkedHashSet<>();
        logs.values()
                .forEach(log -> log.of(role)
                        .forEach(epoch -> names.addAll(epoch.training().keySet())));
        logs.values()
                .forEach(log -> log.of(role)
                        .forEach(epoch -> names.addAll(epoch.validation().keySet())));
        List<Curves.Panel> panels = new ArrayList<>();
        for (String name : names) {
            boolean isScore = name.startsWith(TrainingEvent.EpochEnded.DICE);
            panels.add(new Curves.Panel(
                    isScore ? "volumetric Dice " + name.substring(TrainingEvent.EpochEnded.DICE.length()) : name,
                    isScore,
                    lines(role, name, logs)));
        }
        List<Curves.Line> rates = new ArrayList<>();
        logs.forEach((run, log) -> rates.add(new Curves.Line(
                run + ", " + RATE,
                ColorRole.BASELINE,
                log.of(role).stream()
                        .map(e -> new Curves.Point(e.number(), e.learningRate()))
                        .toList())));
        panels.add(new Curves.Panel(RATE, false, rates));
        return new Curves(panels);
    }

    private static List<Curves.Line> lines(String role, String name, Map<String, TrainingLog> logs) {
        List<Curves.Line> lines = new ArrayList<>();
        logs.forEach((run, log) -> {
            List<Curves.Point> training = points(log.of(role), name, true);
            List<Curves.Point> validation = points(log.of(role), name, false);
            if (!training.isEmpty()) {
                lines.add(new Curves.Line(run + ", training", ColorRole.TRAINING, training));
            }
            if (!validation.isEmpty()) {
                lines.add(new Curves.Line(run + ", validation", ColorRole.VALIDATION, validation));
            }
        });
        return lines;
    }

    private static List<Curves.Point> points(List<Epoch> epochs, String name, boolean ofTraining) {
        return epochs.stream()
                .filter(e -> (ofTraining ? e.training() : e.validation()).containsKey(name))
                .map(e -> new Curves.Point(e.number(), (ofTraining ? e.training() : e.validation()).get(name)))
                .toList();
    }
}
