package dev.preceptor.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class TableTest {
    private static final Table TABLE = new Table(
            "Dice & co",
            List.of(Table.Column.words("network_a"), Table.Column.numbers("50 %"), Table.Column.numbers("HD95", "mm")),
            List.of(
                    Table.row(
                            TableCell.of("kd_net").withMark("LEAKAGE: 1 of 2"),
                            new TableCell.Estimate(
                                    new TableCell.Mean(0.8123, 0.05, 3), TableCell.of(-0.5, 1), TableCell.of(0.9, 1)),
                            TableCell.of(2.25, 1)),
                    Table.row(
                            TableCell.of("a \"b\", c|d"),
                            new TableCell.Estimate(
                                    TableCell.of(Double.NaN, 3),
                                    TableCell.of(Double.NaN, 1),
                                    TableCell.of(Double.NaN, 1)),
                            TableCell.of(-1.0, 1))));

    @Test
    void markdownAlignsNumbersToTheRightAndKeepsMarksAndIntervals() {
        assertEquals("""
                | | 50 % | HD95 mm |
                |---|---:|---:|
                | kd_net (LEAKAGE: 1 of 2) | 0.812 \u00b1 0.050 [-0.5, 0.9] | 2.3 |
                | a "b", c\\|d | none  | -1.0 |
                """, MarkdownTable.render(TABLE));
    }

    @Test
    void csvHoldsBareValuesAtFullPrecisionAndQuotesFields() {
        assertEquals("""
                network_a,50 %,HD95 mm
                kd_net,0.8123,2.25
                "a ""b"", c|d",NaN,-1.0
                """, CsvTable.render(TABLE));
    }

    @Test
    void latexEscapesEverySpecialCharacterAndExplainsItsDagger() {
        String latex = LatexTable.render(TABLE);
        assertTrue(latex.contains("\\caption{Dice \\& co}\n\\begin{tabular}{lrr}"), latex);
        assertTrue(latex.contains("network\\_a & 50 \\% & HD95 mm \\\\"), latex);
        assertTrue(latex.contains("kd\\_net$^\\dagger$ & 0.812 $\\pm$ 0.050 & 2.3 \\\\"), latex);
        assertTrue(latex.contains("c|d & -- & $-$1.0 \\\\"), latex);
        assertTrue(latex.contains("leakage"), latex);
    }

    @Test
    void textAlignsColumnsAndPutsARemarkBehindTheHeadings() {
        TextTable terminal = new TextTable(NumberStyle.BARE, " ", List.of(4, 5, 6));
        Table table = new Table(
                "",
                List.of(Table.Column.words("r"), Table.Column.numbers("x"), Table.Column.words("")),
                List.of(Table.row(TableCell.of("WT"), TableCell.of(Double.NaN, 2), TableCell.of(""))));
        assertEquals("""
                r        x          remark
                WT     NaN
                """, terminal.render(table, "   remark"));
    }

    @Test
    void pagesWriteATrueMinusADashForNaNAndSmallProbabilitiesAsInequalities() {
        NumberStyle style = NumberStyle.TYPESET;
        assertEquals("\u22121.50", style.number(-1.5, 2));
        assertEquals("\u2013", style.number(Double.NaN, 2));
        assertEquals("\u2212\u221e", style.number(Double.NEGATIVE_INFINITY, 2));
        assertEquals("< 0.0001", style.probability(1e-7));
        assertEquals("0.0000", NumberStyle.PLAIN.probability(1e-7));
        assertEquals("63 %", style.percent(0.63));
    }

    @Test
    void theIntervalOfAPercentageIsWrittenEvenWithoutBounds() {
        TableCell.Percent missing = new TableCell.Percent(Double.NaN);
        assertEquals(
                "63 % [none, none]",
                new TableCell.Estimate(new TableCell.Percent(0.63), missing, missing).line(NumberStyle.PLAIN));
    }

    @Test
    void aMeanOverFewerThanAllSaysSoInEveryTextAndStaysANumberInCsv() {
        TableCell.Mean mean = new TableCell.Mean(0.61, 0.2, 2);
        assertEquals("0.61 \u00b1 0.20 (4 of 6)", mean.over(4, 6).text(NumberStyle.PLAIN));
        assertEquals(
                "0.61 (1 of 6)",
                new TableCell.Mean(0.61, Double.NaN, 2).over(1, 6).text(NumberStyle.PLAIN));
        assertEquals("0.61 \u00b1 0.20", mean.over(6, 6).text(NumberStyle.PLAIN));
        assertEquals(
                "none", new TableCell.Mean(Double.NaN, Double.NaN, 2).over(0, 6).text(NumberStyle.PLAIN));
        assertEquals("0.61", mean.over(4, 6).value());
    }

    @Test
    void joinedCellsKeepTheirOwnMarks() {
        TableCell joined = new TableCell.Joined(TableCell.of("a").withMark("LEAKAGE"), " - ", TableCell.of("b"));
        assertEquals("a (LEAKAGE) - b", joined.line(NumberStyle.PLAIN));
        assertEquals("LEAKAGE", joined.mark());
    }

    @Test
    void columnsCanBeLeftOut() {
        Table narrow = TABLE.without("50 %");
        assertEquals(2, narrow.columns().size());
        assertEquals(TableCell.of(2.25, 1), narrow.rows().get(0).get(1));
    }

    @Test
    void aRowWithTooFewCellsIsRefused() {
        assertThrows(
                IllegalArgumentException.class,
                () -> new Table(
                        "t",
                        List.of(Table.Column.words("a"), Table.Column.words("b")),
                        List.of(Table.row(TableCell.of("one")))));
    }
}
