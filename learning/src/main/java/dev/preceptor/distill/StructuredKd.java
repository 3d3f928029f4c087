package dev.preceptor.distill;

import dev.preceptor.base.RandomSource;
import dev.preceptor.base.RandomStreams;
import dev.preceptor.data.Batch;
import dev.preceptor.loss.SegmentationLosses;
import dev.preceptor.loss.StructuredLosses;
import dev.preceptor.loss.ValidVoxels;
import dev.preceptor.loss.VoxelDivergence;
import dev.preceptor.network.Features;
import dev.preceptor.network.Parameters;
import dev.preceptor.network.SegmentationCritic;
import dev.preceptor.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Structured knowledge distillation (Liu, Chen, Liu, Qin, Luo, Wang, CVPR 2019, arXiv 1903.04197; docs/methods/structured-kd.md): the
 * student learns the teacher's probabilities of each voxel (pixel-wise), the similarities between parts of the patch in the deepest
 * features (pair-wise), and to make segmentations that a critic scores as high as the teacher's (holistic). The critic is trained
 * beside the student, after it in each step.
 */
public final class StructuredKd implements TeachingLoss {
    /** The method {@code structured-kd}. */
    public static final MethodKind KIND = MethodKind.of(
            "structured-kd",
            StructuredKdOptions.DEFAULTS,
            (setup, options) -> new TaughtStudent(
                    setup,
                    "structured-kd",
                    options,
                    Reads.BOTTLENECK,
                    (teacher, student) -> new StructuredKd(setup, student, options)));

    private static final String CRITIC = "critic";
    private static final double TEMPERATURE = 1;

    private final StructuredKdOptions options;
    private final Role student;
    private final RandomStreams random;
    private final VoxelDivergence divergence;
    private final Optional<SegmentationCritic> critic;
    /** Number of updates of the critic, each of which draws its mixtures from a stream of its own. */
    private long updates;

    private StructuredKd(MethodSetup setup, Role student, StructuredKdOptions options) {
        this.options = options;
        this.student = student;
        this.random = setup.randomOfPatches();
        this.divergence = new VoxelDivergence(student.outputs(), TEMPERATURE);
        this.critic = options.lambda2() > 0 ? Optional.of(critic(setup)) : Optional.empty();
    }

    private SegmentationCritic critic(MethodSetup setup) {
        SegmentationCritic built = new SegmentationCritic(
                student.inputs().size(),
                student.outputs().channels(),
                options.criticWidth(),
                setup.random().seedFor("weights of " + CRITIC));
        built.parameters().moveTo(setup.device());
        return built;
    }

    @Override
    public Map<String, Parameters> critics() {
        return critic.map(one -> Map.of(CRITIC, one.parameters())).orElse(Map.of());
    }

    @Override
    public List<Term> terms(Batch batch, TeacherOutputs teacher, Features features) {
        Tensor logits = features.logits();
        List<Term> terms = new ArrayList<>();
        terms.add(new Term(
                "pi", divergence.mean(logits, teacher.logits(), ValidVoxels.in(batch.classes())), options.lambda1()));
        terms.add(new Term(
                "pa",
                StructuredLosses.pairWise(
                        features.bottleneck(), teacher.bottleneck().orElseThrow(), options.nodes()),
                options.lambda1()));
        critic.ifPresent(judge -> {
            // The student's loss must leave no gradient in the critic.
            judge.parameters().setTrainable(false);
            Tensor holistic = holistic(judge, images(batch), probabilities(logits), probabilities(teacher.logits()));
            judge.parameters().setTrainable(true);
            terms.add(new Term("ho", holistic, -options.lambda2()));
        });
        return terms;
    }

    private Tensor images(Batch batch) {
        return batch.input(student.inputs()).images();
    }

    private Tensor probabilities(Tensor logits) {
        return SegmentationLosses.activation(student.outputs().encoding(), logits);
    }

    private static Tensor holistic(SegmentationCritic judge, Tensor images, Tensor ofStudent, Tensor ofTeacher) {
        return StructuredLosses.holistic(judge.scores(images, ofStudent), judge.scores(images, ofTeacher));
    }

    @Override
    public Map<String, Tensor> updateCritics(
            Batch batch, Tensor teacher, Tensor studentLogits, Phase.Optimizers optimizers) {
        return critic.map(judge -> update(judge, batch, teacher, studentLogits, optimizers))
                .orElse(Map.of());
    }

    private Map<String, Tensor> update(
            SegmentationCritic judge, Batch batch, Tensor teacher, Tensor studentLogits, Phase.Optimizers optimizers) {
        Tensor logged = Tensors.scoped(() -> {
            Tensor images = images(batch);
            Tensor ofStudent = probabilities(studentLogits);
            Tensor ofTeacher = probabilities(teacher);
            Tensor penalty = StructuredLosses.gradientPenalty(judge, images, ofStudent, ofTeacher, shares(ofStudent));
            optimizers.backwardAndStep(
                    CRITIC,
                    holistic(judge, images, ofStudent, ofTeacher).add(penalty.mul(new Scalar(options.penalty()))));
            return penalty.detach();
        });
        updates++;
        return Map.of("penalty", logged);
    }

    /** The share of the teacher in the mixture of each patch, [B, 1, 1, 1, 1]. */
    private Tensor shares(Tensor like) {
        RandomSource source = new RandomSource(random.stream("mixtures of " + CRITIC, updates));
        float[] shares = new float[Math.toIntExact(like.size(0))];
        for (int b = 0; b < shares.length; b++) {
            shares[b] = (float) source.uniform(0, 1);
        }
        return Tensors.of(shares, shares.length, 1, 1, 1, 1).to(like.device(), like.scalar_type());
    }

    @Override
    public Map<String, List<Double>> state() {
        return critic.map(judge -> Map.of(CRITIC, List.of((double) updates))).orElse(Map.of());
    }

    @Override
    public void loadState(Map<String, List<Double>> state) {
        critic.ifPresent(judge -> updates = state.get(CRITIC).get(0).longValue());
    }
}
