package dev.preceptor.table;

import java.util.List;
import java.util.stream.IntStream;

/**
 * A table, independent of how it is written: {@link TextTable}, {@link MarkdownTable}, {@link CsvTable} and
 * {@link LatexTable} render it.
 *
 * @param caption what the table shows, and by which measure; empty for none
 * @param columns from left to right; the cells of the first column name the rows
 * @param rows from top to bottom, each with one cell for every column
 */
public record Table(String caption, List<Column> columns, List<List<TableCell>> rows) {
    /** @throws IllegalArgumentException if a row has more or fewer cells than there are columns */
    public Table {
        columns = List.copyOf(columns);
        rows = rows.stream().map(List::copyOf).toList();
        for (List<TableCell> row : rows) {
            if (row.size() != columns.size()) {
                throw new IllegalArgumentException(row.size() + " cells for " + columns.size() + " columns");
            }
        }
    }

    /** Where the cells of a column stand. Columns of numbers are set flush right and sorted by number. */
    public enum Alignment {
        LEFT,
        RIGHT
    }

    /**
     * A column.
     *
     * @param name of the quantity; may be empty
     * @param unit of its numbers, such as {@code mm}; empty for none
     * @param alignment of its cells
     */
    public record Column(String name, String unit, Alignment alignment) {
        /** A column of words. */
        public static Column words(String name) {
            return new Column(name, "", Alignment.LEFT);
        }

        /** A column of numbers without a unit. */
        public static Column numbers(String name) {
            return new Column(name, "", Alignment.RIGHT);
        }

        /** A column of numbers with a unit. */
        public static Column numbers(String name, String unit) {
            return new Column(name, unit, Alignment.RIGHT);
        }

        /** The name, followed by the unit where there is one. */
        public String heading() {
            return unit.isEmpty() ? name : name + " " + unit;
        }

        /** Whether the column holds numbers. */
        public boolean isNumeric() {
            return alignment == Alignment.RIGHT;
        }
    }

    /** A row of cells. */
    public static List<TableCell> row(TableCell... cells) {
        return List.of(cells);
    }

    /** The same table without the columns of a name. */
    public Table without(String name) {
        int[] remaining = IntStream.range(0, columns.size())
                .filter(i -> !columns.get(i).name().equals(name))
                .toArray();
        return new Table(
                caption,
                IntStream.of(remaining).mapToObj(columns::get).toList(),
                rows.stream()
                        .map(row -> IntStream.of(remaining).mapToObj(row::get).toList())
                        .toList());
    }
}
