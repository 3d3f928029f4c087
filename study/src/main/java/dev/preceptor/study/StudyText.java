package dev.preceptor.study;

import dev.preceptor.statistics.Distribution;
import dev.preceptor.statistics.Interval;
import dev.preceptor.statistics.PairedComparison;
import dev.preceptor.volume.Region;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** The result of a study as tables. */
final class StudyText {
    private static final List<Metric> SHOWN = List.of(Metric.DICE, Metric.SLICE_DICE, Metric.HD95);
    private static final List<Metric> BRIEFLY_SHOWN = List.of(Metric.DICE, Metric.HD95);
    private static final List<String> COLUMNS = List.of(
            "series",
            "role",
            "inputs",
            "leaked_subjects",
            "region",
            "score",
            "subjects",
            "mean",
            "sd",
            "median",
            "low",
            "high",
            "baseline",
            "difference",
            "difference_low",
            "difference_high",
            "wins",
            "ties",
            "losses",
            "p",
            "p_holm",
            "rank_biserial",
            "cohen_dz",
            "teacher",
            "gap_closed",
            "gap_closed_low",
            "gap_closed_high");

    private StudyText() {}

    static String table(StudyResult result) {
        int wide =
                result.series().stream().mapToInt(s -> s.name().length()).max().orElse(0) + 2;
        StringBuilder text = new StringBuilder(" ".repeat(wide));
        for (Metric metric : BRIEFLY_SHOWN) {
            Region.BRATS.forEach(region -> text.append(padded(region + " " + metric.label())));
        }
        text.append('\n');
        for (Series series : result.series()) {
            text.append(String.format(Locale.ROOT, "%-" + wide + "s", marked(result, series.name())));
            for (Metric metric : BRIEFLY_SHOWN) {
                Region.BRATS.forEach(region ->
                        text.append(padded(brief(result.summary(series.name(), region, metric), metric))));
            }
            text.append('\n');
        }
        text.append(caption(result)).append('\n');
        result.warnings().forEach(line -> text.append(line).append('\n'));
        return text.toString();
    }

    static String markdown(StudyResult result) {
        StringBuilder text = new StringBuilder("# ").append(result.study()).append("\n\n");
        text.append(caption(result)).append(". Convention ").append(result.convention());
        text.append(", cohort ")
                .append(result.cohort().isEmpty() ? "unread" : result.cohort())
                .append(".\n");
        result.warnings().forEach(line -> text.append("\n**").append(line).append("**\n"));
        unfinished(text, result);
        scores(text, result);
        pairs(text, result);
        gaps(text, result);
        return text.toString();
    }

    /** A line for each series, region and figure, with its comparison to the baseline where there is one. */
    static String csv(StudyResult result) {
        StringBuilder text = new StringBuilder(String.join(",", COLUMNS)).append('\n');
        for (StudyResult.Summary summary : result.summaries()) {
            Series series = result.series().stream()
                    .filter(s -> s.name().equals(summary.series()))
                    .findFirst()
                    .orElseThrow();
            Distribution subjects = summary.subjects();
            List<Object> fields = new ArrayList<>(List.of(
                    series.name(),
                    series.role(),
                    String.join("+", series.inputs()),
                    series.leaked().size(),
                    summary.region(),
                    summary.score(),
                    subjects.count(),
                    subjects.mean(),
                    subjects.deviation(),
                    subjects.median(),
                    subjects.interval().low(),
                    subjects.interval().high()));
            fields.addAll(against(result, summary));
            fields.addAll(gap(result, summary));
            text.append(fields.stream().map(String::valueOf).collect(Collectors.joining(",")))
                    .append('\n');
        }
        return text.toString();
    }

    private static List<Object> against(StudyResult result, StudyResult.Summary summary) {
        return result.pairs().stream()
                .filter(pair -> pair.first().equals(summary.series()) && isOf(pair, summary))
                .filter(pair -> pair.second().equals(result.baselineOf(pair.first())))
                .findFirst()
                .<List<Object>>map(pair -> List.of(
                        pair.second(),
                        pair.comparison().difference(),
                        pair.comparison().interval().low(),
                        pair.comparison().interval().high(),
                        pair.comparison().wins(),
                        pair.comparison().ties(),
                        pair.comparison().losses(),
                        pair.comparison().p(),
                        pair.holm(),
                        pair.comparison().rankBiserial(),
                        pair.comparison().cohenDz()))
                .orElse(List.of("", "", "", "", "", "", "", "", "", "", ""));
    }

    private static boolean isOf(StudyResult.Pair pair, StudyResult.Summary summary) {
        return pair.region().equals(summary.region()) && pair.score() == summary.score();
    }

    private static List<Object> gap(StudyResult result, StudyResult.Summary summary) {
        return result.gaps().stream()
                .filter(gap -> gap.student().equals(summary.series())
                        && gap.region().equals(summary.region())
                        && gap.score() == summary.score())
                .findFirst()
                .<List<Object>>map(gap -> List.of(
                        gap.teacher(),
                        gap.closed().share(),
                        gap.closed().interval().low(),
                        gap.closed().interval().high()))
                .orElse(List.of("", "", "", ""));
    }

    private static void unfinished(StringBuilder text, StudyResult result) {
        List<TrialState> failed = result.failed();
        if (failed.isEmpty()) {
            return;
        }
        text.append("\n**")
                .append(failed.size())
                .append(" of ")
                .append(result.cells().size());
        text.append(" cells failed and count nowhere:**\n\n");
        failed.forEach(cell -> text.append("- ")
                .append(cell.name())
                .append(": ")
                .append(cell.error())
                .append('\n'));
    }

    private static void scores(StringBuilder text, StudyResult result) {
        for (Metric metric : SHOWN) {
            text.append("\n## ").append(metric.label()).append("\n\n| | sees | subjects |");
            Region.BRATS.forEach(region -> text.append(' ').append(region).append(" | median |"));
            text.append("\n|---|---|---:|")
                    .append("---:|".repeat(2 * Region.BRATS.size()))
                    .append('\n');
            for (Series series : result.series()) {
                text.append("| ").append(marked(result, series.name()));
                text.append(" | ").append(String.join(", ", series.inputs()));
                text.append(" | ").append(series.subjects().size()).append(" |");
                for (Region region : Region.BRATS) {
                    Distribution subjects = result.summary(series.name(), region, metric);
                    text.append(' ').append(brief(subjects, metric)).append(' ');
                    text.append(interval(subjects.interval(), metric.decimals()))
                            .append(" | ");
                    text.append(number(subjects.median(), metric.decimals())).append(" |");
                }
                text.append('\n');
            }
        }
        text.append("\nMean ± standard deviation over subjects, and the bootstrap 95 % interval of the mean.\n");
    }

    private static void pairs(StringBuilder text, StudyResult result) {
        boolean baselines = result.arms().stream()
                .anyMatch(arm -> !result.baselineOf(arm.name()).isEmpty());
        List<StudyResult.Pair> shown = result.pairs().stream()
                .filter(pair -> SHOWN.contains(pair.score()))
                .filter(pair -> !baselines || pair.second().equals(result.baselineOf(pair.first())))
                .toList();
        if (shown.isEmpty()) {
            return;
        }
        text.append("\n## Student against student\n\n");
        text.append(
                "| | score | subjects | difference | better/equal/worse | p | p (Holm) | rank-biserial | Cohen's d_z |\n");
        text.append("|---|---|---:|---:|---:|---:|---:|---:|---:|\n");
        for (StudyResult.Pair pair : shown) {
            PairedComparison c = pair.comparison();
            int decimals = pair.score().decimals();
            text.append("| ").append(marked(result, pair.first()));
            text.append(" - ").append(marked(result, pair.second()));
            text.append(" | ")
                    .append(pair.region())
                    .append(' ')
                    .append(pair.score().label());
            text.append(" | ").append(c.count());
            text.append(" | ")
                    .append(number(c.difference(), decimals))
                    .append(' ')
                    .append(interval(c.interval(), decimals));
            text.append(" | ")
                    .append(c.wins())
                    .append('/')
                    .append(c.ties())
                    .append('/')
                    .append(c.losses());
            text.append(" | ").append(number(c.p(), 4)).append(" | ").append(number(pair.holm(), 4));
            text.append(" | ")
                    .append(number(c.rankBiserial(), 2))
                    .append(" | ")
                    .append(number(c.cohenDz(), 2))
                    .append(" |\n");
        }
        text.append(
                "\nWilcoxon signed-rank over subjects, two-sided; Holm over all pairs of students in one score of one region");
        text.append("; effect sizes are positive where the first is better. Every pair stands in `study.json`.\n");
    }

    private static void gaps(StringBuilder text, StudyResult result) {
        List<StudyResult.Gap> shown = result.gaps().stream()
                .filter(gap -> SHOWN.contains(gap.score()))
                .toList();
        if (shown.isEmpty()) {
            return;
        }
        text.append("\n## How much of the gap between baseline and teacher is closed\n\n");
        text.append("| | baseline | teacher | score | subjects | gap | closed |\n|---|---|---|---|---:|---:|---:|\n");
        for (StudyResult.Gap gap : shown) {
            text.append("| ").append(marked(result, gap.student()));
            text.append(" | ").append(marked(result, result.baselineOf(gap.student())));
            text.append(" | ").append(marked(result, gap.teacher()));
            text.append(" | ")
                    .append(gap.region())
                    .append(' ')
                    .append(gap.score().label());
            text.append(" | ").append(gap.closed().count());
            text.append(" | ").append(number(gap.closed().gap(), gap.score().decimals()));
            text.append(" | ")
                    .append(
                            Double.isNaN(gap.closed().share())
                                    ? "the teacher is no better"
                                    : percent(gap.closed().share()) + " ["
                                            + percent(gap.closed().interval().low()) + ", "
                                            + percent(gap.closed().interval().high()) + "]");
            text.append(" |\n");
        }
    }

    /** A name whose scores hold subjects that leaked says so wherever it stands. */
    private static String marked(StudyResult result, String series) {
        return result.series().stream()
                .filter(one -> one.name().equals(series) && !one.leaked().isEmpty())
                .findFirst()
                .map(one -> series + " (LEAKAGE: " + one.leaked().size() + " of "
                        + one.subjects().size() + ")")
                .orElse(series);
    }

    private static String caption(StudyResult result) {
        long finished = result.cells().stream().filter(TrialState::hasFinished).count();
        return finished + " of " + result.cells().size() + " cells finished: "
                + result.arms().size() + " arms, "
                + (result.folds().isEmpty() ? "no folds" : "folds " + String.join(" ", result.folds())) + ", seeds "
                + result.seeds().stream().map(String::valueOf).collect(Collectors.joining(" "))
                + "; each subject counts once, with the mean over its seeds";
    }

    private static String brief(Distribution subjects, Metric metric) {
        String mean = number(subjects.mean(), metric.decimals());
        return Double.isNaN(subjects.deviation())
                ? mean
                : mean + " ± " + number(subjects.deviation(), metric.decimals());
    }

    private static String interval(Interval interval, int decimals) {
        return Double.isNaN(interval.low())
                ? ""
                : "[" + number(interval.low(), decimals) + ", " + number(interval.high(), decimals) + "]";
    }

    private static String percent(double share) {
        return Double.isNaN(share) ? "none" : String.format(Locale.ROOT, "%.0f %%", 100 * share);
    }

    private static String number(double value, int decimals) {
        return Double.isNaN(value) ? "none" : String.format(Locale.ROOT, "%." + decimals + "f", value);
    }

    private static String padded(String cell) {
        return String.format(Locale.ROOT, "%18s", cell);
    }
}
