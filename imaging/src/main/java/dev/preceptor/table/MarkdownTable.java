package dev.preceptor.table;

import java.util.List;

/** Renders tables as Markdown, without their captions and with no heading over the names of the rows. Stateless. */
public final class MarkdownTable {
    private MarkdownTable() {}

    /** The headings, the line that aligns the columns, and the rows, a line each. */
    public static String render(Table table) {
        StringBuilder text = new StringBuilder("| |");
        StringBuilder alignments = new StringBuilder("|---|");
        for (Table.Column column : table.columns().subList(1, table.columns().size())) {
            text.append(' ').append(escaped(column.heading())).append(" |");
            alignments.append(column.isNumeric() ? "---:|" : "---|");
        }
        text.append('\n').append(alignments).append('\n');
        for (List<TableCell> row : table.rows()) {
            text.append('|');
            row.forEach(cell -> text.append(' ')
                    .append(escaped(cell.line(NumberStyle.PLAIN)))
                    .append(" |"));
            text.append('\n');
        }
        return text.toString();
    }

    private static String escaped(String text) {
        return text.replace("|", "\\|");
    }
}
