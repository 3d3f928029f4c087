package dev.preceptor.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import dev.preceptor.data.Batch;
import dev.preceptor.distill.Method;
import dev.preceptor.distill.Phase;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.tensor.Torch;
import dev.preceptor.train.PhaseOptimizers;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Sequence;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Runs training steps of the last phase of a recipe on one random batch, with the trainer's code. Prints a line per step: wall
 * and processor seconds, peak resident MiB (Linux).
 *
 * <p>Arguments: recipe, edge of the patch, batch, threads, steps, then overrides of the recipe.
 */
public final class StepBenchmark {
    private StepBenchmark() {}

    public static void main(String[] args) {
        Torch.open();
        Torch.useThreads(Integer.parseInt(args[3]));
        int edge = Integer.parseInt(args[1]);
        int batch = Integer.parseInt(args[2]);
        List<String> overrides = Arrays.asList(args).subList(5, args.length);
        Recipe recipe = Recipe.load(args[0], overrides);
        List<Sequence> sequences = recipe.sequences();
        OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        try (Method method = recipe.build(LabelSpace.BRATS_2018, List.of(), Torch.device("cpu"))) {
            List<Phase> phases = method.phases();
            Phase phase = phases.get(phases.size() - 1);
            try (PhaseOptimizers optimizers = new PhaseOptimizers(phase, recipe.optimization(), 2)) {
                // Distillation starts with the second epoch.
                optimizers.endEpoch();
                for (int i = 0; i < Integer.parseInt(args[4]); i++) {
                    long cpu = system.getProcessCpuTime();
                    long wall = System.nanoTime();
                    try (PointerScope scope = new PointerScope()) {
                        Tensor images = torch.randn(batch, sequences.size(), edge, edge, edge);
                        Tensor classes = torch.rand(batch, edge, edge, edge)
                                .mul(new Scalar(4.0))
                                .to(torch.ScalarType.Long);
                        phase.step(new Batch(sequences, images, classes), optimizers);
                    }
                    System.out.printf(
                            Locale.ROOT,
                            "%.3f %.3f %d%n",
                            (System.nanoTime() - wall) / 1e9,
                            (system.getProcessCpuTime() - cpu) / 1e9,
                            peakMebibytes());
                }
            }
        }
    }

    private static long peakMebibytes() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/status"))) {
            return lines.filter(line -> line.startsWith("VmHWM:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) >> 10)
                    .findFirst()
                    .orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
