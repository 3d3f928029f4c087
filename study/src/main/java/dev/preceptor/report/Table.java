package dev.preceptor.report;

import java.util.List;

/**
 * A table that its reader can sort by any column.
 *
 * @param caption what it shows, and by which measure
 * @param columns from left to right; the first heads the rows
 * @param rows each with a value for every column
 */
public record Table(String caption, List<Column> columns, List<List<TableCell>> rows) implements Block {
    public Table {
        columns = List.copyOf(columns);
        rows = rows.stream().map(List::copyOf).toList();
        for (List<TableCell> row : rows) {
            if (row.size() != columns.size()) {
                throw new IllegalArgumentException(row.size() + " values for " + columns.size() + " columns");
            }
        }
    }

    /**
     * A column.
     *
     * @param label its heading
     * @param isNumeric whether it is sorted by number and set flush right
     */
    public record Column(String label, boolean isNumeric) {
        /** Of words. */
        public static Column words(String label) {
            return new Column(label, false);
        }

        /** Of numbers. */
        public static Column numbers(String label) {
            return new Column(label, true);
        }
    }

    /** A row of values. */
    public static List<TableCell> row(TableCell... values) {
        return List.of(values);
    }

    @Override
    public void render(HtmlWriter page) {
        page.open("div", "class", "table", "tabindex", "0", "role", "region", "aria-label", caption);
        page.open("table").leaf("caption", caption).line();
        page.open("thead").open("tr");
        for (Column column : columns) {
            page.open("th", "scope", "col", "class", column.isNumeric() ? "number" : "word", "aria-sort", "none");
            page.leaf("button", column.label(), "type", "button").close();
        }
        page.close().close().line().open("tbody").line();
        for (List<TableCell> row : rows) {
            page.open("tr");
            for (int i = 0; i < row.size(); i++) {
                cell(page, row.get(i), columns.get(i), i == 0);
            }
            page.close().line();
        }
        page.close().close().close().line();
    }

    private static void cell(HtmlWriter page, TableCell tableCell, Column column, boolean heads) {
        String tag = heads ? "th" : "td";
        String look = column.isNumeric() ? "number" : "word";
        String order = column.isNumeric() ? String.valueOf(tableCell.order()) : tableCell.text();
        if (heads) {
            page.open(tag, "scope", "row", "class", look, "data-order", order);
        } else {
            page.open(tag, "class", look, "data-order", order);
        }
        page.text(tableCell.text());
        if (!tableCell.mark().isEmpty()) {
            page.text(" ").leaf("span", tableCell.mark(), "class", "mark");
        }
        if (!tableCell.detail().isEmpty()) {
            page.leaf("span", tableCell.detail(), "class", "detail");
        }
        page.close();
    }
}
