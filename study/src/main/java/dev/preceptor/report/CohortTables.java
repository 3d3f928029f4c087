package dev.preceptor.report;

import dev.preceptor.cohort.CohortSummary;
import dev.preceptor.cohort.IntensityStatistics;
import dev.preceptor.cohort.SubjectStatistics;
import dev.preceptor.cohort.UnusedFile;
import dev.preceptor.table.NumberStyle;
import dev.preceptor.table.Table;
import dev.preceptor.table.TableCell;
import dev.preceptor.volume.Region;
import dev.preceptor.volume.Sequence;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The tables on the page of a cohort. Those with a row for each subject or file end after {@link #MOST_ROWS}; the JSON has all.
 *
 * @param summary what they show
 * @param views of the subjects
 * @param regions of the label maps
 */
record CohortTables(CohortSummary summary, List<SubjectView> views, List<Region> regions) {
    static final int MOST_ROWS = 500;
    private static final int MOST_NAMED = 12;
    private static final String SUBJECT = "subject";

    /** How many subjects have the same files, the largest group first. */
    Table combinations() {
        Map<String, List<SubjectView>> groups = new TreeMap<>();
        views.forEach(view -> groups.computeIfAbsent(present(view) + "|" + view.labels(), k -> new ArrayList<>())
                .add(view));
        List<List<TableCell>> rows = new ArrayList<>();
        groups.values().stream()
                .sorted(Comparator.comparingInt((List<SubjectView> group) -> group.size())
                        .reversed())
                .forEach(group -> rows.add(Table.row(
                        TableCell.of(present(group.get(0))),
                        TableCell.of(group.get(0).labels().word()),
                        TableCell.of(group.size()),
                        TableCell.of(
                                group.size() == views.size()
                                        ? "all"
                                        : named(group.stream()
                                                .map(view -> view.subject().id())
                                                .toList())))));
        return new Table(
                "Subjects with the same usable files",
                List.of(
                        Table.Column.words("sequences"),
                        Table.Column.words("labels"),
                        Table.Column.numbers("count"),
                        Table.Column.words("subjects")),
                rows);
    }

    private String present(SubjectView view) {
        String present = summary.cohort().sequences().stream()
                .filter(sequence -> view.image(sequence) == FileState.PRESENT)
                .map(Sequence::name)
                .collect(Collectors.joining(", "));
        return present.isEmpty() ? "none" : present;
    }

    /** The images of each subject: median, the range that holds 99 % of the voxels, and the number of voxels that are not 0. */
    Table intensities() {
        List<Table.Column> columns = new ArrayList<>(List.of(Table.Column.words(SUBJECT)));
        summary.cohort().sequences().forEach(sequence -> columns.add(Table.Column.numbers(sequence.name())));
        List<List<TableCell>> rows = new ArrayList<>();
        for (SubjectView view : views.subList(0, Math.min(MOST_ROWS, views.size()))) {
            List<TableCell> row =
                    new ArrayList<>(List.of(TableCell.of(view.subject().id())));
            for (Sequence sequence : summary.cohort().sequences()) {
                IntensityStatistics s = view.intensities().get(sequence);
                row.add(
                        s == null
                                ? TableCell.of(NumberStyle.TYPESET.missing())
                                : TableCell.of(IntensityPlot.number(s.p50()))
                                        .withOrder(s.p50())
                                        .withDetail(IntensityPlot.number(s.p005()) + " to "
                                                + IntensityPlot.number(s.p995())));
            }
            rows.add(row);
        }
        return new Table(
                "Median of the voxels that are not 0; below it their percentiles 0.5 and 99.5" + limited(views.size()),
                columns,
                rows);
    }

    /** The volume of each region by subject. */
    Table volumes() {
        List<SubjectStatistics> labelled = summary.fingerprint().subjects().stream()
                .filter(subject -> !subject.regionsMl().isEmpty())
                .toList();
        List<Table.Column> columns = new ArrayList<>(List.of(Table.Column.words(SUBJECT)));
        regions.forEach(region -> columns.add(Table.Column.numbers(region.name(), "ml")));
        List<List<TableCell>> rows = new ArrayList<>();
        for (SubjectStatistics subject : labelled.subList(0, Math.min(MOST_ROWS, labelled.size()))) {
            List<TableCell> row = new ArrayList<>(List.of(TableCell.of(subject.id())));
            regions.forEach(region -> row.add(TableCell.of(subject.regionsMl().getOrDefault(region, Double.NaN), 2)));
            rows.add(row);
        }
        return new Table("Volumes by subject" + limited(labelled.size()), columns, rows);
    }

    /** How many subjects have voxels of the same number, size and orientation, the largest group first. */
    Table grids() {
        Map<String, List<SubjectStatistics>> groups = new LinkedHashMap<>();
        summary.fingerprint()
                .subjects()
                .forEach(subject -> groups.computeIfAbsent(grid(subject), k -> new ArrayList<>())
                        .add(subject));
        List<List<TableCell>> rows = new ArrayList<>();
        groups.values().stream()
                .sorted(Comparator.comparingInt((List<SubjectStatistics> group) -> group.size())
                        .reversed())
                .forEach(group -> rows.add(Table.row(
                        TableCell.of(size(group.get(0))),
                        TableCell.of(spacing(group.get(0))),
                        TableCell.of(group.get(0).orientation().codes()),
                        TableCell.of(group.size()),
                        TableCell.of(
                                groups.size() == 1
                                        ? "all"
                                        : named(group.stream()
                                                .map(SubjectStatistics::id)
                                                .toList())))));
        return new Table(
                "Subjects with the same grid",
                List.of(
                        Table.Column.words("voxels"),
                        Table.Column.words("spacing mm"),
                        Table.Column.words("orientation"),
                        Table.Column.numbers("count"),
                        Table.Column.words("subjects")),
                rows);
    }

    private static String grid(SubjectStatistics subject) {
        return size(subject) + " " + spacing(subject) + " " + subject.orientation();
    }

    private static String size(SubjectStatistics subject) {
        return subject.size().x() + " \u00d7 " + subject.size().y() + " \u00d7 "
                + subject.size().z();
    }

    private static String spacing(SubjectStatistics subject) {
        return Arrays.stream(subject.spacingMm())
                .mapToObj(edge -> NumberStyle.TYPESET.number(edge, 4).replaceFirst("\\.?0+$", ""))
                .collect(Collectors.joining(" \u00d7 "));
    }

    /** The files that belong to no subject. */
    Table unused() {
        List<UnusedFile> unused = summary.cohort().unused();
        Path root = summary.cohort().root().toAbsolutePath().normalize();
        List<List<TableCell>> rows = unused.stream()
                .limit(MOST_ROWS)
                .map(file -> {
                    Path path = file.path().toAbsolutePath().normalize();
                    Path shown = path.startsWith(root) ? root.relativize(path) : path;
                    return Table.row(TableCell.of(shown.toString()), TableCell.of(file.reason()));
                })
                .toList();
        return new Table(
                "Files that belong to no subject" + limited(unused.size()),
                List.of(Table.Column.words("file"), Table.Column.words("why it is not used")),
                rows);
    }

    private static String limited(int rows) {
        return rows > MOST_ROWS ? ", the first " + MOST_ROWS + " of " + rows + " (--json has all)" : "";
    }

    private static String named(List<String> ids) {
        int left = ids.size() - MOST_NAMED;
        return String.join(", ", ids.subList(0, Math.min(MOST_NAMED, ids.size())))
                + (left > 0 ? " and " + left + " more" : "");
    }
}
