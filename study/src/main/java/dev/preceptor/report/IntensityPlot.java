package dev.preceptor.report;

import dev.preceptor.cohort.IntensityStatistics;
import dev.preceptor.html.Axis;
import dev.preceptor.html.Block;
import dev.preceptor.html.HtmlWriter;
import dev.preceptor.table.NumberStyle;
import dev.preceptor.volume.Quantile;
import dev.preceptor.volume.Sequence;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * The intensities of one sequence: a thin line for each subject, bands for many, and thick lines with a letter for those that
 * stand out, which are named below. Each line is scaled to its own peak.
 *
 * @param sequence the sequence
 * @param histograms by subject
 * @param statistics of the same images, by subject
 */
record IntensityPlot(
        Sequence sequence, Map<String, IntensityHistogram> histograms, Map<String, IntensityStatistics> statistics)
        implements Block {
    private static final int WIDTH = 560;
    private static final int HEIGHT = 190;
    private static final int SIDE = 8;
    private static final int TOP = 18;
    private static final int BOTTOM = 24;
    private static final int BINS = 112;

    /** With more subjects there are no thin lines: the bands show the same. */
    private static final int MOST_LINES = 60;

    private static final int LEAST_FOR_BANDS = 12;
    private static final int MOST_NAMED = 6;

    /** The axis ends at this multiple of the usual brightest intensity, however far outliers reach. */
    private static final double WIDEST = 3;

    static IntensityPlot of(Sequence sequence, List<SubjectView> views) {
        Map<String, IntensityHistogram> histograms = new LinkedHashMap<>();
        Map<String, IntensityStatistics> statistics = new LinkedHashMap<>();
        for (SubjectView view : views) {
            if (view.histograms().containsKey(sequence)) {
                histograms.put(view.subject().id(), view.histograms().get(sequence));
                statistics.put(view.subject().id(), view.intensities().get(sequence));
            }
        }
        return new IntensityPlot(sequence, histograms, statistics);
    }

    @Override
    public void render(HtmlWriter page) {
        List<Outlier> outliers = Outlier.among(statistics);
        List<Outlier> named = outliers.subList(0, Math.min(MOST_NAMED, outliers.size()));
        Axis axis = axis();
        Map<String, double[]> curves = new LinkedHashMap<>();
        histograms.forEach((id, histogram) -> curves.put(id, curve(histogram, axis)));
        String title = sequence + ", " + histograms.size() + (histograms.size() == 1 ? " subject" : " subjects");
        page.open("figure", "class", "plot intensities").leaf("figcaption", title);
        page.open("svg", "viewBox", "0 0 " + WIDTH + " " + HEIGHT, "role", "img", "aria-label", label(outliers));
        for (double tick : axis.ticks()) {
            String x = HtmlWriter.coordinate(x(axis.share(tick)));
            page.empty("line", "class", "grid", "x1", x, "x2", x, "y1", TOP, "y2", HEIGHT - BOTTOM);
            page.leaf("text", axis.label(tick), "class", "tick middle", "x", x, "y", HEIGHT - 8);
        }
        if (curves.size() >= LEAST_FOR_BANDS) {
            bands(page, curves);
        }
        if (curves.size() <= MOST_LINES) {
            curves.forEach((id, curve) -> line(page, "thin", title(id), curve));
        }
        medians(page, axis);
        for (int i = 0; i < named.size(); i++) {
            outlier(page, axis, named.get(i), i, curves.get(named.get(i).subject()));
        }
        page.close();
        legend(page, outliers, named);
        page.close().line();
    }

    private String label(List<Outlier> outliers) {
        return "Distribution of " + sequence + " intensities by subject; "
                + (outliers.isEmpty()
                        ? "no subject stands out"
                        : "standing out: "
                                + String.join(
                                        ", ",
                                        outliers.stream()
                                                .limit(MOST_NAMED)
                                                .map(Outlier::subject)
                                                .toList()));
    }

    private Axis axis() {
        double[] high = statistics.values().stream()
                .mapToDouble(IntensityStatistics::p995)
                .sorted()
                .toArray();
        double low = statistics.values().stream()
                .mapToDouble(IntensityStatistics::p005)
                .min()
                .orElse(0);
        double most = high.length == 0 ? 1 : high[high.length - 1];
        double usual = high.length == 0 ? 1 : Quantile.of(high, 0.5);
        return Axis.around(Math.min(0, low), usual > 0 ? Math.min(most, WIDEST * usual) : most, 6);
    }

    private static double[] curve(IntensityHistogram histogram, Axis axis) {
        double[] bins = histogram.rebinned(axis.low(), axis.high(), BINS);
        double[] smooth = new double[BINS];
        for (int i = 0; i < BINS; i++) {
            smooth[i] = (bins[Math.max(0, i - 1)] + 2 * bins[i] + bins[Math.min(BINS - 1, i + 1)]) / 4;
        }
        double peak = Arrays.stream(smooth).max().orElse(0);
        return Arrays.stream(smooth).map(v -> peak > 0 ? v / peak : 0).toArray();
    }

    private void bands(HtmlWriter page, Map<String, double[]> curves) {
        band(page, "wide", "5 to 95 % of the subjects", quantiles(curves, 0.05), quantiles(curves, 0.95));
        band(page, "half", "the middle half of the subjects", quantiles(curves, 0.25), quantiles(curves, 0.75));
        line(page, "median", "median over subjects", quantiles(curves, 0.5));
    }

    /** A tick on the axis for the median of each subject. */
    private void medians(HtmlWriter page, Axis axis) {
        StringBuilder path = new StringBuilder();
        for (IntensityStatistics image : statistics.values()) {
            double share = axis.share(image.p50());
            if (share >= 0 && share <= 1) {
                path.append('M').append(HtmlWriter.coordinate(x(share))).append(' ');
                path.append(HEIGHT - BOTTOM).append("v5");
            }
        }
        page.open("path", "class", "rug", "d", path)
                .leaf("title", "the median of each subject")
                .close();
    }

    private static double[] quantiles(Map<String, double[]> curves, double q) {
        return IntStream.range(0, BINS)
                .mapToDouble(i -> Quantile.of(
                        curves.values().stream()
                                .mapToDouble(curve -> curve[i])
                                .sorted()
                                .toArray(),
                        q))
                .toArray();
    }

    private static void band(HtmlWriter page, String look, String title, double[] low, double[] high) {
        StringBuilder path = new StringBuilder(path(high));
        for (int i = BINS - 1; i >= 0; i--) {
            path.append('L').append(point(low, i));
        }
        page.open("path", "class", "band " + look, "d", path + "Z")
                .leaf("title", title)
                .close();
    }

    private static void line(HtmlWriter page, String look, String title, double[] curve) {
        page.open("path", "class", "line " + look, "d", path(curve))
                .leaf("title", title)
                .close();
    }

    private void outlier(HtmlWriter page, Axis axis, Outlier outlier, int place, double[] curve) {
        line(page, "outlier o" + place, title(outlier.subject()), curve);
        int peak = 0;
        for (int i = 1; i < BINS; i++) {
            peak = curve[i] > curve[peak] ? i : peak;
        }
        boolean isBeyond = statistics.get(outlier.subject()).p005() > axis.high();
        double x = isBeyond ? WIDTH - SIDE - 6 : x((peak + 0.5) / BINS);
        page.leaf(
                "text",
                letter(place) + (isBeyond ? " \u2192" : ""),
                "class",
                "letter middle",
                "x",
                HtmlWriter.coordinate(x),
                "y",
                TOP - 5);
    }

    private static void legend(HtmlWriter page, List<Outlier> outliers, List<Outlier> named) {
        if (outliers.isEmpty()) {
            page.leaf("p", "No subject stands out.", "class", "note");
            return;
        }
        page.open("ul", "class", "outliers");
        for (int i = 0; i < named.size(); i++) {
            Outlier outlier = named.get(i);
            page.open("li");
            page.open("svg", "viewBox", "0 0 26 8", "aria-hidden", "true");
            page.empty("path", "class", "line outlier o" + i, "d", "M1 4H25");
            page.close();
            page.leaf("b", letter(i)).text(" ").leaf("strong", outlier.subject());
            page.text(": " + outlier.figure() + " " + number(outlier.value()) + ", usual " + number(outlier.usual()));
            page.close();
        }
        page.close();
        if (outliers.size() > named.size()) {
            page.leaf("p", "and " + (outliers.size() - named.size()) + " more that differ less", "class", "note");
        }
    }

    private String title(String id) {
        IntensityStatistics s = statistics.get(id);
        return id + "\nmedian " + number(s.p50()) + "\n99.5 % below " + number(s.p995());
    }

    /** With three significant digits at least. */
    static String number(double value) {
        int decimals = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 3;
        return NumberStyle.TYPESET.number(value, decimals);
    }

    private static String letter(int place) {
        return String.valueOf((char) ('A' + place));
    }

    /** Where the curve is 0 over several bins, one straight line. */
    private static String path(double[] curve) {
        StringBuilder path = new StringBuilder("M").append(point(curve, 0));
        for (int i = 1; i < BINS; i++) {
            boolean isFlat = i < BINS - 1 && curve[i - 1] == 0 && curve[i] == 0 && curve[i + 1] == 0;
            if (!isFlat) {
                path.append('L').append(point(curve, i));
            }
        }
        return path.toString();
    }

    private static String point(double[] curve, int i) {
        return HtmlWriter.coordinate(x((i + 0.5) / BINS)) + " "
                + HtmlWriter.coordinate(TOP + (1 - curve[i]) * (HEIGHT - TOP - BOTTOM));
    }

    private static double x(double share) {
        return SIDE + share * (WIDTH - 2 * SIDE);
    }
}
