package dev.preceptor.benchmarks;

import dev.preceptor.network.Convolution;
import dev.preceptor.network.ConvolutionOp;
import dev.preceptor.network.WinogradConvolution;
import dev.preceptor.tensor.Tensors;
import dev.preceptor.tensor.Torch;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.bytedeco.javacpp.BoolPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.T_TensorTensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * Compares direct 3x3x3 convolutions with Winograd's on one thread: milliseconds of the processor, forward and backward (the fastest of
 * several runs), and the largest errors against float64 relative to the largest value.
 *
 * <p>Arguments: {@code in,out,edge} for each row of the table.
 */
public final class ConvolutionBenchmark {
    private static final int RUNS = 8;
    private static final long[] ONE = {1, 1, 1};

    private ConvolutionBenchmark() {}

    public static void main(String[] args) {
        Torch.open();
        Torch.useThreads(1);
        System.out.println(
                "| channels, extent | forward direct | Winograd | ratio | backward direct | Winograd | ratio "
                        + "| error of output, input's gradient, weights' gradient: direct | Winograd |");
        System.out.println("|---|---|---|---|---|---|---|---|---|");
        for (String arg : args) {
            String[] parts = arg.split(",");
            try (PointerScope scope = new PointerScope();
                    NoGradGuard guard = new NoGradGuard()) {
                System.out.println(
                        row(Integer.parseInt(parts[0]), Integer.parseInt(parts[1]), Integer.parseInt(parts[2])));
            }
        }
    }

    private static String row(int in, int out, int edge) {
        Tensor weight = torch.randn(out, in, 3, 3, 3).mul_(new Scalar(Math.sqrt(2.0 / in / 27)));
        Convolution direct = new Convolution(weight, Optional.empty(), 1);
        ConvolutionOp winograd = new WinogradConvolution(direct);
        Tensor x = torch.randn(1, edge, edge, edge, in).permute(0, 4, 1, 2, 3);
        Tensor gradient = torch.randn(1, edge, edge, edge, out).permute(0, 4, 1, 2, 3);
        double[] times = {
            milliseconds(() -> direct.apply(x)),
            milliseconds(() -> winograd.apply(x)),
            milliseconds(() -> direct.backward(gradient, x, true)),
            milliseconds(() -> winograd.backward(gradient, x, true))
        };
        List<Tensor> exact = exact(weight, x, gradient);
        return String.format(
                Locale.ROOT,
                "| %d to %d, %d^3 | %.1f | %.1f | %.2f | %.1f | %.1f | %.2f | %s | %s |",
                in,
                out,
                edge,
                times[0],
                times[1],
                times[0] / times[1],
                times[2],
                times[3],
                times[2] / times[3],
                errors(direct, weight, x, gradient, exact),
                errors(winograd, weight, x, gradient, exact));
    }

    private static double milliseconds(Runnable run) {
        double best = Double.MAX_VALUE;
        for (int i = 0; i < RUNS; i++) {
            long start = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
            try (PointerScope scope = new PointerScope()) {
                run.run();
            }
            best = Math.min(best, (ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - start) / 1e6);
        }
        return best;
    }

    private static List<Tensor> exact(Tensor weight, Tensor x, Tensor gradient) {
        Tensor input = x.to(torch.ScalarType.Double).contiguous();
        Tensor filter = weight.to(torch.ScalarType.Double);
        Tensor output = torch.conv3d(input, filter, new TensorOptional(), ONE, ONE, ONE, 1);
        BoolPointer mask = new BoolPointer(3).put(0, true).put(1, true).put(2, false);
        T_TensorTensorTensor_T gradients = torch.convolution_backward(
                gradient.to(torch.ScalarType.Double).contiguous(),
                input,
                filter,
                new long[] {weight.size(0)},
                ONE,
                ONE,
                ONE,
                false,
                new long[] {0, 0, 0},
                1,
                mask);
        return List.of(output, gradients.get0().clone(), gradients.get1().clone());
    }

    private static String errors(ConvolutionOp op, Tensor weight, Tensor x, Tensor gradient, List<Tensor> exact) {
        Tensors.clearGradients(List.of(weight));
        List<Tensor> found = List.of(op.apply(x), op.backward(gradient, x, true), weight.grad());
        List<String> errors = new ArrayList<>();
        for (int i = 0; i < found.size(); i++) {
            double error = found.get(i)
                    .to(torch.ScalarType.Double)
                    .sub(exact.get(i))
                    .abs()
                    .max()
                    .item()
                    .toDouble();
            errors.add(String.format(
                    Locale.ROOT, "%.0e", error / exact.get(i).abs().max().item().toDouble()));
        }
        return String.join(", ", errors);
    }
}
