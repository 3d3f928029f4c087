package dev.preceptor.report;

import dev.preceptor.cohort.Cohort;
import dev.preceptor.cohort.CohortSummary;
import dev.preceptor.cohort.Problem;
import dev.preceptor.cohort.ScanCache;
import dev.preceptor.cohort.Subject;
import dev.preceptor.html.Block;
import dev.preceptor.html.HtmlTable;
import dev.preceptor.html.Page;
import dev.preceptor.html.Palette;
import dev.preceptor.html.StripPlot;
import dev.preceptor.volume.Region;
import dev.preceptor.volume.Sequence;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The page of a cohort: what one looks at before trusting data. It shows who has which files, a mosaic of slices with the
 * outlines of the label regions, intensities by sequence, volumes by region, grids and problems. It contains pictures of
 * patients.
 *
 * <p>The files are read once, by the {@link CohortSummary} that the page shows. Each thread holds one image at full depth and
 * the images of one subject as {@link GreyImage}s; of a subject that has been read only its figures and its slices remain. The
 * page has at most {@link #MAX_SLICES} slices and tables of at most {@link CohortTables#MOST_ROWS} rows, however large the
 * cohort is.
 */
public final class CohortPage {
    /** Subjects in the mosaic. */
    static final int MAX_SUBJECTS = 60;

    /** Slices in the mosaic; with more than four sequences there are fewer subjects. */
    static final int MAX_SLICES = 240;

    /** Subjects whose files are listed one by one, unfolded. */
    private static final int MAX_UNFOLDED = 40;

    /** Lines of problems. */
    private static final int MAX_PROBLEMS = 2000;

    private final CohortSummary summary;
    private final List<SubjectView> views;
    private final List<Region> regions;
    private final CohortTables tables;

    private CohortPage(CohortSummary summary, List<SubjectView> views, List<Region> regions) {
        this.summary = summary;
        this.views = views;
        this.regions = regions;
        this.tables = new CohortTables(summary, views, regions);
    }

    /** Reads a cohort on the given number of threads and keeps its statistics for the next command. */
    public static CohortPage of(Cohort cohort, int threads, ScanCache cache) {
        List<Region> regions = cohort.schema().regions();
        Set<Subject> drawn = Collections.newSetFromMap(new IdentityHashMap<>());
        drawn.addAll(drawn(cohort));
        Map<Subject, SubjectView> views = Collections.synchronizedMap(new IdentityHashMap<>());
        CohortSummary summary = CohortSummary.of(
                cohort,
                threads,
                subject -> new SubjectView.Builder(
                        subject, regions, drawn.contains(subject), view -> views.put(subject, view)),
                cache);
        return new CohortPage(
                summary, cohort.subjects().stream().map(views::get).toList(), regions);
    }

    /** All subjects if they are few, else a selection that is spread evenly over the order of their ids. */
    private static List<Subject> drawn(Cohort cohort) {
        int count = cohort.subjects().size();
        int most = Math.min(
                count,
                Math.max(
                        1,
                        Math.min(MAX_SUBJECTS, MAX_SLICES / cohort.sequences().size())));
        return IntStream.range(0, most)
                .mapToObj(i -> cohort.subjects().get((int) ((long) i * count / most)))
                .toList();
    }

    /** What was read. */
    public CohortSummary summary() {
        return summary;
    }

    /**
     * Writes the page, whole or not at all.
     *
     * @throws dev.preceptor.base.PreceptorException if it cannot be written
     */
    public void write(Path file) {
        page().writeTo(file);
    }

    Page page() {
        List<Page.Section> sections = new ArrayList<>();
        sections.add(new Page.Section("Problems", problems()));
        sections.add(new Page.Section("Files by subject", files()));
        sections.add(new Page.Section("Slices", slices()));
        sections.add(new Page.Section("Intensities", intensities()));
        sections.add(new Page.Section("Volumes", volumes()));
        sections.add(new Page.Section("Grids", List.of(new HtmlTable(tables.grids()))));
        if (!summary.cohort().unused().isEmpty()) {
            sections.add(new Page.Section("Unused files", List.of(new HtmlTable(tables.unused()))));
        }
        return ReportPages.ofPatients("cohort", summary.cohort().name(), facts(), warnings(), sections);
    }

    private long unusable() {
        return summary.problems().stream()
                .filter(Problem::unusable)
                .map(Problem::subject)
                .distinct()
                .count();
    }

    private List<String> warnings() {
        long unusable = unusable();
        return unusable == 0
                ? List.of()
                : List.of(unusable + " of " + views.size() + " subjects " + (unusable == 1 ? "is" : "are")
                        + " unusable; the lines marked as errors say why.");
    }

    private List<Page.Fact> facts() {
        Cohort cohort = summary.cohort();
        long faulty = withLabels(FileState.FAULTY);
        List<Page.Fact> facts = new ArrayList<>();
        facts.add(new Page.Fact("subjects", String.valueOf(views.size())));
        facts.add(new Page.Fact(
                "labelled",
                withLabels(FileState.PRESENT) + (faulty == 0 ? "" : ", and " + counted(faulty, "faulty label map"))));
        facts.add(new Page.Fact("unlabelled", String.valueOf(withLabels(FileState.ABSENT))));
        facts.add(new Page.Fact("unusable", String.valueOf(unusable())));
        facts.add(new Page.Fact("sequences", Sequence.names(cohort.sequences())));
        facts.add(new Page.Fact("regions", regions.stream().map(Region::name).collect(Collectors.joining(", "))));
        facts.add(new Page.Fact("labels", cohort.schema() + ", " + cohort.schemaReason()));
        facts.add(new Page.Fact("layout", cohort.layout().toString()));
        facts.add(new Page.Fact(
                "folder", cohort.root().toAbsolutePath().normalize().toString()));
        facts.add(new Page.Fact("fingerprint", summary.fingerprint().hash()));
        return facts;
    }

    private long withLabels(FileState state) {
        return views.stream().filter(view -> view.labels() == state).count();
    }

    private List<Block> problems() {
        if (summary.problems().isEmpty()) {
            return List.of(new Block.Note("None. Every file could be read, and every subject is usable."));
        }
        List<Problem> problems = summary.problems();
        long errors = problems.stream().filter(Problem::unusable).count();
        int shown = Math.min(MAX_PROBLEMS, problems.size());
        return List.of(
                new Block.Note(counted(errors, "error") + " and " + counted(problems.size() - errors, "warning")
                        + ". An error makes its subject unusable; a warning does not."),
                new ProblemList(problems.subList(0, shown), problems.size() - shown));
    }

    private static String counted(long count, String what) {
        return count + " " + what + (count == 1 ? "" : "s");
    }

    private List<Block> files() {
        List<SubjectView> incomplete =
                views.stream().filter(view -> !isComplete(view)).toList();
        List<SubjectView> rows = views.size() <= CohortTables.MOST_ROWS ? views : incomplete;
        List<SubjectView> shown = rows.subList(0, Math.min(CohortTables.MOST_ROWS, rows.size()));
        PresenceMatrix matrix = new PresenceMatrix(shown, summary.cohort().sequences());
        String title = shown.size() == views.size()
                ? "All " + views.size() + " subjects"
                : shown.size() + " of " + views.size() + " subjects, those that lack a file first";
        return List.of(
                new HtmlTable(tables.combinations()),
                new Block.Details(title, views.size() <= MAX_UNFOLDED, List.of(matrix)));
    }

    private boolean isComplete(SubjectView view) {
        return view.labels() == FileState.PRESENT
                && summary.cohort().sequences().stream().allMatch(s -> view.image(s) == FileState.PRESENT);
    }

    private List<Block> slices() {
        List<SubjectView> drawn =
                views.stream().filter(view -> view.slices().isPresent()).toList();
        if (drawn.isEmpty()) {
            return List.of(new Block.Note("There is no image to show."));
        }
        String left = drawn.size() < views.size()
                ? " " + drawn.size() + " of " + views.size() + " subjects are shown, spread evenly over their ids."
                : "";
        return List.of(
                new Block.Note(
                        "One axial slice of each subject: the one with most of the labelled regions, or through the"
                                + " middle of the head where there are none. R is the patient's right. Each image has greys of its"
                                + " own, up to its percentile 99.5." + left
                                + " These are pictures of patients: keep this page where their images may be kept."),
                new Mosaic(drawn, summary.cohort().sequences(), regions));
    }

    private List<Block> intensities() {
        List<Block> plots = summary.cohort().sequences().stream()
                .map(sequence -> IntensityPlot.of(sequence, views))
                .filter(plot -> !plot.histograms().isEmpty())
                .map(plot -> (Block) plot)
                .toList();
        if (plots.isEmpty()) {
            return List.of(new Block.Note("There is no image to measure."));
        }
        return List.of(
                new Block.Note(
                        "How often each intensity occurs among the voxels that are not 0; each line is a subject,"
                                + " scaled to its peak, and a tick on the axis is its median. Bands hold the middle half and 90 %"
                                + " of at least twelve subjects. A subject stands out if its median, standard deviation or"
                                + " percentile 99.5 has a modified z score above 3.5 (median absolute deviation; five subjects or more) and differs by a factor above 1.7."),
                new Block.SideBySide(plots),
                new Block.Details("Intensities by subject", false, List.of(new HtmlTable(tables.intensities()))));
    }

    private List<Block> volumes() {
        List<Block> plots = new ArrayList<>();
        for (Region region : regions) {
            Map<String, Double> values = new LinkedHashMap<>();
            summary.fingerprint().subjects().forEach(subject -> {
                if (subject.regionsMl().containsKey(region)) {
                    values.put(subject.id(), subject.regionsMl().get(region));
                }
            });
            if (!values.isEmpty()) {
                plots.add(new StripPlot(region.name() + ", ml", Palette.style(region, regions), "ml", values));
            }
        }
        if (plots.isEmpty()) {
            return List.of(new Block.Note("There is no label map that can be read."));
        }
        return List.of(
                new Block.Note("A dot is a subject; below the dots the median and the quartiles. The subject with the"
                        + " largest volume is named. Each region has an axis of its own."),
                new Block.SideBySide(plots),
                new Block.Details("Volumes by subject", false, List.of(new HtmlTable(tables.volumes()))));
    }
}
