package dev.preceptor.network;

import dev.preceptor.network.RecomputedOp.ForwardResult;
import dev.preceptor.network.RecomputedOp.Recomputation;
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
 * Computes one forward pass of a network with libtorch, and its backward pass (docs/decisions/012).
 *
 * <p>The tape stores the outputs of convolutions. Outputs of {@link RecomputedOp}s that only feed a convolution are not stored: the
 * backward pass computes them again, which costs little time and halves the memory that autograd would take. Where gradients are
 * off, nothing is stored for a backward pass.
 *
 * <p>Stored tensors have the precision of {@link Computation#precision()}; recomputed operations run in float32. All stored
 * tensors belong to the innermost {@link PointerScope} at construction, until the backward pass frees them.
 */
final class EagerTape implements Tape {
    /** A tensor on a tape. The tape frees the tensor as soon as no operation needs it any more. */
    static final class TensorValue implements Value {
        private final EagerTape owner;
        private final boolean requiresGrad;
        private Tensor tensor;
        private Tensor gradient;
        /** Whether {@link #gradient} is also the gradient of another value, so that it must not be changed in place. */
        private boolean isGradientShared;
        /** Whether the next operation is the last one of this value. */
        private boolean isLast;
        /** Computes {@link #tensor} when it is first needed, if it ever is. */
        private Deferred deferred;

        private TensorValue(EagerTape owner, Tensor tensor, boolean requiresGrad) {
            this.owner = owner;
            this.tensor = tensor;
            this.requiresGrad = requiresGrad;
        }

        /** The same tensor at the start of another tape. */
        private TensorValue copy(EagerTape other) {
            return new TensorValue(other, tensor().detach(), requiresGrad);
        }

        private Tensor tensor() {
            if (deferred != null) {
                Deferred pending = deferred;
                deferred = null;
                tensor = owner.compute(() -> pending.convolution.apply(pending.x));
            }
            return tensor;
        }
    }

    /** A convolution that a {@link JoiningOp} may write to its place among the channels. */
    private record Deferred(TransposedConvolution convolution, Tensor x) {}

    /** An operation that ran: its output, and the function that passes the output's gradient to its inputs. */
    private record Entry(TensorValue output, Consumer<Tensor> backward) {}

    private final boolean isRecording;
    private final Computation computation;
    private final PointerScope scope;
    private final List<Entry> entries = new ArrayList<>();
    private final MemoryTracker memoryTracker = new MemoryTracker();

    private EagerTape(boolean isRecording, Computation computation) {
        this.isRecording = isRecording;
        this.computation = computation;
        this.scope = PointerScope.getInnerScope();
        if (scope == null) {
            throw new IllegalStateException("a forward pass needs an open PointerScope, which owns its results");
        }
    }

    /** {@link Tape#of}. */
    static EagerTape of(Computation computation) {
        return new EagerTape(GradMode.is_enabled(), computation);
    }

    @Override
    public Value input(Input input) {
        return constant(input.images());
    }

    @Override
    public Value input(Input input, int channel) {
        return constant(input.images().narrow(1, channel, 1));
    }

    private Value constant(Tensor x) {
        return new TensorValue(this, compute(() -> stored(x).contiguous(torch.MemoryFormat.ChannelsLast3d)), false);
    }

    @Override
    public Input zeroAbsent(Input input) {
        boolean[][] present = input.present();
        float[] mask = new float[present.length * present[0].length];
        for (int i = 0; i < mask.length; i++) {
            mask[i] = present[i / present[0].length][i % present[0].length] ? 1 : 0;
        }
        Tensor images = input.images();
        Tensor masked = Tensors.scoped(() -> images.mul(Tensors.of(mask, present.length, present[0].length, 1, 1, 1)
                .to(images.device(), images.scalar_type())));
        return new Input(masked, present, input.trainingSeed());
    }

    @Override
    public Value apply(RecomputedOp op, Value... inputs) {
        TensorValue[] values = values(inputs);
        List<Tensor> saved = new ArrayList<>();
        TensorValue output = new TensorValue(this, compute(() -> stored(forward(op, saved, values))), true);
        freeLast(values);
        record(output, gradient -> {
            Recomputation recomputation = op.recompute(floats(values), saved, requiresGrad(values));
            Tensor plain = gradient.to(torch.ScalarType.Float);
            boolean mayOverwrite = !output.isGradientShared || !plain.is_same(gradient);
            addGradients(
                    values,
                    recomputation
                            .backward()
                            .apply(recomputation.overwrites() && !mayOverwrite ? plain.clone() : plain));
        });
        return output;
    }

    @Override
    public Value convolve(ConvolutionOp layer, Value input) {
        ConvolutionOp convolution = chosen(layer);
        TensorValue x = (TensorValue) input;
        if (!isRecording && convolution instanceof TransposedConvolution transposed && !mayTake(x)) {
            TensorValue output = new TensorValue(this, null, true);
            output.deferred = new Deferred(transposed, x.tensor());
            return output;
        }
        TensorValue output = new TensorValue(this, compute(() -> convolution.apply(x.tensor())), true);
        freeLast(x);
        record(output, gradient -> {
            Tensor inputGradient = convolution.backward(gradient, x.tensor, x.requiresGrad);
            if (x.requiresGrad) {
                addGradient(x, inputGradient, false);
            }
        });
        return output;
    }

    @Override
    public Value convolve(ConvolutionOp layer, RecomputedOp op, Value... inputs) {
        ConvolutionOp convolution = chosen(layer);
        TensorValue[] values = values(inputs);
        List<Tensor> saved = new ArrayList<>();
        TensorValue output = new TensorValue(this, compute(() -> convolved(convolution, op, saved, values)), true);
        freeLast(values);
        record(output, gradient -> {
            Recomputation recomputation = op.recompute(floats(values), saved, requiresGrad(values));
            Tensor x = stored(recomputation.output().get());
            Tensor inputGradient = Tensors.scoped(() -> convolution.backward(gradient, x, true));
            addGradients(values, recomputation.backward().apply(inputGradient.to(torch.ScalarType.Float)));
        });
        return output;
    }

    /** A convolution with the algorithm of {@link Computation#convolutions()}. */
    private ConvolutionOp chosen(ConvolutionOp convolution) {
        return computation.convolutions() == Computation.Convolutions.WINOGRAD
                        && convolution instanceof Convolution direct
                ? new WinogradConvolution(direct)
                : convolution;
    }

    @Override
    public Value last(Value value) {
        TensorValue tensorValue = (TensorValue) value;
        tensorValue.isLast = !isRecording && tensorValue.owner == this;
        return value;
    }

    @Override
    public Value detached(Value value) {
        return new TensorValue(this, ((TensorValue) value).tensor(), false);
    }

    @Override
    public Value sum(Value first, Value second) {
        TensorValue a = (TensorValue) first;
        TensorValue b = (TensorValue) second;
        TensorValue output = new TensorValue(this, a.tensor(), true);
        try (NoGradGuard guard = new NoGradGuard()) {
            output.tensor.add_(b.tensor());
        }
        a.tensor = null;
        if (isRecording || b.owner == this) {
            free(b.tensor);
        }
        b.tensor = null;
        record(output, gradient -> {
            addGradient(a, gradient, true);
            addGradient(b, gradient, true);
        });
        return output;
    }

    @Override
    public Value stage(Stage stage, Value... inputs) {
        if (isRecording && computation.recompute() == Computation.Recompute.NOTHING) {
            return stage.run(this, List.of(inputs));
        }
        TensorValue[] values = values(inputs);
        TensorValue output = new TensorValue(this, compute(() -> runStage(stage, values)), true);
        record(output, gradient -> {
            EagerTape inner = new EagerTape(true, computation.withRecompute(Computation.Recompute.NOTHING));
            List<TensorValue> copies =
                    Arrays.stream(values).map(value -> value.copy(inner)).toList();
            TensorValue again = (TensorValue) stage.run(inner, List.copyOf(copies));
            inner.addGradient(again, gradient.detach(), true);
            inner.backward(() -> {});
            memoryTracker.addPeakOf(inner.memoryTracker);
            for (int i = 0; i < values.length; i++) {
                if (values[i].requiresGrad) {
                    addGradient(values[i], copies.get(i).gradient, false);
                }
            }
        });
        return output;
    }

    /** Runs a stage on a tape of its own, which owns the inputs that nothing else uses. */
    private Tensor runStage(Stage stage, TensorValue... inputs) {
        EagerTape inner = new EagerTape(false, computation);
        List<Value> passed = new ArrayList<>();
        for (TensorValue input : inputs) {
            passed.add(mayTake(input) ? moved(input, inner) : input);
        }
        return tensorOf(stage.run(inner, passed));
    }

    private TensorValue moved(TensorValue value, EagerTape other) {
        TensorValue same = new TensorValue(other, value.tensor(), value.requiresGrad);
        other.scope.attach(same.tensor);
        other.memoryTracker.add(same.tensor);
        free(value.tensor);
        value.tensor = null;
        return same;
    }

    private static TensorValue[] values(Value... inputs) {
        TensorValue[] values = new TensorValue[inputs.length];
        for (int i = 0; i < inputs.length; i++) {
            values[i] = (TensorValue) inputs[i];
        }
        return values;
    }

    private static Tensor tensorOf(Value value) {
        return ((TensorValue) value).tensor();
    }

    /** A float32 tensor of a value for use in losses; if the tape records, a leaf of autograd's graph. */
    Tensor leaf(Value value) {
        Tensor leaf = own(tensorOf(value).to(torch.ScalarType.Float).detach());
        return isRecording ? leaf.set_requires_grad(true) : leaf;
    }

    /** Adds the gradient of a leaf, if the backward pass of a loss has given it one, to its value. */
    void addLeafGradient(Value value, Tensor leaf) {
        Tensor gradient = leaf.grad();
        if (gradient.defined()) {
            addGradient((TensorValue) value, stored(gradient), true);
        }
    }

    /**
     * Propagates the gradients of values to the weights and frees all stored tensors.
     *
     * @param onProgress called after each operation
     * @throws IllegalStateException if nothing was recorded, or the backward pass has run before
     */
    void backward(Runnable onProgress) {
        if (entries.isEmpty()) {
            throw new IllegalStateException(
                    "this forward pass has nothing to propagate: gradients were off, or its backward pass has run");
        }
        try (NoGradGuard guard = new NoGradGuard()) {
            for (int i = entries.size() - 1; i >= 0; i--) {
                Entry entry = entries.remove(i);
                // All consumers of this value are done.
                free(entry.output().tensor);
                entry.output().tensor = null;
                propagate(entry, onProgress);
            }
        }
    }

    /** {@link #backward} that keeps all stored tensors for further backward passes. */
    void backwardKeeping() {
        try (NoGradGuard guard = new NoGradGuard()) {
            for (int i = entries.size() - 1; i >= 0; i--) {
                propagate(entries.get(i), () -> {});
            }
        }
    }

    private void propagate(Entry entry, Runnable onProgress) {
        TensorValue output = entry.output();
        if (output.gradient != null) {
            try (PointerScope inner = new PointerScope()) {
                entry.backward().accept(output.gradient);
            }
            free(output.gradient);
            output.gradient = null;
            onProgress.run();
        }
    }

    /** The memory that this tape's tensors take. */
    MemoryUsage memoryUsage() {
        return memoryTracker.usage();
    }

    private void record(TensorValue output, Consumer<Tensor> backward) {
        if (isRecording) {
            entries.add(new Entry(output, backward));
        }
    }

    /** Computes a tensor outside autograd's graph, frees intermediate results, and stores the tensor. */
    private Tensor compute(Supplier<Tensor> computation) {
        try (NoGradGuard guard = new NoGradGuard()) {
            return own(Tensors.scoped(computation));
        }
    }

    /** Runs an operation and stores the small tensors that its backward pass needs as long as the tape. */
    private Tensor forward(RecomputedOp op, List<Tensor> saved, TensorValue... inputs) {
        if (op instanceof JoiningOp joining && mayJoin(inputs)) {
            return joining.applyJoined(joined(inputs));
        }
        if (!isRecording) {
            return Arrays.stream(inputs).allMatch(this::mayTake)
                    ? op.applyLast(floats(inputs))
                    : op.apply(floats(inputs));
        }
        ForwardResult result = op.forward(floats(inputs));
        result.savedTensors().forEach(tensor -> saved.add(own(tensor)));
        return result.output();
    }

    private Tensor convolved(ConvolutionOp convolution, RecomputedOp op, List<Tensor> saved, TensorValue... inputs) {
        if (!isRecording && isFloat() && !(op instanceof JoiningOp && mayJoin(inputs))) {
            return convolution.apply(op, floats(inputs));
        }
        return convolution.apply(stored(tracked(forward(op, saved, inputs))));
    }

    private boolean isFloat() {
        return computation.precision().type() == torch.ScalarType.Float;
    }

    private boolean mayJoin(TensorValue... inputs) {
        return isFloat() && Arrays.stream(inputs).anyMatch(input -> input.deferred != null);
    }

    /** The inputs along the channels, those that are deferred computed at their places. */
    private static Tensor joined(TensorValue... inputs) {
        List<JoiningOp.Part> parts = new ArrayList<>();
        for (TensorValue input : inputs) {
            parts.add(
                    input.deferred == null
                            ? JoiningOp.Part.copyOf(input.tensor)
                            : input.deferred.convolution.of(input.deferred.x));
        }
        Tensor x = inputs[0].deferred == null ? inputs[0].tensor : inputs[0].deferred.x;
        long scale = inputs[0].deferred == null ? 1 : 2;
        return JoiningOp.join(parts, x, x.size(0), scale * x.size(2), scale * x.size(3), scale * x.size(4));
    }

    /** Whether the operation may take over the memory of an input: it is the last one, and not inside a stage of the owner. */
    private boolean mayTake(TensorValue input) {
        return input.isLast && input.owner == this;
    }

    private void freeLast(TensorValue... inputs) {
        for (TensorValue input : inputs) {
            if (mayTake(input)) {
                free(input.tensor);
                input.tensor = null;
            }
        }
    }

    private Tensor tracked(Tensor tensor) {
        memoryTracker.addTransient(tensor);
        return tensor;
    }

    /** Moves a tensor from the innermost scope to the scope of the tape. */
    private Tensor own(Tensor tensor) {
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

    private void addGradient(TensorValue value, Tensor gradient, boolean isShared) {
        if (value.gradient == null) {
            value.gradient = own(gradient);
            value.isGradientShared = isShared;
        } else if (value.isGradientShared) {
            Tensor sum = own(value.gradient.add(gradient));
            free(value.gradient);
            value.gradient = sum;
            value.isGradientShared = false;
        } else {
            value.gradient.add_(gradient);
        }
    }

    private void addGradients(TensorValue[] values, List<Tensor> gradients) {
        for (int i = 0; i < values.length; i++) {
            if (values[i].requiresGrad) {
                addGradient(values[i], stored(gradients.get(i)), false);
            }
        }
    }

    private static List<Boolean> requiresGrad(TensorValue... inputs) {
        return Arrays.stream(inputs).map(input -> input.requiresGrad).toList();
    }

    private static List<Tensor> floats(TensorValue... inputs) {
        return Arrays.stream(inputs)
                .map(input -> input.tensor().to(torch.ScalarType.Float))
                .toList();
    }

    /** In the precision in which tensors are stored. */
    private Tensor stored(Tensor tensor) {
        return tensor.to(computation.precision().type());
    }
}
