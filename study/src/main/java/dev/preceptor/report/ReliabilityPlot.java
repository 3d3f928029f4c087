package dev.preceptor.report;

import dev.preceptor.html.Axis;
import dev.preceptor.html.Block;
import dev.preceptor.html.HtmlWriter;
import dev.preceptor.metrics.ReliabilityDiagram;
import dev.preceptor.table.NumberStyle;
import java.util.List;

/**
 * A reliability diagram: for each bin the share of voxels that belong to the region against their mean predicted probability.
 * Calibrated probabilities lie on the diagonal; the size of a dot grows with the voxels of its bin.
 *
 * @param title which region, over which voxels
 * @param bins in ascending order; those without voxels are left out
 */
public record ReliabilityPlot(String title, List<ReliabilityDiagram.Bin> bins) implements Block {
    private static final int SIDE = 220;
    private static final int LEFT = 44;
    private static final int TOP = 10;

    public ReliabilityPlot {
        bins = List.copyOf(bins);
    }

    @Override
    public void render(HtmlWriter page) {
        page.open("figure", "class", "plot").leaf("figcaption", title);
        page.open("svg", "viewBox", "0 0 " + (SIDE + LEFT + 14) + " " + (SIDE + TOP + 40), "role", "img");
        page.leaf("title", title);
        for (double tick : Axis.UNIT.ticks()) {
            Axis.UNIT.gridLine(page, tick, y(tick), LEFT, LEFT + SIDE, 7);
            String label = Axis.UNIT.label(tick);
            page.leaf("text", label, "class", "tick middle", "x", HtmlWriter.coordinate(x(tick)), "y", TOP + SIDE + 16);
        }
        page.leaf("text", "predicted probability", "class", "name middle", "x", LEFT + SIDE / 2, "y", TOP + SIDE + 34);
        page.empty(
                "line",
                "class",
                "ideal",
                "x1",
                HtmlWriter.coordinate(x(0)),
                "y1",
                HtmlWriter.coordinate(y(0)),
                "x2",
                HtmlWriter.coordinate(x(1)),
                "y2",
                HtmlWriter.coordinate(y(1)));
        List<ReliabilityDiagram.Bin> filled =
                bins.stream().filter(bin -> bin.voxels() > 0).toList();
        long most =
                filled.stream().mapToLong(ReliabilityDiagram.Bin::voxels).max().orElse(1);
        StringBuilder path = new StringBuilder();
        for (ReliabilityDiagram.Bin bin : filled) {
            path.append(path.isEmpty() ? 'M' : 'L').append(HtmlWriter.coordinate(x(bin.meanProbability())));
            path.append(' ').append(HtmlWriter.coordinate(y(bin.frequency())));
        }
        page.open("g", "class", "curve student").empty("path", "d", path).close();
        for (ReliabilityDiagram.Bin bin : filled) {
            double radius = 2 + 4 * Math.log1p(bin.voxels()) / Math.log1p(most);
            page.open("g", "class", "quartiles student");
            page.leaf(
                    "title",
                    "predicted " + NumberStyle.TYPESET.number(bin.meanProbability(), 3) + ", found "
                            + NumberStyle.TYPESET.number(bin.frequency(), 3) + ", " + bin.voxels() + " voxels");
            page.empty(
                    "circle",
                    "cx",
                    HtmlWriter.coordinate(x(bin.meanProbability())),
                    "cy",
                    HtmlWriter.coordinate(y(bin.frequency())),
                    "r",
                    HtmlWriter.coordinate(radius));
            page.close();
        }
        page.close().close().line();
    }

    private static double x(double probability) {
        return LEFT + probability * SIDE;
    }

    private static double y(double frequency) {
        return TOP + (1 - frequency) * SIDE;
    }
}
