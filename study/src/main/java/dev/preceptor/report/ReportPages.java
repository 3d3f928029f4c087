package dev.preceptor.report;

import dev.preceptor.html.Page;
import dev.preceptor.model.BuildInfo;
import java.util.List;

/** Makes the pages of reports, which name the build that wrote them. Stateless. */
public final class ReportPages {
    private static final String FOOTER = "Preceptor " + BuildInfo.VERSION + ", commit " + BuildInfo.COMMIT;

    private ReportPages() {}

    /** A page that holds pictures of patients and says so at its foot. */
    static Page ofPatients(
            String kind, String title, List<Page.Fact> facts, List<String> warnings, List<Page.Section> sections) {
        String footer = "This page contains slices of patients: keep it where their images may be kept. " + FOOTER;
        return new Page(kind, title, footer, facts, warnings, sections);
    }

    /** A page with the version and the commit of this build in its footer. */
    public static Page of(
            String kind, String title, List<Page.Fact> facts, List<String> warnings, List<Page.Section> sections) {
        return new Page(kind, title, FOOTER, facts, warnings, sections);
    }
}
