package dev.preceptor.table;

import java.util.List;
import java.util.stream.Collectors;

/** Renders tables for papers, with the rules of LaTeX's package booktabs. Stateless. */
public final class LatexTable {
    private LatexTable() {}

    /**
     * The values of a table without their details, in an environment with the caption. A dagger stands for a mark, and a line
     * below the table says what it means.
     */
    public static String render(Table table) {
        StringBuilder text = new StringBuilder("% \\usepackage{booktabs}\n\\begin{table}\n\\centering\n");
        text.append("\\caption{").append(escaped(table.caption())).append("}\n\\begin{tabular}{");
        table.columns().forEach(column -> text.append(column.isNumeric() ? 'r' : 'l'));
        text.append("}\n\\toprule\n");
        text.append(line(table.columns().stream().map(Table.Column::heading).toList()));
        text.append("\\midrule\n");
        boolean isMarked = false;
        for (List<TableCell> row : table.rows()) {
            text.append(line(row.stream().map(LatexTable::text).toList()));
            isMarked |= row.stream().anyMatch(cell -> !cell.mark().isEmpty());
        }
        text.append("\\bottomrule\n\\end{tabular}\n");
        if (isMarked) {
            text.append("\\\\ $\\dagger$ scores include subjects that a network was trained on (leakage)\n");
        }
        return text.append("\\end{table}\n").toString();
    }

    private static String text(TableCell cell) {
        return cell.text(NumberStyle.TYPESET) + (cell.mark().isEmpty() ? "" : "\u2020");
    }

    private static String line(List<String> cells) {
        return cells.stream().map(LatexTable::escaped).collect(Collectors.joining(" & ")) + " \\\\\n";
    }

    private static String escaped(String text) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '\\' -> out.append("\\textbackslash{}");
                case '&', '%', '$', '#', '_', '{', '}' -> out.append('\\').append(c);
                case '~' -> out.append("\\textasciitilde{}");
                case '^' -> out.append("\\textasciicircum{}");
                case '<', '>' -> out.append('$').append(c).append('$');
                case '\u00b1' -> out.append("$\\pm$");
                case '\u2212' -> out.append("$-$");
                case '\u2013' -> out.append("--");
                case '\u221e' -> out.append("$\\infty$");
                case '\u2020' -> out.append("$^\\dagger$");
                default -> out.append(c);
            }
        }
        return out.toString();
    }
}
