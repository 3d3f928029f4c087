package dev.preceptor.report;

import java.util.List;
import java.util.stream.Collectors;

/** Tables for papers, with the rules of the booktabs package. Stateless. */
public final class Latex {
    private Latex() {}

    /** The values of a table without their details; a mark becomes a dagger and a line below. */
    public static String of(Table table) {
        StringBuilder text = new StringBuilder("% \\usepackage{booktabs}\n\\begin{table}\n\\centering\n");
        text.append("\\caption{").append(escaped(table.caption())).append("}\n\\begin{tabular}{");
        table.columns().forEach(column -> text.append(column.isNumeric() ? 'r' : 'l'));
        text.append("}\n\\toprule\n");
        text.append(line(table.columns().stream().map(Table.Column::label).toList()));
        text.append("\\midrule\n");
        boolean marked = false;
        for (List<TableCell> row : table.rows()) {
            text.append(line(row.stream()
                    .map(tableCell -> tableCell.text() + (tableCell.mark().isEmpty() ? "" : "\u2020"))
                    .toList()));
            marked |= row.stream().anyMatch(tableCell -> !tableCell.mark().isEmpty());
        }
        text.append("\\bottomrule\n\\end{tabular}\n");
        if (marked) {
            text.append("\\\\ $\\dagger$ scores hold subjects that a network had met (leakage)\n");
        }
        return text.append("\\end{table}\n").toString();
    }

    private static String line(List<String> cells) {
        return cells.stream().map(Latex::escaped).collect(Collectors.joining(" & ")) + " \\\\\n";
    }

    static String escaped(String text) {
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
                case '\u2020' -> out.append("$^\\dagger$");
                default -> out.append(c);
            }
        }
        return out.toString();
    }
}
