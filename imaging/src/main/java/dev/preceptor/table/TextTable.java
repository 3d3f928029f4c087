package dev.preceptor.table;

import java.util.ArrayList;
import java.util.List;

/**
 * Renders tables for a terminal, without their captions. A cell that is wider than its column moves the rest of its row.
 *
 * @param style of the numbers
 * @param gap between two columns
 * @param widths of the columns in characters
 */
public record TextTable(NumberStyle style, String gap, List<Integer> widths) {
    public TextTable {
        widths = List.copyOf(widths);
    }

    /** A renderer for a first column of one width and {@code others} further columns of another, without gaps. */
    public static TextTable of(NumberStyle style, int first, int others, int width) {
        List<Integer> widths = new ArrayList<>(List.of(first));
        for (int i = 0; i < others; i++) {
            widths.add(width);
        }
        return new TextTable(style, "", widths);
    }

    /** The headings and the rows, a line each. */
    public String render(Table table) {
        return render(table, "");
    }

    /**
     * The headings and the rows, a line each.
     *
     * @param remark stands behind the headings
     */
    public String render(Table table, String remark) {
        StringBuilder text = new StringBuilder();
        List<String> headings =
                table.columns().stream().map(Table.Column::heading).toList();
        text.append((line(table, headings) + remark).stripTrailing()).append('\n');
        for (List<TableCell> row : table.rows()) {
            List<String> cells = row.stream().map(cell -> cell.line(style)).toList();
            text.append(line(table, cells).stripTrailing()).append('\n');
        }
        return text.toString();
    }

    private String line(Table table, List<String> cells) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < cells.size(); i++) {
            String blanks = " ".repeat(Math.max(0, widths.get(i) - cells.get(i).length()));
            boolean isRight = table.columns().get(i).isNumeric();
            line.append(i == 0 ? "" : gap).append(isRight ? blanks + cells.get(i) : cells.get(i) + blanks);
        }
        return line.toString();
    }
}
