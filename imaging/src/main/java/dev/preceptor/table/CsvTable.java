package dev.preceptor.table;

import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Renders tables as comma-separated values: a line of headings, then a line for each row with bare values. Stateless. */
public final class CsvTable {
    private CsvTable() {}

    /** The whole file, with numbers at full precision and {@code NaN} where there is none. */
    public static String render(Table table) {
        StringBuilder text = new StringBuilder(line(table.columns(), Table.Column::heading));
        table.rows().forEach(row -> text.append(line(row, TableCell::value)));
        return text.toString();
    }

    private static <T> String line(List<T> fields, Function<T, String> text) {
        return fields.stream().map(text).map(CsvTable::quoted).collect(Collectors.joining(",", "", "\n"));
    }

    private static String quoted(String field) {
        return field.matches("[^\",\n]*") ? field : '"' + field.replace("\"", "\"\"") + '"';
    }
}
