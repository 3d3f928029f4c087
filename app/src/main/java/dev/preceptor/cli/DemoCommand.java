package dev.preceptor.cli;

import dev.preceptor.study.Demo;
import dev.preceptor.study.DemoOptions;
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
import picocli.CommandLine.Spec;

/** {@code preceptor demo}: a complete comparison in minutes. */
@Command(
        name = "demo",
        description =
                "Make a phantom cohort (or use a real one), train a teacher, a student with distillation and a student"
                        + " without it, and score all three on unseen subjects.",
        sortOptions = false)
final class DemoCommand implements Callable<Integer> {
    private static final int INTERRUPTED = 130;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            defaultValue = "demo",
            description = "An empty or new folder (default ${DEFAULT-VALUE}).")
    private Path out;

    @Option(
            names = "--cohort",
            paramLabel = "DIR",
            description = "A real cohort in place of phantoms; one fold is held out for scoring.")
    private Optional<Path> cohort;

    @Option(
            names = "--seeds",
            paramLabel = "N",
            split = ",",
            defaultValue = "1",
            description = "Random seeds; everything is trained once per seed (default ${DEFAULT-VALUE}).")
    private List<Long> seeds = new ArrayList<>();

    @Option(
            names = "--subjects",
            paramLabel = "N",
            description = "Number of phantoms to train on (default " + DemoOptions.SUBJECTS + ").")
    private Optional<Integer> subjects;

    @Option(
            names = "--unseen",
            paramLabel = "N",
            description = "Number of subjects to score (default " + DemoOptions.UNSEEN
                    + "; at most a fifth of a real cohort).")
    private Optional<Integer> unseen;

    @Option(names = "--set", paramLabel = "key=value", description = "Override a key of both recipes; repeatable.")
    private List<String> overrides = new ArrayList<>();

    @Mixin
    private ComputeOptions compute;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        PrintWriter err = spec.commandLine().getErr();
        PrintWriter results = spec.commandLine().getOut();
        DemoOptions standard = DemoOptions.in(out);
        DemoOptions options = new DemoOptions(
                out,
                cohort,
                seeds,
                subjects.orElse(standard.subjects()),
                unseen.orElse(standard.unseen()),
                standard.distilled(),
                standard.baseline(),
                overrides,
                compute.device(),
                compute.threads());
        try (ProgressBar bar = ProgressBar.on(err);
                StopSignals signals = StopSignals.listen(err)) {
            Optional<Demo.Result> result = Demo.run(options, new WorkProgress(bar), signals::requested);
            bar.close();
            if (result.isEmpty()) {
                results.println("stopped; finished parts are in " + out);
                results.flush();
                return INTERRUPTED;
            }
            print(result.get(), results);
            return 0;
        }
    }

    private void print(Demo.Result result, PrintWriter results) {
        results.println();
        results.print(result.table().toText());
        results.println();
        results.println("student's model      " + result.student());
        results.println("predictions          " + out.resolve("predictions"));
        results.println("scores               " + out.resolve("scores"));
        results.println("pictures             " + out.resolve("pictures"));
        results.println("this table           " + out.resolve("comparison.md"));
        results.flush();
    }
}
