package dev.preceptor.report;

import dev.preceptor.base.InvalidFileException;
import dev.preceptor.html.ColorRole;
import dev.preceptor.html.Curves;
import dev.preceptor.run.RunFolder;
import dev.preceptor.run.TrainingEvent;
import dev.preceptor.track.EpochRecord;
import dev.preceptor.track.MetricsReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The epochs of a run, as its {@code metrics.jsonl} holds them.
 *
 * @param epochs in the order in which they were trained
 */
public record TrainingLog(List<EpochRecord> epochs) {
    private static final String RATE = "learning rate";

    public TrainingLog {
        epochs = List.copyOf(epochs);
    }

    /**
     * Reads the log in the folder of a run; empty if there is none. An incomplete last line, of a training that was killed or goes
     * on, is left out.
     *
     * @throws InvalidFileException if it cannot be read, or a line is not an epoch
     */
    public static TrainingLog in(Path run) {
        MetricsReader reader = new MetricsReader(new RunFolder(run).metrics());
        List<EpochRecord> epochs = new ArrayList<>(reader.read(Integer.MAX_VALUE));
        // A damaged line ends the first call and is refused by the second.
        epochs.addAll(reader.read(Integer.MAX_VALUE));
        return new TrainingLog(epochs);
    }

    /** The trained networks in the order of the phases. */
    public List<String> roles() {
        return epochs.stream().map(EpochRecord::role).distinct().toList();
    }

    /** The epochs of a role. */
    public List<EpochRecord> of(String role) {
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
                        .map(e -> new Curves.Point(e.epoch(), e.learningRate()))
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

    private static List<Curves.Point> points(List<EpochRecord> epochs, String name, boolean ofTraining) {
        return epochs.stream()
                .filter(e -> (ofTraining ? e.training() : e.validation()).containsKey(name))
                .map(e -> new Curves.Point(e.epoch(), (ofTraining ? e.training() : e.validation()).get(name)))
                .toList();
    }
}
