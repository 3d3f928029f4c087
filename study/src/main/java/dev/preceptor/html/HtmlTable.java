package dev.preceptor.html;

import dev.preceptor.table.NumberStyle;
import dev.preceptor.table.Table;
import dev.preceptor.table.TableCell;
import java.util.List;

/**
 * A table on a page; its reader can sort it by any column.
 *
 * @param table what it shows
 */
public record HtmlTable(Table table) implements Block {
    private static final NumberStyle STYLE = NumberStyle.TYPESET;

    @Override
    public void render(HtmlWriter page) {
        page.open("div", "class", "table", "tabindex", "0", "role", "region", "aria-label", table.caption());
        page.open("table").leaf("caption", table.caption()).line();
        page.open("thead").open("tr");
        for (Table.Column column : table.columns()) {
            page.open("th", "scope", "col", "class", look(column), "aria-sort", "none");
            page.leaf("button", column.heading(), "type", "button").close();
        }
        page.close().close().line().open("tbody").line();
        for (List<TableCell> row : table.rows()) {
            page.open("tr");
            for (int i = 0; i < row.size(); i++) {
                cell(page, row.get(i), table.columns().get(i), i == 0);
            }
            page.close().line();
        }
        page.close().close().close().line();
    }

    private static void cell(HtmlWriter page, TableCell cell, Table.Column column, boolean isHeading) {
        String order = column.isNumeric() ? String.valueOf(cell.order()) : cell.text(STYLE);
        if (isHeading) {
            page.open("th", "scope", "row", "class", look(column), "data-order", order);
        } else {
            page.open("td", "class", look(column), "data-order", order);
        }
        content(page, cell);
        page.close();
    }

    private static void content(HtmlWriter page, TableCell cell) {
        if (cell instanceof TableCell.Joined joined) {
            content(page, joined.first());
            page.text(joined.between());
            content(page, joined.second());
            return;
        }
        page.text(cell.text(STYLE));
        if (!cell.mark().isEmpty()) {
            page.text(" ").leaf("span", cell.mark(), "class", "mark");
        }
        if (!cell.detail(STYLE).isEmpty()) {
            page.leaf("span", cell.detail(STYLE), "class", "detail");
        }
    }

    private static String look(Table.Column column) {
        return column.isNumeric() ? "number" : "word";
    }
}
