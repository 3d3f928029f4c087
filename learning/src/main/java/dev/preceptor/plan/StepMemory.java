package dev.preceptor.plan;

import dev.preceptor.distill.Method;
import dev.preceptor.distill.ParameterGroup;
import dev.preceptor.distill.Phase;
import dev.preceptor.distill.Role;
import dev.preceptor.distill.TrainedTeacher;
import dev.preceptor.network.Computation;
import dev.preceptor.network.Features;
import dev.preceptor.network.Input;
import dev.preceptor.network.MemoryUsage;
import dev.preceptor.optim.Optimization;
import dev.preceptor.optim.UpdateRule;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.tensor.Tensors;
import dev.preceptor.tensor.Torch;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Size;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Estimates the memory of a training from forward and backward passes of its networks on their two smallest inputs. The held
 * tensors grow linearly with the voxels of a batch, so that no network needs a formula of its own. The work space of single
 * operations and of the losses is calibrated with measured peaks (docs/decisions/013).
 *
 * @param process bytes of the process before training
 * @param factors what is measured of the work space
 * @param heap model of the Java heap
 * @param sequences number of sequences of a batch
 * @param totalStride the largest total stride of the networks
 * @param phases the phases of the method
 */
public record StepMemory(
        long process, MeasuredFactors factors, Heap heap, int sequences, int totalStride, List<PhaseMemory> phases)
        implements MemoryModel {
    /** Context and libraries of CUDA 12 and 13 on current GPUs; not measured here. */
    private static final long CUDA = 600L << 20;

    /**
     * What is measured because it cannot be counted; {@code benchmarks/plan.sh --fit} fits it to peaks on a CPU.
     *
     * @param process bytes of the JVM, of libtorch and oneDNN with their generated code, and of what malloc reserves with the launcher's
     *     settings
     * @param work work space of the operations, in units of the largest tensor as float32
     * @param loss work space of the losses and their backward pass, in units of the logits of a network as float32
     */
    private record MeasuredFactors(long process, double work, double loss) {
        private static final MeasuredFactors FLOAT32 = new MeasuredFactors(410L << 20, 3, 20);
        private static final MeasuredFactors BFLOAT16 = new MeasuredFactors(334L << 20, 4.5, 126);

        /** A CPU computes in bfloat16 through copies in float32; a GPU needs none. */
        static MeasuredFactors of(Computation computation, boolean onCpu) {
            return onCpu && computation.precision() == Computation.Precision.BFLOAT16 ? BFLOAT16 : FLOAT32;
        }
    }

    /**
     * The parts of one memory peak of a step, without the process, the Java heap and the cached outputs of teachers.
     *
     * @param counted bytes of weights and their state, of batches, of the tensors of the forward passes and of gradients
     * @param largest bytes of the largest tensor of the batch as float32
     * @param logits bytes of the logits of all networks as float32
     */
    public record PeakParts(long counted, long largest, long logits) {}

    /**
     * Bytes that grow linearly with the voxels of a patch.
     *
     * @param bytes bytes at {@code voxels}
     * @param slope bytes of a further voxel
     */
    private record LinearGrowth(long bytes, double slope, long voxels) {
        double at(long patchVoxels) {
            return bytes + slope * (patchVoxels - voxels);
        }
    }

    /**
     * Memory of the forward and backward pass of one network.
     *
     * @param kept tensors that the forward pass holds for the backward pass
     * @param peak maximum over both passes
     * @param largest largest tensor, as float32
     */
    private record RoleMemory(LinearGrowth kept, LinearGrowth peak, LinearGrowth largest) {}

    /** The networks whose tensors exist at one memory peak of a phase, with and without a backward pass. */
    private record PeakMemory(List<RoleMemory> withBackward, List<RoleMemory> forwardOnly) {}

    /**
     * Memory of one phase.
     *
     * @param weights bytes of all weights, and of gradients, moments and moving average of the trained ones
     * @param copies bytes of the copies of weights in a checkpoint and of the best epoch
     * @param channels number of channels of the logits
     * @param networks number of networks whose logits enter the losses
     * @param teacherCache bytes of the cached outputs of frozen teachers
     */
    private record PhaseMemory(
            long weights, long copies, int channels, long networks, long teacherCache, List<PeakMemory> peaks) {}

    /**
     * Measures the networks of a recipe on the CPU, which takes seconds.
     *
     * @param labels the regions and classes that the networks segment
     * @param trained trained teachers; empty if the teachers are trained
     * @param onCpu whether the training runs on the CPU, where tensors and the Java heap share memory
     */
    public static StepMemory of(
            Recipe recipe, LabelSpace labels, List<TrainedTeacher> trained, Heap heap, boolean onCpu) {
        try (Method method = recipe.build(labels, trained, Torch.device("cpu"))) {
            Map<Role, RoleMemory> withBackward = new HashMap<>();
            Map<Role, RoleMemory> forwardOnly = new HashMap<>();
            List<PhaseMemory> phases = new ArrayList<>();
            for (Phase phase : method.phases()) {
                List<PeakMemory> peaks = phase.memoryPeaks().stream()
                        .map(memoryPeak -> new PeakMemory(
                                each(memoryPeak.withBackward(), withBackward, true),
                                each(memoryPeak.forwardOnly(), forwardOnly, false)))
                        .toList();
                phases.add(new PhaseMemory(
                        weights(method, phase, recipe.optimization()),
                        weightBytes(method) + bytes(phase.selectedWeights().values()),
                        phase.leading().outputs().channels(),
                        phase.memoryPeaks().stream()
                                .flatMap(memoryPeak -> Stream.concat(
                                        memoryPeak.withBackward().stream(), memoryPeak.forwardOnly().stream()))
                                .distinct()
                                .count(),
                        phase.teacherCacheBytes(),
                        peaks));
            }
            MeasuredFactors factors = MeasuredFactors.of(recipe.compute(), onCpu);
            return new StepMemory(
                    onCpu ? factors.process : CUDA,
                    factors,
                    onCpu ? heap : Heap.NONE,
                    recipe.sequences().size(),
                    method.roles().stream()
                            .mapToInt(role -> role.network().totalStride())
                            .max()
                            .orElse(1),
                    phases);
        }
    }

    /** The memory of the last phase only. */
    public StepMemory ofLastPhase() {
        return ofPhase(phases.size() - 1);
    }

    /**
     * The memory of one phase only.
     *
     * @param index in the phases of the method
     */
    public StepMemory ofPhase(int index) {
        return new StepMemory(process, factors, heap, sequences, totalStride, phases.subList(index, index + 1));
    }

    private static List<RoleMemory> each(List<Role> roles, Map<Role, RoleMemory> measured, boolean learns) {
        return roles.stream()
                .map(role -> measured.computeIfAbsent(role, r -> measure(r, learns)))
                .toList();
    }

    private static RoleMemory measure(Role role, boolean learns) {
        int edge = role.network().totalStride();
        long voxels = (long) edge * edge * edge;
        MemoryUsage single = learns ? trained(role, edge, edge) : inferred(role, edge, edge);
        MemoryUsage twice = learns ? trained(role, edge, 2 * edge) : inferred(role, edge, 2 * edge);
        return new RoleMemory(
                growth(single.kept(), twice.kept(), voxels),
                growth(single.most(), twice.most(), voxels),
                growth(single.largest(), twice.largest(), voxels));
    }

    private static LinearGrowth growth(long single, long twice, long voxels) {
        return new LinearGrowth(single, (double) (twice - single) / voxels, voxels);
    }

    /** The memory of a forward and a backward pass. */
    private static MemoryUsage trained(Role role, int edge, int depth) {
        try (PointerScope scope = new PointerScope()) {
            Input complete = Input.complete(input(role, edge, depth));
            Input step = new Input(complete.images(), complete.present(), OptionalLong.of(0));
            Features features = role.forward(step);
            Tensor loss = features.logits().sum();
            for (Tensor deep : features.deep()) {
                loss = loss.add(deep.sum());
            }
            for (Tensor further : features.auxiliary().values()) {
                loss = loss.add(further.sum());
            }
            long kept = features.memoryUsage().kept();
            loss.backward();
            features.backward();
            Tensors.clearGradients(role.network().parameters().asMap().values());
            MemoryUsage after = features.memoryUsage();
            return new MemoryUsage(kept, after.most(), after.largest());
        }
    }

    /** The memory of a forward pass without gradients. */
    private static MemoryUsage inferred(Role role, int edge, int depth) {
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            return role.network()
                    .forward(input(role, edge, depth), role.computation())
                    .memoryUsage();
        }
    }

    private static Tensor input(Role role, int edge, int depth) {
        return torch.zeros(1, role.inputs().size(), edge, edge, depth);
    }

    private static long weights(Method method, Phase phase, Optimization optimization) {
        long bytes = weightBytes(method);
        long gradients = 0;
        for (ParameterGroup parameterGroup : phase.parameterGroups().values()) {
            int moments = UpdateRule.of(optimization, parameterGroup).moments().size();
            long own = bytes(parameterGroup.weights().values());
            bytes += moments * own;
            // A step frees the gradients of a group before those of the next exist, unless they are averaged over
            // batches.
            gradients = optimization.accumulate() > 1 ? gradients + own : Math.max(gradients, own);
        }
        bytes += gradients;
        return optimization.ema() == 0
                ? bytes
                : bytes + bytes(phase.selectedWeights().values());
    }

    private static long weightBytes(Method method) {
        // Networks may share weights.
        Map<Long, Tensor> byAddress = new HashMap<>();
        Stream.concat(
                        method.roles().stream().map(role -> role.network().parameters()),
                        method.auxiliaryParameters().values().stream())
                .flatMap(parameters -> parameters.asMap().values().stream())
                .forEach(weight -> byAddress.put(weight.data_ptr().address(), weight));
        return bytes(byAddress.values());
    }

    private static long bytes(Collection<Tensor> tensors) {
        return tensors.stream().mapToLong(Tensor::nbytes).sum();
    }

    @Override
    public MemoryEstimate estimate(Size patch, int batch) {
        MemoryEstimate largest = new MemoryEstimate(0, 0, 0, 0, 0, 0);
        for (PhaseMemory phase : phases) {
            for (PeakMemory peak : phase.peaks) {
                MemoryEstimate estimate = estimate(phase, peak, patch.voxels(), batch);
                largest = estimate.total() > largest.total() ? estimate : largest;
            }
        }
        return largest;
    }

    /** The parts of each memory peak of a batch, from which the largest is estimated. */
    public List<PeakParts> parts(Size patch, int batch) {
        List<PeakParts> parts = new ArrayList<>();
        for (PhaseMemory phase : phases) {
            for (PeakMemory peak : phase.peaks) {
                PeakBytes bytes = bytes(phase, peak, patch.voxels());
                parts.add(new PeakParts(
                        phase.weights + (long) (batch * (bytes.forward + bytes.gradients)),
                        (long) (batch * bytes.largest),
                        (long) (batch * bytes.logits)));
            }
        }
        return parts;
    }

    /** Bytes of one patch at a memory peak. */
    private record PeakBytes(double forward, double gradients, double largest, double logits) {}

    private PeakBytes bytes(PhaseMemory phase, PeakMemory peak, long voxels) {
        // The images exist twice while they are copied from Java; classes are 64-bit integers.
        double forward = (8.0 * sequences + 8) * voxels;
        double gradients = 0;
        double largest = 0;
        for (RoleMemory role : peak.withBackward) {
            forward += role.kept.at(voxels);
            gradients = Math.max(gradients, role.peak.at(voxels) - role.kept.at(voxels));
            largest = Math.max(largest, role.largest.at(voxels));
        }
        for (RoleMemory role : peak.forwardOnly) {
            forward += role.kept.at(voxels);
            largest = Math.max(largest, role.largest.at(voxels));
        }
        return new PeakBytes(
                forward, gradients, largest, (double) Float.BYTES * phase.channels * phase.networks * voxels);
    }

    private MemoryEstimate estimate(PhaseMemory phase, PeakMemory peak, long voxels, int batch) {
        PeakBytes bytes = bytes(phase, peak, voxels);
        double backward = bytes.gradients + factors.work * bytes.largest + factors.loss * bytes.logits;
        return new MemoryEstimate(
                process,
                heap.bytes(voxels, batch, sequences, phase.copies),
                phase.weights,
                (long) (batch * bytes.forward),
                (long) (batch * backward),
                phase.teacherCache);
    }

    /**
     * Model of the Java heap. Preprocessed subjects are mapped from files and are not part of it.
     *
     * @param limit maximal size of the heap in bytes
     * @param largest number of voxels of the largest subject before preprocessing
     */
    public record Heap(long limit, long largest) {
        /** No heap, for an estimate of a GPU's memory. */
        public static final Heap NONE = new Heap(0, 0);
        /** Batches that exist at a time: being built, waiting and being trained on. Small ones may be more. */
        public static final int BATCHES = 4;
        /** Bytes of garbage for each byte in use. */
        private static final double GARBAGE = 0.5;

        private static final long MINIMUM = 64L << 20;

        /** @param copies bytes of the copies of weights that wait to be written or selected */
        long bytes(long voxels, int batch, int sequences, long copies) {
            double batches = BATCHES * batch * (4.0 * sequences + 1) * voxels;
            double preprocessing = 2 * 4.0 * (sequences + 1) * largest;
            return (long) Math.min(limit, MINIMUM + (1 + GARBAGE) * (batches + preprocessing + copies));
        }
    }
}
