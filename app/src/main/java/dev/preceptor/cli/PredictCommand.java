package dev.preceptor.cli;

import dev.preceptor.base.PreceptorException;
import dev.preceptor.infer.PredictionJob;
import dev.preceptor.infer.Predictor;
import dev.preceptor.tensor.Torch;
import dev.preceptor.volume.Sequence;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code preceptor predict}: label maps on the grid of the input. */
@Command(
        name = "predict",
        description = "Segment one image, one subject or a folder of subjects with a model.",
        sortOptions = false)
final class PredictCommand implements Callable<Integer> {
    private static final int MOST_NAMED = 20;

    @Option(
            names = "--model",
            required = true,
            paramLabel = "FILE[,FILE...]",
            description = "A model; several, separated by commas or each with an option of its own, predict together.")
    private List<String> models;

    @Option(
            names = "--input",
            required = true,
            paramLabel = "FILE|DIR",
            description = "A NIfTI file for a model of one sequence, the folder of a subject, or a folder of subjects.")
    private Path input;

    @Option(
            names = "--out",
            required = true,
            paramLabel = "FILE|DIR",
            description =
                    "A NIfTI file for one subject, else a folder; it gets ID.nii.gz for each subject, and predictions.json,"
                            + " by which the next call keeps what is still right.")
    private Path out;

    @Option(
            names = "--sequence",
            paramLabel = "NAME",
            description = "Which sequence the input file is (T1, T1CE, T2, FLAIR), where its name does not tell.")
    private Optional<String> sequence;

    @Option(names = "--probabilities", description = "Write the probability of each region too.")
    private boolean probabilities;

    @Option(names = "--tta", description = "Average over the 8 mirrorings: slower, often a little better.")
    private boolean mirror;

    @Option(
            names = "--overlap",
            paramLabel = "X",
            description = "Share of a tile that its neighbour covers too, 0 to 0.9 (default: the model's).")
    private Optional<Double> overlap;

    @Mixin
    private ComputeOptions compute;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        Predictor.Options options = new Predictor.Options(
                compute.device(),
                overlap.map(OptionalDouble::of).orElseGet(OptionalDouble::empty),
                mirror,
                Predictor.Options.DEFAULTS.batch());
        Optional<Sequence> told = sequence.map(this::sequence);
        Torch.useThreads(compute.threads());
        PrintWriter results = spec.commandLine().getOut();
        PredictionJob.Summary outcome;
        try (Predictor predictor = Predictor.read(ModelPaths.of(models), options);
                ProgressBar bar = ProgressBar.on(spec.commandLine().getErr())) {
            outcome = new PredictionJob(input, out, probabilities, told).run(predictor, new Progress(bar));
        }
        outcome.done().forEach(done -> results.println(done.labels()));
        results.flush();
        if (outcome.failed().isEmpty()) {
            return 0;
        }
        throw incomplete(outcome);
    }

    /** The reasons were printed when they came up, one line each; this one sums up. */
    private PreceptorException incomplete(PredictionJob.Summary outcome) {
        List<PredictionJob.Failure> failed = outcome.failed();
        String some =
                failed.stream().limit(MOST_NAMED).map(PredictionJob.Failure::id).collect(Collectors.joining(", "));
        int rest = failed.size() - MOST_NAMED;
        PreceptorException summary = new PreceptorException(input + ": "
                + failed.size() + " of " + (failed.size() + outcome.done().size())
                + " subjects could not be predicted (" + some + (rest > 0 ? " and " + rest + " more" : "")
                + "); the lines above say why, and the same command tries these again");
        failed.forEach(failure -> summary.addSuppressed(failure.cause()));
        return summary;
    }

    private Sequence sequence(String name) {
        try {
            return Sequence.of(name);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(
                    spec.commandLine(), "--sequence is T1, T1CE, T2, FLAIR or a name of a model, not \"" + name + "\"");
        }
    }

    private static final class Progress implements PredictionJob.Listener {
        private final ProgressBar bar;

        Progress(ProgressBar bar) {
            this.bar = bar;
            bar.start("predicting", "subject", 0, 1);
        }

        @Override
        public void onDone(PredictionJob.Done done) {
            bar.update(done.number(), done.total(), done.id() + (done.isKept() ? " (kept)" : ""));
        }

        @Override
        public void onFailed(PredictionJob.Failure failure) {
            bar.line("preceptor: skipped: " + failure);
        }

        @Override
        public void onWarning(String text) {
            bar.line("preceptor: warning: " + text);
        }
    }
}
