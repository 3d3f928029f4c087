package dev.preceptor.study;

import dev.preceptor.statistics.PairedComparison;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What a demo shows, in sentences: for each region the difference in Dice between the taught and the untaught student.
 *
 * @param lines one for each region, then the conclusion
 */
record DemoFindings(List<String> lines) {
    DemoFindings {
        lines = List.copyOf(lines);
    }

    /**
     * Compares two students over the unseen subjects.
     *
     * @param taught series of the taught student
     * @param untaught series of the untaught one
     */
    static DemoFindings of(StudyResult result, String taught, String untaught) {
        List<String> lines = new ArrayList<>();
        List<String> raised = new ArrayList<>();
        List<String> lowered = new ArrayList<>();
        List<String> unclear = new ArrayList<>();
        for (String region : result.regions()) {
            PairedComparison dice = result.pair(taught, untaught, region, Metric.DICE);
            lines.add(String.format(
                    Locale.ROOT,
                    "%s: taught minus untaught %+.3f Dice [%+.3f, %+.3f], better on %d of %d unseen subjects",
                    region,
                    dice.difference(),
                    dice.interval().low(),
                    dice.interval().high(),
                    dice.wins(),
                    dice.count()));
            if (dice.interval().low() > 0) {
                raised.add(region);
            } else if (dice.interval().high() < 0) {
                lowered.add(region);
            } else {
                unclear.add(region);
            }
        }
        lines.add(conclusion(raised, lowered, unclear));
        return new DemoFindings(lines);
    }

    private static String conclusion(List<String> raised, List<String> lowered, List<String> unclear) {
        List<String> parts = new ArrayList<>();
        if (!raised.isEmpty()) {
            parts.add("the teacher's labels raised " + String.join(", ", raised));
        }
        if (!lowered.isEmpty()) {
            parts.add((raised.isEmpty() ? "the teacher's labels " : "") + "lowered " + String.join(", ", lowered));
        }
        if (!unclear.isEmpty()) {
            parts.add("for " + String.join(", ", unclear) + " so few subjects and seeds show no clear difference");
        }
        return "Seen here: " + String.join("; ", parts) + ".";
    }
}
