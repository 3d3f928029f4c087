package dev.preceptor.infer;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.InvalidFileException;
import dev.preceptor.base.TextFile;
import dev.preceptor.quality.Guard;
import dev.preceptor.table.CsvTable;
import dev.preceptor.table.Table;
import dev.preceptor.table.TableCell;
import dev.preceptor.volume.Region;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;
import tools.jackson.databind.JsonNode;

/**
 * {@code summary.csv} of a folder of predictions: a row for each subject with its state, volumes, expected Dice and scores of guards.
 * It is rewritten after each subject from {@code predictions.json} and from what failed in this call. Not thread-safe.
 */
public final class PredictionSummary {
    private static final String NAME = "summary.csv";
    private static final String FIRST_COLUMNS = "subject,status,";
    private static final int MAX_BYTES = 1 << 30;

    private final Path file;
    private final Supplier<Map<String, JsonNode>> entries;
    private final List<String> regions;
    private final Map<String, SubjectOutcome> outcomes = new TreeMap<>();

    /**
     * @param folder of the predictions
     * @param entries of {@code predictions.json}, asked for at each write
     * @param regions that the models predict
     * @throws InvalidFileException if the folder has a {@code summary.csv} that Preceptor did not write
     */
    public PredictionSummary(Path folder, Supplier<Map<String, JsonNode>> entries, List<Region> regions) {
        this.file = folder.resolve(NAME);
        this.entries = entries;
        this.regions = regions.stream().map(Region::name).toList();
        if (Files.exists(file) && !TextFile.read(file, MAX_BYTES).startsWith(FIRST_COLUMNS)) {
            throw new InvalidFileException(
                    file,
                    "is not a summary of predictions and would be overwritten by one; move it or name another folder with"
                            + " --out");
        }
    }

    /** A subject is complete. */
    void done(String id, boolean isKept) {
        outcomes.put(id, SubjectOutcome.complete(id, isKept));
        write();
    }

    /** A subject was left out. A folder that does not exist yet is not made for it. */
    void failed(PredictionJob.Failure failure) {
        outcomes.put(failure.id(), SubjectOutcome.of(failure));
        if (Files.isDirectory(file.toAbsolutePath().getParent())) {
            write();
        }
    }

    /** Writes the table of these outcomes and of the subjects of earlier calls. */
    public void write(List<SubjectOutcome> all) {
        all.forEach(outcome -> outcomes.put(outcome.id(), outcome));
        write();
    }

    private void write() {
        AtomicFiles.writeString(file, CsvTable.render(table()));
    }

    /** The table as {@link #write(List)} wrote it last. */
    public Table table() {
        Map<String, JsonNode> known = entries.get();
        Set<String> ids = new TreeSet<>(known.keySet());
        outcomes.values().stream()
                .filter(outcome -> !outcome.isComplete())
                .map(SubjectOutcome::id)
                .forEach(ids::add);
        List<List<TableCell>> rows = new ArrayList<>();
        for (String id : ids) {
            rows.add(row(id, known.get(id)));
        }
        return new Table("Predictions", columns(), rows);
    }

    private List<Table.Column> columns() {
        List<Table.Column> columns = new ArrayList<>(List.of(
                Table.Column.words("subject"),
                Table.Column.words("status"),
                Table.Column.words("reason"),
                Table.Column.words("fired"),
                Table.Column.words("accepted")));
        for (String region : regions) {
            for (String name : List.of("ml", "dice", "lower", "upper", "agreement")) {
                columns.add(Table.Column.numbers(region + "_" + name));
            }
        }
        columns.add(Table.Column.numbers("coverage"));
        columns.add(Table.Column.numbers("dice_subjects"));
        for (Guard guard : Guard.values()) {
            columns.add(Table.Column.numbers(guard.label()));
        }
        return columns;
    }

    private List<TableCell> row(String id, JsonNode entry) {
        Optional<SubjectOutcome> outcome = Optional.ofNullable(outcomes.get(id));
        JsonNode record = outcome.filter(known -> !known.isComplete())
                .map(SubjectOutcome::record)
                .orElse(entry);
        List<TableCell> row = new ArrayList<>();
        row.add(TableCell.of(id));
        row.add(TableCell.of(outcome.map(known -> known.status().name().toLowerCase(Locale.ROOT))
                .orElse("earlier")));
        row.add(TableCell.of(outcome.map(SubjectOutcome::reason).orElse("")));
        List<String> fired = new ArrayList<>();
        record.path(SubjectRecord.GUARDS).properties().forEach(guard -> {
            if (guard.getValue().path("fires").asBoolean(false)) {
                fired.add(guard.getKey());
            }
        });
        List<String> accepted = new ArrayList<>();
        record.path(SubjectRecord.ACCEPTED).forEach(guard -> accepted.add(guard.asString("")));
        row.add(TableCell.of(String.join(" ", fired)));
        row.add(TableCell.of(String.join(" ", accepted)));
        for (String region : regions) {
            JsonNode dice = record.path(SubjectRecord.DICE).path(region);
            row.add(number(record.path(SubjectRecord.VOLUMES).path(region)));
            for (String name : List.of("expected", "lower", "upper", "agreement")) {
                row.add(number(dice.path(name)));
            }
        }
        JsonNode first = record.path(SubjectRecord.DICE).path(regions.get(0));
        row.add(number(first.path("coverage")));
        row.add(number(first.path("subjects")));
        for (Guard guard : Guard.values()) {
            row.add(number(record.path(SubjectRecord.GUARDS).path(guard.label()).path("score")));
        }
        return row;
    }

    private static TableCell number(JsonNode node) {
        return TableCell.of(node.isNumber() ? node.asDouble() : Double.NaN, 4);
    }
}
