package dev.preceptor.network;

import dev.preceptor.tensor.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * One forward of a network, and its way back. It keeps what convolutions make, not what norms and activations make of that:
 * they are computed once more on the way back, which costs little time and saves half of the memory that autograd would take.
 * Where gradients are off it keeps nothing.
 *
 * <p>What is kept belongs to the scope that was innermost when the tape was made, until the way back frees it. Values are
 * stored in the precision of the convolutions; everything else is computed in float32.
 */
final class Tape {
    /** A part of a network, from values to one value. */
    @FunctionalInterface
    interface Stage {
        Value run(Tape tape, List<Value> inputs);
    }

    /** A tensor on a tape; without one once it is no longer needed. */
    static final class Value {
        private final boolean requiresGrad;
        private Tensor tensor;
        private Tensor gradient;
        private boolean isShared;

        private Value(Tensor tensor, boolean isWanted) {
            this.tensor = tensor;
            this.requiresGrad = isWanted;
        }
    }

    /** How the gradient of a value reaches what it was made of. */
    private record Entry(Value made, Consumer<Tensor> back) {}

    private final boolean isRecording;
    private final Computation computation;
    private final PointerScope scope;
    private final List<Entry> entries = new ArrayList<>();
    private final MemoryTracker memoryTracker = new MemoryTracker();

    private Tape(boolean isRecording, Computation computation) {
        this.isRecording = isRecording;
        this.computation = computation;
        this.scope = PointerScope.getInnerScope();
        if (scope == null) {
            throw new IllegalStateException("no scope is open to take care of the results");
        }
    }

    /** A tape that records if autograd would. */
    static Tape of(Computation computation) {
        return new Tape(GradMode.is_enabled(), computation);
    }

    /** The input of a network, of which no gradient is wanted. */
    Value input(Tensor x) {
        return new Value(made(() -> stored(x).contiguous(torch.MemoryFormat.ChannelsLast3d)), false);
    }

    /** A cheap function. */
    Value recomputed(RecomputedOp recomputedOp, Value... inputs) {
        List<Tensor> notes = new ArrayList<>();
        Value made = new Value(made(() -> stored(mixed(recomputedOp, notes, inputs))), true);
        record(made, gradient -> {
            RecomputedOp.Recomputation recomputation =
                    recomputedOp.recompute(floats(inputs), notes, requiresGrad(inputs));
            Tensor plain = gradient.to(torch.ScalarType.Float);
            boolean isOurs = !made.isShared || !plain.is_same(gradient);
            receive(
                    inputs,
                    recomputation.backward().apply(recomputation.overwrites() && !isOurs ? plain.clone() : plain));
        });
        return made;
    }

    /** A convolution. */
    Value convolve(ConvolutionOp convolutionOp, Value x) {
        Value made = new Value(made(() -> convolutionOp.apply(x.tensor)), true);
        record(made, gradient -> {
            Tensor back = convolutionOp.backward(gradient, x.tensor, x.requiresGrad);
            if (x.requiresGrad) {
                receive(x, back, false);
            }
        });
        return made;
    }

    /** A convolution of what a cheap function makes, which is not kept. */
    Value convolve(ConvolutionOp convolutionOp, RecomputedOp before, Value... inputs) {
        List<Tensor> notes = new ArrayList<>();
        Value made = new Value(made(() -> convolutionOp.apply(stored(seen(mixed(before, notes, inputs))))), true);
        record(made, gradient -> {
            RecomputedOp.Recomputation recomputation = before.recompute(floats(inputs), notes, requiresGrad(inputs));
            Tensor x = stored(recomputation.output().get());
            Tensor back = Tensors.scoped(() -> convolutionOp.backward(gradient, x, true));
            receive(inputs, recomputation.backward().apply(back.to(torch.ScalarType.Float)));
        });
        return made;
    }

    /** The result of a cheap function; its notes live as long as the tape. */
    private Tensor mixed(RecomputedOp recomputedOp, List<Tensor> notes, Value... inputs) {
        if (!isRecording) {
            return recomputedOp.apply(floats(inputs));
        }
        RecomputedOp.ForwardResult forwardResult = recomputedOp.forward(floats(inputs));
        forwardResult.savedTensors().forEach(note -> notes.add(keep(note)));
        return forwardResult.output();
    }

    /** The sum of two values that nothing else is made of. */
    Value sum(Value a, Value b) {
        Value made = new Value(a.tensor, true);
        try (NoGradGuard guard = new NoGradGuard()) {
            made.tensor.add_(b.tensor);
        }
        a.tensor = null;
        if (isRecording) {
            free(b.tensor);
        }
        b.tensor = null;
        record(made, gradient -> {
            receive(a, gradient, true);
            receive(b, gradient, true);
        });
        return made;
    }

    /** A part of a network, of which only the inputs are kept where the computation says so. */
    Value stage(Stage stage, Value... inputs) {
        if (isRecording && computation.recompute() == Computation.Recompute.NOTHING) {
            return stage.run(this, List.of(inputs));
        }
        Value made = new Value(made(() -> stage.run(new Tape(false, computation), List.of(inputs)).tensor), true);
        record(made, gradient -> {
            Tape tape = new Tape(true, computation.withRecompute(Computation.Recompute.NOTHING));
            List<Value> copies = Arrays.stream(inputs).map(Tape::again).toList();
            tape.receive(stage.run(tape, copies), gradient.detach(), true);
            tape.backward(() -> {});
            memoryTracker.passed(tape.memoryTracker);
            for (int i = 0; i < inputs.length; i++) {
                if (inputs[i].requiresGrad) {
                    receive(inputs[i], copies.get(i).gradient, false);
                }
            }
        });
        return made;
    }

    private static Value again(Value value) {
        return new Value(value.tensor.detach(), value.requiresGrad);
    }

    /** The value for the use of losses: in float32, and where this tape records, the beginning of their graph. */
    Tensor leaf(Value value) {
        Tensor leaf = keep(value.tensor.to(torch.ScalarType.Float).detach());
        return isRecording ? leaf.set_requires_grad(true) : leaf;
    }

    /** Takes what losses gave back to a leaf. */
    void receive(Value value, Tensor leaf) {
        Tensor gradient = leaf.grad();
        if (gradient.defined()) {
            receive(value, stored(gradient), true);
        }
    }

    /**
     * Propagates the gradients that values have received into the weights, and frees what was kept.
     *
     * @param onProgress told after each part of the way
     * @throws IllegalStateException if there is nothing to propagate: nothing was recorded, or it was done before
     */
    void backward(Runnable onProgress) {
        if (entries.isEmpty()) {
            throw new IllegalStateException("no forward was recorded, or its gradients were propagated before");
        }
        try (NoGradGuard guard = new NoGradGuard()) {
            for (int i = entries.size() - 1; i >= 0; i--) {
                Entry entry = entries.remove(i);
                Value made = entry.made();
                // Whatever was made of it has been passed on the way back.
                free(made.tensor);
                made.tensor = null;
                if (made.gradient != null) {
                    try (PointerScope inner = new PointerScope()) {
                        entry.back().accept(made.gradient);
                    }
                    free(made.gradient);
                    made.gradient = null;
                    onProgress.run();
                }
            }
        }
    }

    /** What this forward holds. */
    MemoryUsage memoryUsage() {
        return memoryTracker.holding();
    }

    private void record(Value made, Consumer<Tensor> back) {
        if (isRecording) {
            entries.add(new Entry(made, back));
        }
    }

    private Tensor made(Supplier<Tensor> computed) {
        try (NoGradGuard guard = new NoGradGuard()) {
            return keep(Tensors.scoped(computed));
        }
    }

    private Tensor seen(Tensor tensor) {
        memoryTracker.seen(tensor);
        return tensor;
    }

    /** Into the care of the tape's scope, from whichever is innermost. */
    private Tensor keep(Tensor tensor) {
        if (PointerScope.getInnerScope() != scope) {
            scope.attach(tensor);
        }
        memoryTracker.add(tensor);
        return tensor;
    }

    private void free(Tensor tensor) {
        if (tensor != null) {
            memoryTracker.remove(tensor);
            scope.detach(tensor);
        }
    }

    private void receive(Value value, Tensor gradient, boolean isShared) {
        if (value.gradient == null) {
            value.gradient = keep(gradient);
            value.isShared = isShared;
        } else if (value.isShared) {
            Tensor sum = keep(value.gradient.add(gradient));
            free(value.gradient);
            value.gradient = sum;
            value.isShared = false;
        } else {
            value.gradient.add_(gradient);
        }
    }

    private void receive(Value[] values, List<Tensor> gradients) {
        for (int i = 0; i < values.length; i++) {
            if (values[i].requiresGrad) {
                receive(values[i], stored(gradients.get(i)), false);
            }
        }
    }

    private static List<Boolean> requiresGrad(Value... inputs) {
        return Arrays.stream(inputs).map(input -> input.requiresGrad).toList();
    }

    private static List<Tensor> floats(Value... inputs) {
        return Arrays.stream(inputs)
                .map(input -> input.tensor.to(torch.ScalarType.Float))
                .toList();
    }

    private Tensor stored(Tensor tensor) {
        return tensor.to(computation.precision().type());
    }
}
