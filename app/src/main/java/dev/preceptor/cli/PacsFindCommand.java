package dev.preceptor.cli;

import dev.preceptor.base.JsonFiles;
import dev.preceptor.dicomweb.DicomWebClient;
import dev.preceptor.dicomweb.DicomWebListener;
import dev.preceptor.dicomweb.PacsInstance;
import dev.preceptor.dicomweb.PacsSeries;
import dev.preceptor.dicomweb.PacsStudy;
import dev.preceptor.dicomweb.Query;
import dev.preceptor.table.NumberStyle;
import dev.preceptor.table.Table;
import dev.preceptor.table.TableCell;
import dev.preceptor.table.TextTable;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code preceptor pacs find}: lists studies, series or instances. */
@Command(
        name = "find",
        description = "List the studies of a PACS, the series of a study or the instances of a series.",
        sortOptions = false)
final class PacsFindCommand implements Callable<Integer> {
    @Mixin
    private PacsUrl pacs;

    @Mixin
    private PacsLogin login;

    @Option(names = "--study", paramLabel = "UID", description = "List the series of this study.")
    private Optional<String> study;

    @Option(names = "--series", paramLabel = "UID", description = "With --study: list the instances of this series.")
    private Optional<String> series;

    @Option(
            names = "--date",
            paramLabel = "DATE[-DATE]",
            description = "Only studies of this day, or of these days: 20260131 or 20260101-20260131.")
    private Optional<String> date;

    @Option(
            names = "--modality",
            paramLabel = "NAME",
            description = "Only what has this modality, for example MR or SEG.")
    private Optional<String> modality;

    @Option(
            names = "--description",
            paramLabel = "TEXT",
            description = "Only what has this description; * and ? are wildcards.")
    private Optional<String> description;

    @Option(names = "--accession", paramLabel = "NUMBER", description = "Only studies with this accession number.")
    private Optional<String> accession;

    @Option(names = "--patient-id", paramLabel = "ID", description = "Only studies of this patient.")
    private Optional<String> patientId;

    @Option(names = "--limit", paramLabel = "N", description = "At most so many results (default: 100).")
    private int limit = 100;

    @Option(
            names = "--show-patients",
            description = "Also print the names and IDs of the patients, which are personal data.")
    private boolean withPatients;

    @Option(names = "--json", description = "Print JSON instead of a table.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        require();
        try (ProgressBar bar = ProgressBar.on(spec.commandLine().getErr())) {
            DicomWebListener listener = new PacsProgress(bar, "searching");
            DicomWebClient client = pacs.client(login, listener);
            List<Map<String, Object>> found;
            if (study.isEmpty()) {
                found = studies(client.studies(query("ModalitiesInStudy", "StudyDescription"), listener));
            } else if (series.isEmpty()) {
                found = series(client.series(study.get(), query("Modality", "SeriesDescription"), listener));
            } else {
                found = instances(client.instances(study.get(), series.get(), new Query(Map.of(), limit), listener));
            }
            print(found);
            if (found.size() == limit) {
                bar.line(
                        "preceptor: warning: " + limit + " results are the most that were asked for; there may be more,"
                                + " which a larger --limit shows");
            }
        }
        return 0;
    }

    private void require() {
        if (limit < 1) {
            throw usage("--limit is at least 1");
        }
        if (series.isPresent() && study.isEmpty()) {
            throw usage("--series needs --study");
        }
        if (study.isPresent() && (date.isPresent() || accession.isPresent() || patientId.isPresent() || withPatients)) {
            throw usage(
                    "--date, --accession, --patient-id and --show-patients are for a list of studies; leave out --study");
        }
        if (series.isPresent() && (modality.isPresent() || description.isPresent())) {
            throw usage("--modality and --description are for a list of studies or series; leave out --series");
        }
        if (date.isPresent() && !date.get().matches("\\d{8}|\\d{8}-(\\d{8})?|-\\d{8}")) {
            throw usage("--date is 20260131 or 20260101-20260131, not \"" + date.get() + "\"");
        }
    }

    private Query query(String modalityKeyword, String descriptionKeyword) {
        Map<String, String> conditions = new LinkedHashMap<>();
        modality.ifPresent(value -> conditions.put(modalityKeyword, value));
        description.ifPresent(value -> conditions.put(descriptionKeyword, value));
        date.ifPresent(value -> conditions.put("StudyDate", value));
        accession.ifPresent(value -> conditions.put("AccessionNumber", value));
        patientId.ifPresent(value -> conditions.put("PatientID", value));
        return new Query(conditions, limit);
    }

    private List<Map<String, Object>> studies(List<PacsStudy> studies) {
        List<Map<String, Object>> rows = new ArrayList<>();
        for (PacsStudy one : studies) {
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("study", one.uid());
            row.put("date", one.date());
            row.put("modalities", String.join(" ", one.modalities()));
            row.put("description", one.description());
            row.put("series", count(one.series()));
            row.put("instances", count(one.instances()));
            if (withPatients) {
                row.put("patientName", one.patientName().orElse(""));
                row.put("patientId", one.patientId().orElse(""));
            }
            rows.add(row);
        }
        return rows;
    }

    private static List<Map<String, Object>> series(List<PacsSeries> series) {
        List<Map<String, Object>> rows = new ArrayList<>();
        for (PacsSeries one : series) {
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("series", one.uid());
            row.put("number", count(one.number()));
            row.put("modality", one.modality());
            row.put("description", one.description());
            row.put("instances", count(one.instances()));
            rows.add(row);
        }
        return rows;
    }

    private static List<Map<String, Object>> instances(List<PacsInstance> instances) {
        List<Map<String, Object>> rows = new ArrayList<>();
        for (PacsInstance one : instances) {
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("instance", one.uid());
            row.put("number", count(one.number()));
            row.put("sopClass", one.sopClass());
            rows.add(row);
        }
        return rows;
    }

    /** A number; null where the PACS does not say it. */
    private static Integer count(OptionalInt value) {
        return value.isPresent() ? value.getAsInt() : null;
    }

    private void print(List<Map<String, Object>> rows) {
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.print(JsonFiles.text(rows));
        } else if (!rows.isEmpty()) {
            out.print(text(rows));
        }
        out.flush();
    }

    private static String text(List<Map<String, Object>> rows) {
        List<String> names = List.copyOf(rows.get(0).keySet());
        List<Integer> widths = new ArrayList<>();
        for (String name : names) {
            int width = name.length();
            for (Map<String, Object> row : rows) {
                width = Math.max(width, text(row.get(name)).length());
            }
            widths.add(width);
        }
        Table table = new Table(
                "",
                names.stream().map(Table.Column::words).toList(),
                rows.stream().map(PacsFindCommand::cells).toList());
        return new TextTable(NumberStyle.PLAIN, "  ", widths).render(table);
    }

    private static String text(Object value) {
        return value == null ? "" : value.toString();
    }

    private static List<TableCell> cells(Map<String, Object> row) {
        List<TableCell> cells = new ArrayList<>();
        row.values().forEach(value -> cells.add(TableCell.of(text(value))));
        return cells;
    }

    private ParameterException usage(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
