package dev.preceptor.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import dev.preceptor.data.Batch;
import dev.preceptor.distill.Method;
import dev.preceptor.distill.Phase;
import dev.preceptor.network.Computation;
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
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;

/**
 * Runs training steps of the last phase of a recipe on random batches, with the trainer's code. Prints a line per step: wall
 * and processor seconds, peak resident MiB (Linux).
 *
 * <p>Arguments: recipe, edge of the patch, batch, threads, or a GPU such as {@code cuda:0}, steps, then overrides of the recipe.
 */
public final class StepBenchmark {
    private StepBenchmark() {}

    public static void main(String[] args) {
        Torch.open();
        boolean isGpu = args[3].startsWith("cuda");
        Torch.useThreads(isGpu ? 0 : Integer.parseInt(args[3]));
        int edge = Integer.parseInt(args[1]);
        int batch = Integer.parseInt(args[2]);
        List<String> overrides = Arrays.asList(args).subList(5, args.length);
        Recipe recipe = Recipe.load(args[0], overrides);
        Torch.allowTf32(recipe.compute().precision() == Computation.Precision.TF32);
        List<Sequence> sequences = recipe.sequences();
        Device device = Torch.device(isGpu ? args[3] : "cpu");
        OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        try (Method method = recipe.build(LabelSpace.BRATS_2018, List.of(), device)) {
            List<Phase> phases = method.phases();
            Phase phase = phases.get(phases.size() - 1);
            try (PhaseOptimizers optimizers = new PhaseOptimizers(phase, recipe.optimization(), 2)) {
                // Distillation starts with the second epoch.
                optimizers.endEpoch();
                for (int i = 0; i < Integer.parseInt(args[4]); i++) {
                    long cpu = system.getProcessCpuTime();
                    long wall = System.nanoTime();
                    try (PointerScope scope = new PointerScope()) {
                        TensorOptions there = new TensorOptions(device);
                        Tensor images = torch.randn(new long[] {batch, sequences.size(), edge, edge, edge}, there);
                        Tensor classes = torch.rand(new long[] {batch, edge, edge, edge}, there)
                                .mul(new Scalar(4.0))
                                .to(torch.ScalarType.Long);
                        // Reading the losses waits for a GPU.
                        phase.step(new Batch(sequences, images, classes), optimizers)
                                .values();
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
