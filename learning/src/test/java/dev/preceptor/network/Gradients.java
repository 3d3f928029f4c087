package dev.preceptor.network;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Output and gradients that autograd computes for a function of an input and weights.
 *
 * @param output of the function
 * @param gradient of the output, random
 * @param inputGradient gradient of the input
 * @param weights gradients of the weights in their order
 */
record Gradients(Tensor output, Tensor gradient, Tensor inputGradient, List<Tensor> weights) {
    private static final double TOLERANCE = 1e-4;

    /** A function in libtorch's own operators. */
    interface Plain {
        Tensor apply(Tensor x, List<Tensor> weights);
    }

    static Gradients of(Plain plain, Tensor x, Parameters parameters) {
        Tensor leaf = x.detach().clone().set_requires_grad(true);
        List<Tensor> weights = new ArrayList<>();
        parameters
                .asMap()
                .values()
                .forEach(weight ->
                        weights.add(weight.detach().clone().contiguous().set_requires_grad(true)));
        Tensor output = plain.apply(leaf, weights);
        Tensor gradient = torch.randn_like(output).detach();
        Tensors.backward(output, gradient);
        return new Gradients(
                output.detach(),
                gradient,
                leaf.grad(),
                weights.stream().map(Tensor::grad).toList());
    }

    /**
     * Compares output and gradients of another implementation; the gradients of its weights are those of {@code parameters}.
     */
    void check(Tensor otherOutput, Tensor otherInputGradient, Parameters parameters, String message) {
        assertClose(output, otherOutput, TOLERANCE, message + ": output");
        assertClose(inputGradient, otherInputGradient, TOLERANCE, message + ": gradient of the input");
        List<String> names = List.copyOf(parameters.asMap().keySet());
        for (int i = 0; i < names.size(); i++) {
            Tensor weight = parameters.asMap().get(names.get(i));
            assertClose(weights.get(i), weight.grad(), TOLERANCE, message + ": gradient of " + names.get(i));
        }
    }

    /** Asserts that two tensors differ by at most {@code tolerance} times the largest value. */
    static void assertClose(Tensor expected, Tensor actual, double tolerance, String message) {
        assertArrayEquals(Tensors.shape(expected), Tensors.shape(actual), message);
        float[] values = Tensors.toFloats(expected);
        float[] found = Tensors.toFloats(actual);
        double largest = 0;
        double error = 0;
        for (int i = 0; i < values.length; i++) {
            largest = Math.max(largest, Math.abs(values[i]));
            error = Math.max(error, Math.abs(values[i] - found[i]));
        }
        assertTrue(error <= tolerance * largest, message + " deviates by " + error + " of " + largest);
    }
}
