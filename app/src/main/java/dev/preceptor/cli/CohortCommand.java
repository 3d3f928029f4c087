package dev.preceptor.cli;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.ErrorLine;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.cohort.Cohort;
import dev.preceptor.cohort.CohortContrast;
import dev.preceptor.cohort.CohortSummary;
import dev.preceptor.cohort.ScanCache;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.report.CohortPage;
import dev.preceptor.spark.ClusterNeeds;
import dev.preceptor.spark.ClusterSession;
import dev.preceptor.spark.InputMirror;
import dev.preceptor.spark.Place;
import dev.preceptor.spark.SparkCohort;
import dev.preceptor.spark.SparkSubmit;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code preceptor cohort}: checks and describes a folder of subjects. */
@Command(
        name = "cohort",
        description = "Find, check and describe the subjects in a folder. Exits with 1 if a subject is unusable.",
        sortOptions = false)
final class CohortCommand implements Callable<Integer>, SparkOptions.Command {
    @Parameters(
            paramLabel = "DIR",
            converter = PlacePath.class,
            description =
                    "A folder in the layout of BraTS (any year), BIDS, MSD Task01 or nnU-Net raw, or folders of DICOM series.")
    private Path folder;

    @Option(
            names = "--json",
            paramLabel = "FILE",
            description = "Also write everything as JSON to a file; - prints JSON instead of text.")
    private Optional<String> json;

    @Option(
            names = "--html",
            paramLabel = "FILE",
            description = "Also write a page to look at before trusting the data: slices with outlines, intensities,"
                    + " volumes, problems. It contains pictures of the patients.")
    private Optional<Path> html;

    @Option(
            names = "--contrast",
            description = "Also print which sequence shows which class: z scores, AUC against the unlabelled brain and"
                    + " volumes, with their spread between subjects.")
    private boolean hasContrast;

    @Option(
            names = "--for",
            paramLabel = "RECIPE",
            description = "Also say which subjects a training of this recipe would use, and why not the others.")
    private Optional<String> recipe;

    @Mixin
    private SchemaOption labels;

    @Mixin
    private SparkOptions spark;

    @Spec
    private CommandSpec spec;

    /** An executor holds the images of one subject. */
    @Override
    public Optional<SparkSubmit> submission() {
        return spark.submission(
                spec,
                () -> new ClusterNeeds(1, 2048, 512),
                Stream.concat(json.filter(file -> !file.equals("-")).map(Place::path).stream(), html.stream())
                        .toList(),
                List.of(folder));
    }

    @Override
    public Integer call() {
        Optional<SparkSubmit> submission = submission();
        if ((submission.isPresent() || spark.isDriver()) && (html.isPresent() || hasContrast)) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--html and --contrast read all images on one machine; leave them out, or leave out --spark");
        }
        if (submission.isPresent()) {
            return submission.get().run(System.getenv());
        }
        return spark.isDriver() ? onCluster() : onThisMachine();
    }

    /** Refuses what would fail only after all images were read. */
    private void requireFiles() {
        html.ifPresent(CohortCommand::requireFile);
        json.filter(file -> !file.equals("-")).map(Path::of).ifPresent(AtomicFiles::requireFile);
    }

    /** The recipe to select subjects for, if there is one. */
    private Optional<Recipe> recipe() {
        return recipe.map(name -> Recipe.load(name, List.of()));
    }

    private Optional<RecipeFit> fit(Optional<Recipe> loaded, Cohort cohort) {
        return loaded.map(one -> RecipeFit.of(recipe.orElseThrow(), one, cohort));
    }

    private int onCluster() {
        requireFiles();
        Optional<Recipe> loaded = recipe();
        try (InputMirror inputs = InputMirror.of(folder)) {
            Cohort cohort = inputs.cohort(labels.schema());
            Optional<RecipeFit> fit = inputs.naming(() -> fit(loaded, cohort));
            CohortSummary summary;
            try (ClusterSession cluster = ClusterSession.open("preceptor cohort " + folder);
                    ProgressBar bar = ProgressBar.on(spec.commandLine().getErr())) {
                summary = SparkCohort.summary(cluster, inputs, cohort, spark.progress(bar, "reading"));
            }
            return report(summary, fit, Optional.empty(), inputs::named);
        }
    }

    private int onThisMachine() {
        requireFiles();
        Optional<Recipe> loaded = recipe();
        ScanCache cache = ScanCache.ofUser(
                line -> spec.commandLine().getErr().println("preceptor: warning: " + ErrorLine.printable(line)));
        Cohort cohort = Cohort.open(folder, labels.schema(), () -> {}, cache);
        Optional<RecipeFit> fit = fit(loaded, cohort);
        Optional<CohortContrast> contrast = hasContrast
                ? Optional.of(CohortContrast.of(cohort, Runtime.getRuntime().availableProcessors()))
                : Optional.empty();
        Optional<CohortPage> page =
                html.map(file -> CohortPage.of(cohort, Runtime.getRuntime().availableProcessors(), cache));
        CohortSummary summary = page.map(CohortPage::summary).orElseGet(() -> CohortSummary.of(cohort, cache));
        html.ifPresent(file -> page.orElseThrow().write(file));
        return report(summary, fit, contrast, UnaryOperator.identity());
    }

    /** @param named gives files in a text the names that the user knows */
    private int report(
            CohortSummary summary,
            Optional<RecipeFit> fit,
            Optional<CohortContrast> contrast,
            UnaryOperator<String> named) {
        PrintWriter out = spec.commandLine().getOut();
        if (json.equals(Optional.of("-"))) {
            out.print(named.apply(json(summary, fit, contrast)));
        } else {
            out.print(named.apply(summary.toText()));
            fit.ifPresent(one -> out.print(one.toText()));
            contrast.ifPresent(one -> out.print("\n" + one.toText()));
            json.ifPresent(file -> AtomicFiles.writeString(Path.of(file), named.apply(json(summary, fit, contrast))));
        }
        out.flush();
        if (summary.hasUnusable()) {
            long count = summary.problems().stream()
                    .filter(p -> p.unusable())
                    .map(p -> p.subject())
                    .distinct()
                    .count();
            spec.commandLine()
                    .getErr()
                    .println("preceptor: error: " + Place.of(folder) + ": " + count
                            + (count == 1 ? " subject is" : " subjects are")
                            + " unusable; "
                            + (json.equals(Optional.of("-"))
                                    ? "the problems with \"unusable\": true say why"
                                    : "the lines that begin with error say why"));
            return 1;
        }
        return 0;
    }

    private static String json(CohortSummary summary, Optional<RecipeFit> fit, Optional<CohortContrast> contrast) {
        Map<String, Object> further = new LinkedHashMap<>();
        fit.ifPresent(one -> further.put("usable", one.toMap()));
        contrast.ifPresent(one -> further.put("contrast", one.toMap()));
        return summary.toJson(further);
    }

    private static void requireFile(Path page) {
        if (page.toString().equals("-")) {
            throw new PreceptorException("--html -: name a file; only --json prints to standard output");
        }
        AtomicFiles.requireFile(page);
    }
}
