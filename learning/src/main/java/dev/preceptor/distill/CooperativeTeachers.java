package dev.preceptor.distill;

import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.data.Batch;
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
 * The teachers of MTCM-KD with the fusions that join them (CDSFL, methods.md 2.3 and 2.4). The loss of the fused logits
 * reaches every teacher: that is how they learn from each other.
 */
final class CooperativeTeachers implements AutoCloseable {
    /** The group of weights that one optimizer trains: all teachers and fusions. */
    static final String LEARNER = "teachers";

    private final List<Role> roles;
    private final boolean areFrozen;
    private final boolean oneByOne;
    private final List<MtcmKdOptions.Level> levels;
    private final List<FrozenTeacher> frozen;
    private final List<CooperativeFusion> fusions = new ArrayList<>();
    private final CombinationLoss loss;

    /**
     * @param areFrozen whether the teachers no longer learn; the fusions do
     * @throws InvalidRecipeException if the networks have fewer decoder levels
     */
    CooperativeTeachers(MethodSetup setup, MtcmKdOptions options, List<Role> roles, boolean areFrozen) {
        this.roles = List.copyOf(roles);
        this.areFrozen = areFrozen;
        this.oneByOne = options.oneByOne();
        this.levels = options.levels();
        this.loss = new CombinationLoss(options.outputs(), options.combination(), setup.sums());
        roles.forEach(role -> requireLevels(role, levels.size()));
        this.frozen = roles.stream()
                .map(role -> new FrozenTeacher(role, levels.size()))
                .toList();
        for (int i = 1; i <= levels.size(); i++) {
            int level = i;
            String name = fusionName(level);
            CooperativeFusion fusion = new CooperativeFusion(
                    roles.stream()
                            .map(role -> role.network().decoderChannels().get(level))
                            .toList(),
                    options.outputs().channels(),
                    options.fusionAttention(),
                    options.teacherWeights(),
                    setup.random().seedFor("weights of " + name));
            fusion.parameters().moveTo(setup.device());
            fusions.add(fusion);
        }
    }

    /** Frees what frozen teachers have kept. */
    @Override
    public void close() {
        frozen.forEach(FrozenTeacher::close);
    }

    static void requireLevels(Role role, int levels) {
        int most = role.network().decoderChannels().size() - 1;
        if (levels > most) {
            throw new InvalidRecipeException("distillation.levels must have at most " + most
                    + " entries, the decoder levels below full resolution of the " + role.name() + ", not " + levels);
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

    /** What learns here, if anything does. */
    Optional<ParameterGroup> learner() {
        Map<String, Parameters> groups = new LinkedHashMap<>();
        if (!areFrozen) {
            roles.forEach(role -> groups.put(role.name(), role.network().parameters()));
        }
        groups.putAll(fusions());
        return groups.isEmpty() ? Optional.empty() : Optional.of(ParameterGroup.joint(groups));
    }

    /**
     * What the student is taught on a batch; no tensor of it carries a gradient.
     *
     * @param logits of each teacher at full resolution
     * @param fused logits of each level
     * @param losses of each teacher and each level, by name in the log, and {@code teachers}, what was minimised
     */
    record TeacherOutputs(List<Tensor> logits, List<Tensor> fused, Map<String, Tensor> losses) {}

    /**
     * One forward of all teachers on a batch, and their update by it.
     *
     * @param classes the labels at full resolution and at each level
     */
    TeacherOutputs teach(Batch batch, List<Tensor> classes, Phase.Optimizers optimizers) {
        TeacherStep teacherStep = new TeacherStep(batch, classes);
        if (areFrozen) {
            return teacherStep.frozen(optimizers);
        }
        return oneByOne ? teacherStep.oneByOne(optimizers) : teacherStep.together(optimizers);
    }

    /** What is in memory together while teachers learn, or answer if they are frozen. */
    List<Phase.MemoryPeak> moments() {
        if (areFrozen) {
            return List.of(new Phase.MemoryPeak(List.of(), roles));
        }
        return oneByOne
                ? roles.stream()
                        .map(role -> new Phase.MemoryPeak(List.of(role), List.of()))
                        .toList()
                : List.of(new Phase.MemoryPeak(roles, List.of()));
    }

    /** Labels at each level: [B, X, Y, Z] / 2^i, by the nearest voxel, that is every 2^i-th. */
    List<Tensor> pyramid(Tensor classes) {
        return DeepSupervision.pyramid(classes, levels.size());
    }

    private List<Tensor> weighted(List<Tensor> cooperative) {
        return IntStream.range(0, levels.size())
                .mapToObj(i -> cooperative.get(i).mul(new Scalar(levels.get(i).fusion())))
                .toList();
    }

    /** One batch. */
    private final class TeacherStep {
        private final Batch batch;
        private final List<Tensor> classes;
        private final List<Tensor> logits = new ArrayList<>();
        private final List<Tensor> own = new ArrayList<>();
        private final List<Tensor> fused = new ArrayList<>();
        private final List<Tensor> cooperative = new ArrayList<>();

        TeacherStep(Batch batch, List<Tensor> classes) {
            this.batch = batch;
            this.classes = classes;
        }

        /** All teachers at once. */
        TeacherOutputs together(Phase.Optimizers optimizers) {
            Tensors.scopedList(() -> {
                List<Features> features =
                        roles.stream().map(role -> role.forward(batch)).toList();
                features.forEach(f -> add(f.logits()));
                cooperate(features.stream().map(this::shared).toList());
                optimizers.backwardAndStep(LEARNER, sum(minimised()), features.toArray(Features[]::new));
                return detached();
            });
            return taught();
        }

        /** The fusions learn from teachers that no longer do. */
        TeacherOutputs frozen(Phase.Optimizers optimizers) {
            Tensors.scopedList(() -> {
                List<FrozenTeacher.TeacherOutput> answers =
                        frozen.stream().map(teacher -> teacher.outputs(batch)).toList();
                answers.forEach(teacherOutput -> add(teacherOutput.logits()));
                cooperate(answers.stream()
                        .map(FrozenTeacher.TeacherOutput::decoder)
                        .toList());
                if (!minimised().isEmpty()) {
                    optimizers.backwardAndStep(LEARNER, sum(minimised()));
                }
                return detached();
            });
            return taught();
        }

        private void add(Tensor answer) {
            logits.add(answer);
            own.add(loss.of(answer, classes.get(0)).total());
        }

        /** What the optimizer of teachers and fusions is to lower. */
        private List<Tensor> minimised() {
            List<Tensor> minimised = new ArrayList<>(areFrozen ? List.of() : own);
            minimised.addAll(weighted(cooperative));
            return minimised;
        }

        /** Everything that outlives the graphs, cut off from them. */
        private List<Tensor> detached() {
            List.of(logits, own, fused, cooperative).forEach(list -> list.replaceAll(Tensor::detach));
            return Stream.of(logits, own, fused, cooperative)
                    .flatMap(List::stream)
                    .toList();
        }

        /** The fusion first, on features cut off from their teachers; then each teacher with the gradient that came back. */
        TeacherOutputs oneByOne(Phase.Optimizers optimizers) {
            List<List<Tensor>> shared = levels.isEmpty()
                    ? List.of()
                    : roles.stream().map(this::leaves).toList();
            List<Supplier<LossTerm>> parts = new ArrayList<>();
            if (!levels.isEmpty()) {
                parts.add(() -> {
                    cooperate(shared);
                    Tensor total = sum(weighted(cooperative));
                    List.of(fused, cooperative).forEach(list -> list.replaceAll(Tensor::detach));
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
                            Tensor back = shared.get(teacher).get(i).grad();
                            terms.add(shared(features).get(i).mul(back).sum());
                        }
                        return List.of(
                                sum(terms), loss.detach(), features.logits().detach());
                    });
                    own.add(results.get(1));
                    logits.add(results.get(2));
                    return new LossTerm(results.get(0), List.of(features));
                });
            }
            optimizers.backwardAndStep(LEARNER, parts);
            return taught();
        }

        /** The features of a teacher that go into the fusions, as the beginning of a graph. */
        private List<Tensor> leaves(Role role) {
            try (NoGradGuard guard = new NoGradGuard()) {
                List<Tensor> leaves = Tensors.scopedList(() -> shared(role.forward(batch)));
                leaves.forEach(leaf -> leaf.set_requires_grad(true));
                return leaves;
            }
        }

        private List<Tensor> shared(Features features) {
            return IntStream.rangeClosed(1, levels.size())
                    .mapToObj(features::decoder)
                    .toList();
        }

        private Tensor supervised(Features features) {
            return loss.of(features.logits(), classes.get(0)).total();
        }

        /** @param shared features by teacher and level */
        private void cooperate(List<List<Tensor>> shared) {
            for (int i = 0; i < levels.size(); i++) {
                int level = i;
                Tensor z = fusions.get(i)
                        .fuse(shared.stream().map(list -> list.get(level)).toList());
                fused.add(z);
                cooperative.add(loss.of(z, classes.get(1 + i)).total());
            }
        }

        private TeacherOutputs taught() {
            Map<String, Tensor> losses = new LinkedHashMap<>();
            for (int k = 0; k < roles.size(); k++) {
                losses.put(roles.get(k).name(), own.get(k));
            }
            for (int i = 0; i < levels.size(); i++) {
                losses.put(fusionName(i + 1), cooperative.get(i));
            }
            if (!minimised().isEmpty()) {
                losses.put(LEARNER, sum(minimised()));
            }
            return new TeacherOutputs(logits, fused, losses);
        }

        private static Tensor sum(List<Tensor> terms) {
            return terms.stream().reduce(Tensor::add).orElseThrow();
        }
    }
}
