package dev.preceptor.distill;

import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.data.Batch;
import dev.preceptor.loss.CombinationLoss;
import dev.preceptor.loss.DeepSupervision;
import dev.preceptor.network.CooperativeFusion;
import dev.preceptor.network.Features;
import dev.preceptor.network.Parameters;
import dev.preceptor.tensor.Tensors;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * The teachers of MTCM-KD and the fusions of their features (CDSFL, docs/methods/mtcm-kd.md). The loss of the fused logits is
 * propagated to every teacher: this is how the teachers learn from each other.
 */
final class CooperativeTeachers implements AutoCloseable {
    /** The name of the parameter group of all teachers and fusions. */
    static final String GROUP = "teachers";

    private final List<Role> roles;
    private final boolean areFrozen;
    private final boolean oneByOne;
    private final List<MtcmKdOptions.Level> levels;
    private final List<FrozenTeacher> frozen;
    private final List<CooperativeFusion> fusions = new ArrayList<>();
    private final CombinationLoss loss;

    /**
     * @param areFrozen whether the fusions alone are trained
     * @throws InvalidRecipeException if the networks have fewer decoder levels
     */
    CooperativeTeachers(MethodSetup setup, MtcmKdOptions options, List<Role> roles, boolean areFrozen) {
        this.roles = List.copyOf(roles);
        this.areFrozen = areFrozen;
        this.oneByOne = options.oneByOne();
        this.levels = options.levels();
        this.loss = new CombinationLoss(setup.targets(options.outputs()), options.combination(), setup.sums());
        roles.forEach(role -> requireLevels(role, levels.size(), setup.network()));
        TeacherCacheBudget budget = new TeacherCacheBudget();
        List<Integer> below = IntStream.rangeClosed(1, levels.size()).boxed().toList();
        this.frozen = roles.stream()
                .map(role -> new FrozenTeacher(role, below, budget))
                .toList();
        for (int i = 1; i <= levels.size(); i++) {
            int level = i;
            String name = fusionName(level);
            CooperativeFusion fusion = new CooperativeFusion(
                    roles.stream()
                            .map(role -> role.network().decoderChannels().get(level))
                            .toList(),
                    setup.targets(options.outputs()).channels(),
                    options.fusionAttention(),
                    options.teacherWeights(),
                    setup.random().seedFor("weights of " + name));
            fusion.parameters().moveTo(setup.device());
            fusions.add(fusion);
        }
    }

    /** Frees the caches of frozen teachers. */
    @Override
    public void close() {
        frozen.forEach(FrozenTeacher::close);
    }

    private static void requireLevels(Role role, int levels, NetworkSettings student) {
        int maximum = role.network().decoderChannels().size() - 1;
        if (levels > maximum) {
            throw new InvalidRecipeException("distillation.levels must have at most " + maximum
                    + " entries, the decoder levels below full resolution of the " + role.name() + ", not " + levels
                    + ": "
                    + role.describe() + ", student (" + student.name() + " " + student.arguments() + ")");
        }
    }

    private static String fusionName(int level) {
        return "fusion-" + level;
    }

    /** The weights of the fusions by name. */
    Map<String, Parameters> fusions() {
        Map<String, Parameters> parameters = new LinkedHashMap<>();
        for (int i = 0; i < fusions.size(); i++) {
            parameters.put(fusionName(i + 1), fusions.get(i).parameters());
        }
        return parameters;
    }

    /** The weights that are trained, if there are any. */
    Optional<ParameterGroup> parameterGroup() {
        Map<String, Parameters> groups = new LinkedHashMap<>();
        if (!areFrozen) {
            roles.forEach(role -> groups.put(role.name(), role.network().parameters()));
        }
        groups.putAll(fusions());
        return groups.isEmpty() ? Optional.empty() : Optional.of(ParameterGroup.joint(groups));
    }

    /**
     * The teachers' side of a step; no tensor carries a gradient.
     *
     * @param logits of each teacher at full resolution
     * @param fused logits of the fusion of each level
     * @param losses of each teacher and each fusion by their names in the log, and the total {@code teachers}
     */
    record StepOutputs(List<Tensor> logits, List<Tensor> fused, Map<String, Tensor> losses) {}

    /**
     * The forward pass of all teachers on a batch, and their update.
     *
     * @param classes the labels at full resolution and at each level
     * @return the outputs from before the update
     */
    StepOutputs step(Batch batch, List<Tensor> classes, Phase.Optimizers optimizers) {
        TeacherStep step = new TeacherStep(batch, classes);
        if (areFrozen) {
            return step.frozen(optimizers);
        }
        return oneByOne ? step.oneByOne(optimizers) : step.together(optimizers);
    }

    /** The memory peaks of the teachers' side of a step. */
    List<Phase.MemoryPeak> memoryPeaks() {
        if (areFrozen) {
            return List.of(new Phase.MemoryPeak(List.of(), roles));
        }
        return oneByOne
                ? roles.stream()
                        .map(role -> new Phase.MemoryPeak(List.of(role), List.of()))
                        .toList()
                : List.of(new Phase.MemoryPeak(roles, List.of()));
    }

    /** The labels at full resolution and at each level i, subsampled by 2^i. */
    List<Tensor> pyramid(Tensor classes) {
        return DeepSupervision.pyramid(classes, levels.size());
    }

    private List<Tensor> weighted(List<Tensor> fusionLosses) {
        return IntStream.range(0, levels.size())
                .mapToObj(i -> fusionLosses.get(i).mul(new Scalar(levels.get(i).fusion())))
                .toList();
    }

    /** The teachers' side of one step. */
    private final class TeacherStep {
        private final Batch batch;
        private final List<Tensor> classes;
        private final List<Tensor> logits = new ArrayList<>();
        private final List<Tensor> teacherLosses = new ArrayList<>();
        private final List<Tensor> fused = new ArrayList<>();
        private final List<Tensor> fusionLosses = new ArrayList<>();

        TeacherStep(Batch batch, List<Tensor> classes) {
            this.batch = batch;
            this.classes = classes;
        }

        /** Forward passes of all teachers, then one backward pass through all. */
        StepOutputs together(Phase.Optimizers optimizers) {
            Tensors.scopedList(() -> {
                List<Features> features =
                        roles.stream().map(role -> role.forward(batch)).toList();
                features.forEach(f -> add(f.logits()));
                fuse(features.stream().map(this::shared).toList());
                optimizers.backwardAndStep(GROUP, total(), features.toArray(Features[]::new));
                return detached();
            });
            return outputs();
        }

        /** Trains the fusions alone. */
        StepOutputs frozen(Phase.Optimizers optimizers) {
            Tensors.scopedList(() -> {
                List<TeacherOutputs> outputs =
                        frozen.stream().map(teacher -> teacher.outputs(batch)).toList();
                outputs.forEach(output -> add(output.logits()));
                fuse(outputs.stream().map(TeacherOutputs::decoder).toList());
                if (!lossTerms().isEmpty()) {
                    optimizers.backwardAndStep(GROUP, total());
                }
                return detached();
            });
            return outputs();
        }

        private void add(Tensor teacherLogits) {
            logits.add(teacherLogits);
            teacherLosses.add(loss.of(teacherLogits, classes.get(0)).total());
        }

        /** The summands of the loss of teachers and fusions. */
        private List<Tensor> lossTerms() {
            List<Tensor> terms = new ArrayList<>(areFrozen ? List.of() : teacherLosses);
            terms.addAll(weighted(fusionLosses));
            return terms;
        }

        private Tensor total() {
            return sum(lossTerms());
        }

        /** Detaches the results from autograd's graph, so that they outlive it. */
        private List<Tensor> detached() {
            List.of(logits, teacherLosses, fused, fusionLosses).forEach(list -> list.replaceAll(Tensor::detach));
            return Stream.of(logits, teacherLosses, fused, fusionLosses)
                    .flatMap(List::stream)
                    .toList();
        }

        /** The fusions first, on detached features; then each teacher, with the gradient that its features received. */
        StepOutputs oneByOne(Phase.Optimizers optimizers) {
            List<List<Tensor>> shared = levels.isEmpty()
                    ? List.of()
                    : roles.stream().map(this::leaves).toList();
            List<Supplier<LossTerm>> parts = new ArrayList<>();
            if (!levels.isEmpty()) {
                parts.add(() -> {
                    fuse(shared);
                    Tensor total = sum(weighted(fusionLosses));
                    List.of(fused, fusionLosses).forEach(list -> list.replaceAll(Tensor::detach));
                    return new LossTerm(total, List.of());
                });
            }
            for (int k = 0; k < roles.size(); k++) {
                int teacher = k;
                parts.add(() -> {
                    Features features = roles.get(teacher).forward(batch);
                    List<Tensor> results = Tensors.scopedList(() -> {
                        Tensor loss = supervised(features);
                        List<Tensor> terms = new ArrayList<>(List.of(loss));
                        for (int i = 0; i < levels.size(); i++) {
                            Tensor gradient = shared.get(teacher).get(i).grad();
                            terms.add(shared(features).get(i).mul(gradient).sum());
                        }
                        return List.of(
                                sum(terms), loss.detach(), features.logits().detach());
                    });
                    teacherLosses.add(results.get(1));
                    logits.add(results.get(2));
                    return new LossTerm(results.get(0), List.of(features));
                });
            }
            optimizers.backwardAndStep(GROUP, parts);
            return outputs();
        }

        /** The features of a teacher that the fusions read, as leaves of autograd's graph. */
        private List<Tensor> leaves(Role role) {
            try (NoGradGuard guard = new NoGradGuard()) {
                List<Tensor> leaves = Tensors.scopedList(() -> shared(role.forward(batch)));
                leaves.forEach(leaf -> leaf.set_requires_grad(true));
                return leaves;
            }
        }

        /** The features that the fusions read, by level. */
        private List<Tensor> shared(Features features) {
            return IntStream.rangeClosed(1, levels.size())
                    .mapToObj(features::decoder)
                    .toList();
        }

        private Tensor supervised(Features features) {
            return loss.of(features.logits(), classes.get(0)).total();
        }

        /** @param shared features by teacher and level */
        private void fuse(List<List<Tensor>> shared) {
            for (int i = 0; i < levels.size(); i++) {
                int level = i;
                Tensor z = fusions.get(i)
                        .fuse(shared.stream().map(list -> list.get(level)).toList());
                fused.add(z);
                fusionLosses.add(loss.of(z, classes.get(1 + i)).total());
            }
        }

        private StepOutputs outputs() {
            Map<String, Tensor> losses = new LinkedHashMap<>();
            for (int k = 0; k < roles.size(); k++) {
                losses.put(roles.get(k).name(), teacherLosses.get(k));
            }
            for (int i = 0; i < levels.size(); i++) {
                losses.put(fusionName(i + 1), fusionLosses.get(i));
            }
            if (!lossTerms().isEmpty()) {
                losses.put(GROUP, total());
            }
            return new StepOutputs(logits, fused, losses);
        }

        private static Tensor sum(List<Tensor> terms) {
            return terms.stream().reduce(Tensor::add).orElseThrow();
        }
    }
}
