package dev.preceptor.benchmarks;

import dev.preceptor.data.Batch;
import dev.preceptor.distill.LossTerm;
import dev.preceptor.distill.Method;
import dev.preceptor.distill.Phase;
import dev.preceptor.network.Computation;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.tensor.Tensors;
import dev.preceptor.tensor.Torch;
import dev.preceptor.volume.LabelSpace;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * How far the loss and the gradients of a step on a device, in each precision, are from those of float32 on the CPU: the same weights and the
 * same random batch, the last phase of a recipe. Prints a line for each precision: its name, the relative difference of the loss, and
 * that of the gradients of the leading network as one vector (L2).
 *
 * <p>Arguments: recipe, edge of the patch, batch, device, then overrides of the recipe.
 */
public final class PrecisionBenchmark {
    private PrecisionBenchmark() {}

    private record Step(double loss, List<float[]> gradients) {}

    public static void main(String[] args) {
        Torch.open();
        Torch.useThreads(0);
        int edge = Integer.parseInt(args[1]);
        int batch = Integer.parseInt(args[2]);
        List<String> overrides = Arrays.asList(args).subList(4, args.length);
        Step reference = step(args[0], overrides, Computation.Precision.FLOAT32, Torch.device("cpu"), edge, batch);
        for (Computation.Precision precision : Computation.Precision.values()) {
            Step found = step(args[0], overrides, precision, Torch.device(args[3]), edge, batch);
            System.out.printf(
                    Locale.ROOT,
                    "%s %.2e %.2e%n",
                    precision,
                    Math.abs(found.loss - reference.loss) / Math.abs(reference.loss),
                    difference(found.gradients, reference.gradients));
        }
    }

    private static Step step(
            String name, List<String> overrides, Computation.Precision precision, Device device, int edge, int batch) {
        List<String> all = new ArrayList<>(overrides);
        all.add("compute.precision=" + precision);
        Recipe recipe = Recipe.load(name, all);
        Torch.allowTf32(precision == Computation.Precision.TF32);
        try (Method method = recipe.build(LabelSpace.BRATS_2018, List.of(), device);
                PointerScope scope = new PointerScope()) {
            List<Phase> phases = method.phases();
            Phase phase = phases.get(phases.size() - 1);
            String leading = phase.leading().name();
            List<float[]> gradients = new ArrayList<>();
            Phase.Optimizers optimizers = (String group, List<Supplier<LossTerm>> losses) -> {
                losses.forEach(loss -> loss.get().backward(() -> {}));
                if (group.equals(leading)) {
                    phase.parameterGroups().get(group).weights().values().stream()
                            .map(Tensor::grad)
                            .filter(Tensor::defined)
                            .forEach(gradient -> gradients.add(Tensors.toFloats(gradient)));
                }
            };
            return new Step(
                    phase.step(batch(recipe, device, edge, batch), optimizers)
                            .values()
                            .get("loss"),
                    gradients);
        }
    }

    private static Batch batch(Recipe recipe, Device device, int edge, int count) {
        SplittableRandom random = new SplittableRandom(1);
        int sequences = recipe.sequences().size();
        float[] images = new float[count * sequences * edge * edge * edge];
        for (int i = 0; i < images.length; i++) {
            images[i] = (float) random.nextDouble(-1, 1);
        }
        byte[] classes = new byte[count * edge * edge * edge];
        for (int i = 0; i < classes.length; i++) {
            classes[i] = (byte) random.nextInt(4);
        }
        return new Batch(
                recipe.sequences(),
                Tensors.onDevice(images, device, count, sequences, edge, edge, edge),
                Tensors.onDevice(classes, device, count, edge, edge, edge).to(torch.ScalarType.Long));
    }

    private static double difference(List<float[]> found, List<float[]> reference) {
        double squares = 0;
        double all = 0;
        for (int i = 0; i < reference.size(); i++) {
            for (int j = 0; j < reference.get(i).length; j++) {
                double difference = found.get(i)[j] - reference.get(i)[j];
                squares += difference * difference;
                all += (double) reference.get(i)[j] * reference.get(i)[j];
            }
        }
        return Math.sqrt(squares / all);
    }
}
