package dev.preceptor.report;

import dev.preceptor.base.JsonFiles;
import dev.preceptor.html.Block;
import dev.preceptor.html.HtmlTable;
import dev.preceptor.html.Page;
import dev.preceptor.html.Snippet;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.recipe.ValidationSettings;
import dev.preceptor.run.RunDescription;
import dev.preceptor.run.TrainingEvent;
import dev.preceptor.table.Table;
import dev.preceptor.table.TableCell;
import dev.preceptor.track.EpochRecord;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** The report of a run, made from the files in its folder. Stateless. */
public final class RunReport {
    private RunReport() {}

    /**
     * Writes {@code report/index.html} into the folder of a run.
     *
     * @return the file
     * @throws dev.preceptor.base.InvalidFileException if a file of the run is missing or broken
     */
    public static Path write(Path run) {
        return page(run).write(run);
    }

    static Page page(Path run) {
        JsonNode described = JsonFiles.read(run.resolve("run.json"));
        Recipe recipe = Recipe.read(run.resolve("recipe.yaml"));
        TrainingLog log = TrainingLog.in(run);
        List<Page.Section> sections = new ArrayList<>();
        sections.add(new Page.Section("Result", outcome(log, recipe.validation().monitor())));
        List<Block> curves = new ArrayList<>();
        curves.add(new Block.Note("Blue is training, orange validation; each panel has its own scale."));
        for (String role : log.roles()) {
            curves.add(new Block.Details(role, true, List.of(TrainingLog.curves(role, Map.of(role, log)))));
        }
        sections.add(new Page.Section("Learning curves", curves));
        sections.add(new Page.Section("Methods", List.of(new Block.Note(RecipeText.of(recipe)), methods(recipe))));
        sections.add(new Page.Section("Subjects", subjects(described.path("split"))));
        Path name = run.toAbsolutePath().normalize().getFileName();
        return ReportPages.of("run", String.valueOf(name), facts(described, recipe), List.of(), sections);
    }

    private static Block methods(Recipe recipe) {
        return new Snippet("The whole recipe", recipe.toYaml());
    }

    private static List<Page.Fact> facts(JsonNode described, Recipe recipe) {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("state", described.path("state").asString(""));
        facts.put("method", recipe.method());
        facts.put("cohort", described.path("cohort").asString(""));
        facts.put("fingerprint", described.path("cohortFingerprint").asString(""));
        facts.put("labels", described.path("schema").asString(""));
        facts.put("fold", described.path("fold").asString(""));
        facts.put("seed", described.path("seed").asString(""));
        facts.put(
                "device",
                described.path("device").asString("") + ", threads "
                        + described.path("threads").asInt(0));
        facts.put("started", seconds(described.path("started").asString("")));
        facts.put("ended", seconds(described.path("ended").asString("")));
        facts.put("code", code(described));
        facts.put("recipe", described.path("recipe").asString(""));
        return facts.entrySet().stream()
                .filter(fact -> !fact.getValue().isEmpty())
                .map(fact -> new Page.Fact(fact.getKey(), fact.getValue()))
                .toList();
    }

    /** All builds that trained parts of the run; a run of an earlier version has but one. */
    private static String code(JsonNode described) {
        List<String> builds = new ArrayList<>();
        described.path("builds").forEach(build -> builds.add(build.asString()));
        return builds.isEmpty()
                ? RunDescription.build(
                        described.path("version").asString(""),
                        described.path("commit").asString(""))
                : String.join("; ", builds);
    }

    private static String seconds(String instant) {
        return instant.replaceFirst("T(\\d\\d:\\d\\d:\\d\\d)(\\.\\d+)?Z$", " $1 UTC");
    }

    private static List<Block> outcome(TrainingLog log, ValidationSettings.Monitor monitor) {
        if (log.epochs().isEmpty()) {
            return List.of(new Block.Note("No epoch has ended yet."));
        }
        List<String> regions = log.scoredRegions();
        List<List<TableCell>> rows = new ArrayList<>();
        for (String role : log.roles()) {
            List<EpochRecord> epochs = log.of(role);
            EpochRecord best = epochs.get(0);
            for (EpochRecord epoch : epochs) {
                best = epoch.monitoredLoss(monitor) < best.monitoredLoss(monitor) ? epoch : best;
            }
            EpochRecord last = epochs.get(epochs.size() - 1);
            double seconds = epochs.stream().mapToDouble(EpochRecord::seconds).sum();
            List<TableCell> row = new ArrayList<>(List.of(
                    TableCell.of(role),
                    TableCell.of(epochs.size()),
                    TableCell.of(seconds / 60, 1),
                    TableCell.of(last.training().getOrDefault("loss", Double.NaN), 4),
                    TableCell.of(best.monitoredLoss(monitor), 4),
                    TableCell.of(best.epoch())));
            for (String region : regions) {
                row.add(TableCell.of(
                        best.validation().getOrDefault(TrainingEvent.EpochEnded.DICE + region, Double.NaN), 3));
            }
            rows.add(row);
        }
        List<Table.Column> columns = new ArrayList<>(List.of(
                Table.Column.words("network"),
                Table.Column.numbers("epochs"),
                Table.Column.numbers("minutes"),
                Table.Column.numbers("last training loss"),
                Table.Column.numbers("lowest monitored loss"),
                Table.Column.numbers("in epoch")));
        regions.forEach(region -> columns.add(Table.Column.numbers(region)));
        return List.of(
                new HtmlTable(new Table(
                        "Volumetric Dice on the validation subjects, on the grid of the model, in the epoch with the"
                                + " lowest monitored loss",
                        columns,
                        rows)),
                new Block.Note(
                        "The validation subjects drove the schedule and may have selected the weights: these scores"
                                + " describe the training, not unseen patients. The monitored loss is "
                                + switch (monitor) {
                                    case TOTAL -> "the total loss";
                                    case SUPERVISED -> "the supervised term of the loss";
                                    case DICE -> "one minus the mean Dice";
                                }
                                + " on the validation subjects, or in training if there are none."));
    }

    private static List<Block> subjects(JsonNode split) {
        List<Block> blocks = new ArrayList<>();
        for (Map.Entry<String, JsonNode> part : split.properties()) {
            List<String> ids = new ArrayList<>();
            part.getValue().forEach(id -> ids.add(id.asString("")));
            String name = part.getKey().equals("heldOut") ? "held out" : part.getKey();
            blocks.add(new Block.Details(
                    ids.size() + " " + name,
                    false,
                    List.of(new Block.Note(ids.isEmpty() ? "none" : String.join(", ", ids)))));
        }
        return blocks;
    }
}
