package dev.preceptor.plan;

import dev.preceptor.distill.Method;
import dev.preceptor.distill.ParameterGroup;
import dev.preceptor.distill.Phase;
import dev.preceptor.distill.Role;
import dev.preceptor.distill.TrainedTeacher;
import dev.preceptor.network.Features;
import dev.preceptor.network.MemoryUsage;
import dev.preceptor.network.Parameters;
import dev.preceptor.optim.Optimization;
import dev.preceptor.optim.UpdateRule;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.tensor.Tensors;
import dev.preceptor.tensor.Torch;
import dev.preceptor.volume.Size;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Foretells the memory of a training from forwards and ways back of its networks on the smallest inputs that they take: what
 * these hold grows with the voxels and the batch, so that no network needs a formula of its own. What single operations and
 * the losses take is calibrated against measured peaks (docs/decisions/013).
 *
 * @param process bytes before anything is trained
 * @param heap what Java's objects take
 * @param sequences of a batch
 * @param phases of the method
 */
public record StepMemory(long process, Heap heap, int sequences, List<OfPhase> phases) implements MemoryModel {
    /** JVM, libtorch and oneDNN with the code that they make, and what malloc asks for ahead in the launcher's setting; measured. */
    private static final long PROCESS = 344L << 20;
    /** The context and the libraries on a device, as CUDA 12 and 13 take on current GPUs; not measured here. */
    private static final long CUDA = 600L << 20;
    /** Tensors as large as the largest, as float32, that the operations on the way back work with; measured. */
    private static final double WORK = 6;
    /** Float tensors as large as the logits of a network that the losses on them and their way back work with; measured. */
    private static final double LOSS = 22;

    /** Bytes that grow with the voxels of a patch. */
    private record Growth(long some, double each, long voxels) {
        double at(long more) {
            return some + each * (more - voxels);
        }
    }

    /** A role's forward and its way back. */
    private record OfRole(Growth kept, Growth most, Growth largest) {}

    private record OfMoment(List<OfRole> learning, List<OfRole> answering) {}

    /**
     * @param weights bytes of all weights and what belongs to those that learn
     * @param copies bytes of those in a checkpoint and of the best so far
     * @param channels of the logits
     * @param networks whose logits the losses compare
     */
    private record OfPhase(long weights, long copies, int channels, long networks, List<OfMoment> moments) {}

    /**
     * Measures the networks of a recipe; seconds.
     *
     * @param trained teachers from an earlier training
     * @param onCpu whether tensors and Java share a memory
     */
    public static StepMemory of(Recipe recipe, List<TrainedTeacher> trained, Heap heap, boolean onCpu) {
        try (Method method = recipe.build(trained, Torch.device("cpu"))) {
            Map<Role, OfRole> learning = new HashMap<>();
            Map<Role, OfRole> answering = new HashMap<>();
            List<OfPhase> phases = new ArrayList<>();
            for (Phase phase : method.phases()) {
                List<OfMoment> moments = phase.memoryPeaks().stream()
                        .map(memoryPeak -> new OfMoment(
                                each(memoryPeak.learning(), learning, true),
                                each(memoryPeak.answering(), answering, false)))
                        .toList();
                phases.add(new OfPhase(
                        weights(method, phase, recipe.optimization()),
                        all(method)
                                + bytes(phase.leading()
                                        .network()
                                        .parameters()
                                        .asMap()
                                        .values()),
                        phase.leading().outputs().channels(),
                        phase.memoryPeaks().stream()
                                .flatMap(memoryPeak ->
                                        Stream.concat(memoryPeak.learning().stream(), memoryPeak.answering().stream()))
                                .distinct()
                                .count(),
                        moments));
            }
            return new StepMemory(
                    onCpu ? PROCESS : CUDA,
                    onCpu ? heap : Heap.NONE,
                    recipe.sequences().size(),
                    phases);
        }
    }

    /** The last phase alone. */
    public StepMemory ofLastPhase() {
        return new StepMemory(process, heap, sequences, phases.subList(phases.size() - 1, phases.size()));
    }

    private static List<OfRole> each(List<Role> roles, Map<Role, OfRole> known, boolean learns) {
        return roles.stream()
                .map(role -> known.computeIfAbsent(role, r -> measured(r, learns)))
                .toList();
    }

    private static OfRole measured(Role role, boolean learns) {
        int edge = role.network().totalStride();
        long voxels = (long) edge * edge * edge;
        MemoryUsage one = learns ? learn(role, edge, edge) : answer(role, edge, edge);
        MemoryUsage two = learns ? learn(role, edge, 2 * edge) : answer(role, edge, 2 * edge);
        return new OfRole(
                growth(one.kept(), two.kept(), voxels),
                growth(one.most(), two.most(), voxels),
                growth(one.largest(), two.largest(), voxels));
    }

    private static Growth growth(long one, long two, long voxels) {
        return new Growth(one, (double) (two - one) / voxels, voxels);
    }

    private static MemoryUsage learn(Role role, int edge, int depth) {
        try (PointerScope scope = new PointerScope()) {
            Features features = role.network().forward(input(role, edge, depth), role.computation());
            Tensor loss = features.logits().sum();
            for (Tensor deep : features.deep()) {
                loss = loss.add(deep.sum());
            }
            long kept = features.memoryUsage().kept();
            loss.backward();
            features.backward();
            Tensors.clearGradients(role.network().parameters().asMap().values());
            MemoryUsage after = features.memoryUsage();
            return new MemoryUsage(kept, after.most(), after.largest());
        }
    }

    private static MemoryUsage answer(Role role, int edge, int depth) {
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
        long bytes = all(method);
        for (ParameterGroup parameterGroup : phase.parameterGroups().values()) {
            int moments = UpdateRule.of(optimization, parameterGroup).moments().size();
            bytes += (1 + moments) * bytes(parameterGroup.weights().values());
        }
        return optimization.ema() == 0
                ? bytes
                : bytes + bytes(phase.leading().network().parameters().asMap().values());
    }

    private static long all(Method method) {
        long bytes = 0;
        for (Role role : method.roles()) {
            bytes += bytes(role.network().parameters().asMap().values());
        }
        for (Parameters companion : method.auxiliaryParameters().values()) {
            bytes += bytes(companion.asMap().values());
        }
        return bytes;
    }

    private static long bytes(Collection<Tensor> tensors) {
        return tensors.stream().mapToLong(Tensor::nbytes).sum();
    }

    @Override
    public MemoryEstimate estimate(Size patch, int batch) {
        MemoryEstimate most = new MemoryEstimate(0, 0, 0, 0, 0);
        for (OfPhase phase : phases) {
            for (OfMoment moment : phase.moments) {
                MemoryEstimate found = estimate(phase, moment, patch.voxels(), batch);
                most = found.total() > most.total() ? found : most;
            }
        }
        return most;
    }

    private MemoryEstimate estimate(OfPhase phase, OfMoment moment, long voxels, int batch) {
        // Images once more while they are copied from Java; classes are 64 bit.
        double forwards = (8.0 * sequences + 8) * voxels;
        double gradients = 0;
        double largest = 0;
        for (OfRole role : moment.learning) {
            forwards += role.kept.at(voxels);
            gradients = Math.max(gradients, role.most.at(voxels) - role.kept.at(voxels));
            largest = Math.max(largest, role.largest.at(voxels));
        }
        for (OfRole role : moment.answering) {
            forwards += role.kept.at(voxels);
            largest = Math.max(largest, role.largest.at(voxels));
        }
        double back = gradients + WORK * largest + LOSS * Float.BYTES * phase.channels * phase.networks * voxels;
        return new MemoryEstimate(
                process,
                heap.bytes(voxels, batch, sequences, phase.copies),
                phase.weights,
                (long) (batch * forwards),
                (long) (batch * back));
    }

    /**
     * What Java's objects take; prepared subjects are mapped from files and no part of it.
     *
     * @param limit of the heap, in bytes
     * @param largest voxels of the largest subject before it is prepared
     */
    public record Heap(long limit, long largest) {
        public static final Heap NONE = new Heap(0, 0);
        /** Batches that are made, wait or are trained on. */
        private static final int BATCHES = 4;
        /** Garbage, for each byte that is in use. */
        private static final double GARBAGE = 0.5;

        private static final long LEAST = 64L << 20;

        /** @param copies bytes of weights that wait to be written or selected */
        long bytes(long voxels, int batch, int sequences, long copies) {
            double batches = BATCHES * batch * (4.0 * sequences + 1) * voxels;
            double preparing = 2 * 4.0 * (sequences + 1) * largest;
            return (long) Math.min(limit, LEAST + (1 + GARBAGE) * (batches + preparing + copies));
        }
    }
}
