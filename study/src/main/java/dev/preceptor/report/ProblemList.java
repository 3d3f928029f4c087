package dev.preceptor.report;

import dev.preceptor.cohort.Problem;
import dev.preceptor.html.Block;
import dev.preceptor.html.HtmlWriter;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The problems of a cohort below the subjects that have them, errors before warnings.
 *
 * @param problems the lines that are shown
 * @param left how many lines are left out
 */
record ProblemList(List<Problem> problems, int left) implements Block {
    @Override
    public void render(HtmlWriter page) {
        Map<String, List<Problem>> bySubject =
                problems.stream().collect(Collectors.groupingBy(Problem::subject, TreeMap::new, Collectors.toList()));
        page.open("dl", "class", "problems").line();
        bySubject.forEach((subject, lines) -> {
            page.open("div").leaf("dt", subject);
            lines.stream().filter(Problem::unusable).forEach(line -> line(page, "error", "mark", line));
            lines.stream().filter(line -> !line.unusable()).forEach(line -> line(page, "warning", "mark mild", line));
            page.close().line();
        });
        page.close().line();
        if (left > 0) {
            page.leaf("p", "and " + left + " more; --json has all of them", "class", "note")
                    .line();
        }
    }

    private static void line(HtmlWriter page, String kind, String look, Problem problem) {
        page.open("dd").leaf("span", kind, "class", look).text(" " + problem.text());
        page.close();
    }
}
