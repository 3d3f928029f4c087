package dev.preceptor.cli;

import dev.preceptor.study.Demo;
import dev.preceptor.study.DemoOptions;
import dev.preceptor.volume.LabelSpace;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code preceptor demo}: trains and scores a teacher and two students on phantoms or on a real cohort. */
@Command(
        name = "demo",
        description =
                "Make a phantom cohort (or use a real one) of few labelled and many unlabelled subjects, train a teacher, a"
                        + " student that it teaches and a student without it, and score all three on unseen subjects.",
        sortOptions = false)
final class DemoCommand implements Callable<Integer> {
    private static final int INTERRUPTED = 130;
    private static final int QUICK_UNLABELLED = 20;
    private static final int QUICK_UNSEEN = 4;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            defaultValue = "demo",
            description = "A new folder, or that of a demo that was stopped (default ${DEFAULT-VALUE}).")
    private Path out;

    @Option(
            names = "--quick",
            description =
                    "A fifth of the steps and fewer subjects: demonstrates the workflow in minutes, too short to show a"
                            + " benefit.")
    private boolean quick;

    @Option(
            names = "--controls",
            description = "Also train the self-trained student, whose teacher sees the student's sequence alone.")
    private boolean controls;

    @Option(
            names = "--cohort",
            paramLabel = "DIR",
            description =
                    "A real cohort in place of phantoms; one fold of its labelled subjects is held out for scoring.")
    private Optional<Path> cohort;

    @Option(
            names = "--unlabelled",
            paramLabel = "DIR",
            description = "With --cohort: further subjects, from whose images alone the student learns.")
    private Optional<Path> images;

    @Option(
            names = "--labelled",
            paramLabel = "N",
            description = "Number of subjects whose labels are used (default " + DemoOptions.LABELLED
                    + " phantoms; every labelled subject of a real cohort).")
    private Optional<Integer> labelled;

    @Option(
            names = "--subjects-without-labels",
            paramLabel = "N",
            description = "Number of phantoms without labels (default " + DemoOptions.UNLABELLED + ", quick "
                    + QUICK_UNLABELLED + ").")
    private Optional<Integer> unlabelled;

    @Option(
            names = "--unseen",
            paramLabel = "N",
            description = "Number of subjects to score (default " + DemoOptions.UNSEEN + ", quick " + QUICK_UNSEEN
                    + "; at most a fifth of a real cohort).")
    private Optional<Integer> unseen;

    @Option(
            names = "--seeds",
            paramLabel = "N",
            split = ",",
            defaultValue = "1",
            description = "Random seeds; everything is trained once per seed (default ${DEFAULT-VALUE}).")
    private List<Long> seeds = new ArrayList<>();

    @Option(names = "--set", paramLabel = "key=value", description = "Override a key of all recipes; repeatable.")
    private List<String> overrides = new ArrayList<>();

    @Mixin
    private SchemaOption labels;

    @Mixin
    private ComputeOptions compute;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        PrintWriter err = spec.commandLine().getErr();
        PrintWriter results = spec.commandLine().getOut();
        if (images.isPresent() && cohort.isEmpty()) {
            throw usage("--unlabelled names images of a real cohort; name the cohort with --cohort");
        }
        if (unlabelled.isPresent() && cohort.isPresent()) {
            throw usage("--subjects-without-labels counts phantoms; leave it out with --cohort");
        }
        Optional<LabelSpace> schema = labels.schema();
        if (schema.isPresent() && cohort.isEmpty()) {
            throw usage("--schema and --labels say what the labels of a real cohort mean; name it with --cohort");
        }
        DemoOptions options = new DemoOptions(
                out,
                cohort,
                schema,
                images,
                seeds,
                labelled,
                unlabelled.orElse(quick ? QUICK_UNLABELLED : DemoOptions.UNLABELLED),
                unseen.orElse(quick ? QUICK_UNSEEN : DemoOptions.UNSEEN),
                quick,
                controls,
                overrides,
                compute.device(),
                compute.threads());
        try (ProgressBar bar = ProgressBar.on(err);
                StopSignals signals = StopSignals.listen(err)) {
            Optional<Demo.Result> result = Demo.run(options, new StudyProgress(bar, true), signals::requested);
            bar.close();
            if (result.isEmpty()) {
                results.println("stopped; the same command resumes in " + out);
                results.flush();
                return INTERRUPTED;
            }
            print(result.get(), results);
            return 0;
        }
    }

    private ParameterException usage(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    private void print(Demo.Result result, PrintWriter results) {
        results.println();
        results.print(result.table().toText());
        results.println();
        result.findings().forEach(results::println);
        if (quick) {
            results.println(
                    "The trainings of --quick are too short to show the effect of the teacher; run the demo without --quick.");
        }
        results.println();
        results.println("taught student's model  " + result.student());
        results.println("report                  " + out.resolve("report").resolve("index.html"));
        results.println("pictures                " + out.resolve("pictures"));
        results.println("this table              " + out.resolve("demo.md"));
        results.flush();
    }
}
