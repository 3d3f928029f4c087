package dev.preceptor.infer;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.InvalidFileException;
import dev.preceptor.base.Settings;
import dev.preceptor.base.TextFile;
import dev.preceptor.quality.Guard;
import dev.preceptor.table.CsvTable;
import dev.preceptor.table.Table;
import dev.preceptor.table.TableCell;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;

/**
 * {@code summary.csv} of a folder of predictions: a row for each subject with its state, volumes, expected Dice and scores of guards.
 * It is rewritten after each subject from {@code predictions.json} and from what failed in this call. Not thread-safe.
 */
final class PredictionSummary {
    private static final String NAME = "summary.csv";
    private static final String FIRST_COLUMNS = "subject,status,";
    private static final int MAX_BYTES = 64 << 20;

    private final Path file;
    private final PredictionIndex index;
    private final List<String> regions;
    private final Set<String> segmented = new HashSet<>();
    private final Set<String> kept = new HashSet<>();
    private final Map<String, PredictionJob.Failure> failed = new TreeMap<>();

    /**
     * @param folder of the predictions
     * @param regions that the models predict
     * @throws InvalidFileException if the folder has a {@code summary.csv} that Preceptor did not write
     */
    PredictionSummary(Path folder, PredictionIndex index, List<String> regions) {
        this.file = folder.resolve(NAME);
        this.index = index;
        this.regions = List.copyOf(regions);
        if (Files.exists(file) && !TextFile.read(file, MAX_BYTES).startsWith(FIRST_COLUMNS)) {
            throw new InvalidFileException(
                    file,
                    "is not a summary of predictions and would be overwritten by one; move it or name another folder with"
                            + " --out");
        }
    }

    /** A subject is complete. */
    void done(String id, boolean isKept) {
        (isKept ? kept : segmented).add(id);
        write();
    }

    /** A subject was left out. A folder that does not exist yet is not made for it. */
    void failed(PredictionJob.Failure failure) {
        failed.put(failure.id(), failure);
        if (Files.isDirectory(file.toAbsolutePath().getParent())) {
            write();
        }
    }

    private void write() {
        Map<String, JsonNode> entries = index.entries();
        Set<String> ids = new TreeSet<>(entries.keySet());
        ids.addAll(failed.keySet());
        List<List<TableCell>> rows = new ArrayList<>();
        for (String id : ids) {
            rows.add(row(id, entries.get(id)));
        }
        AtomicFiles.writeString(file, CsvTable.render(new Table("Predictions", columns(), rows)));
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
        PredictionJob.Failure failure = failed.get(id);
        JsonNode record = failure == null ? entry : failureRecord(failure);
        List<TableCell> row = new ArrayList<>();
        row.add(TableCell.of(id));
        row.add(TableCell.of(status(id, failure)));
        row.add(TableCell.of(failure == null ? "" : failure.reason()));
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

    private String status(String id, PredictionJob.Failure failure) {
        if (failure != null) {
            return failure.cause() instanceof RefusedInputException ? "refused" : "failed";
        }
        return segmented.contains(id) ? "segmented" : kept.contains(id) ? "kept" : "earlier";
    }

    private static JsonNode failureRecord(PredictionJob.Failure failure) {
        return Settings.JSON.valueToTree(
                failure.cause() instanceof RefusedInputException refused
                        ? Map.of(SubjectRecord.GUARDS, SubjectRecord.guards(refused.findings()))
                        : Map.of());
    }

    private static TableCell number(JsonNode node) {
        return TableCell.of(node.isNumber() ? node.asDouble() : Double.NaN, 4);
    }
}
