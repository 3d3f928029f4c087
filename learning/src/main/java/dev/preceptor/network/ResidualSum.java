package dev.preceptor.network;

import dev.preceptor.onnx.OnnxGraph;
import dev.preceptor.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The end of a residual block (He et al., CVPR 2016, arXiv 1512.03385): the sum of a main branch and a shortcut, optionally
 * followed by ReLU or LeakyReLU. The last input is that of the shortcut, the others are those of the main branch.
 *
 * @param main of all inputs but the last
 * @param shortcut of the last input; empty for the input as it is
 * @param slope negative slope of the LeakyReLU that follows: {@link NormActivation#slope}
 */
public record ResidualSum(RecomputedOp main, Optional<RecomputedOp> shortcut, double slope) implements RecomputedOp {
    @Override
    public Tensor apply(List<Tensor> inputs) {
        Tensor last = last(inputs);
        return activated(
                main.apply(allButLast(inputs)),
                shortcut.map(op -> op.apply(List.of(last))).orElse(last));
    }

    @Override
    public int savedTensors() {
        return main.savedTensors() + shortcut.map(RecomputedOp::savedTensors).orElse(0);
    }

    @Override
    public ForwardResult forward(List<Tensor> inputs) {
        ForwardResult ofMain = main.forward(allButLast(inputs));
        ForwardResult ofShortcut = shortcut.map(op -> op.forward(List.of(last(inputs))))
                .orElseGet(() -> new ForwardResult(last(inputs), List.of()));
        List<Tensor> saved = new ArrayList<>(ofMain.savedTensors());
        saved.addAll(ofShortcut.savedTensors());
        return new ForwardResult(activated(ofMain.output(), ofShortcut.output()), saved);
    }

    @Override
    public Recomputation recompute(List<Tensor> inputs, List<Tensor> saved, List<Boolean> requiresGrad) {
        int ofMain = main.savedTensors();
        Recomputation mainAgain =
                main.recompute(allButLast(inputs), saved.subList(0, ofMain), allButLast(requiresGrad));
        Optional<Recomputation> shortcutAgain = shortcut.map(op ->
                op.recompute(List.of(last(inputs)), saved.subList(ofMain, saved.size()), List.of(last(requiresGrad))));
        Tensor y = Tensors.scoped(() -> activated(
                mainAgain.output().get(),
                shortcutAgain.map(again -> again.output().get()).orElseGet(() -> last(inputs))));
        boolean isUnchanged = slope == NormActivation.LINEAR && shortcut.isPresent();
        return new Recomputation(
                () -> y,
                gradient -> Tensors.scopedList(() -> {
                    // A shortcut without an operation gets this very tensor, which therefore must be a new one.
                    Tensor ofSum = isUnchanged ? gradient : gradientOfSum(gradient, y);
                    List<Tensor> gradients =
                            new ArrayList<>(mainAgain.backward().apply(mainAgain.overwrites() ? ofSum.clone() : ofSum));
                    gradients.add(shortcutAgain
                            .map(again -> again.backward().apply(ofSum).get(0))
                            .orElse(ofSum));
                    return gradients;
                }),
                isUnchanged && shortcutAgain.orElseThrow().overwrites());
    }

    @Override
    public String export(OnnxGraph graph, List<String> inputs) {
        String shortcutOutput =
                shortcut.map(op -> op.export(graph, List.of(last(inputs)))).orElseGet(() -> last(inputs));
        String sum = graph.node("Add", List.of(main.export(graph, allButLast(inputs)), shortcutOutput));
        return slope == NormActivation.LINEAR ? sum : LeakyRelu.export(graph, sum, slope);
    }

    private Tensor gradientOfSum(Tensor gradient, Tensor y) {
        return slope == NormActivation.LINEAR
                ? gradient.clone()
                : torch.leaky_relu_backward(gradient, y, new Scalar(slope), true);
    }

    private Tensor activated(Tensor mainOutput, Tensor shortcutOutput) {
        Tensor sum = mainOutput.add(shortcutOutput);
        return slope == NormActivation.LINEAR ? sum : Layers.leakyReluInPlace(sum, slope);
    }

    private static <T> List<T> allButLast(List<T> list) {
        return list.subList(0, list.size() - 1);
    }

    private static <T> T last(List<T> list) {
        return list.get(list.size() - 1);
    }
}
