package dev.preceptor.distill;

import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.data.Batch;
import dev.preceptor.loss.KdNetLosses;
import dev.preceptor.loss.LossTerms;
import dev.preceptor.loss.SegmentationLoss;
import dev.preceptor.network.FeatureProjection;
import dev.preceptor.network.FeatureShape;
import dev.preceptor.network.Features;
import dev.preceptor.network.Parameters;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/**
 * KD-Net (Hu, Maillard, Zhang, Ciceri, La Barbera, Bloch, Gori, MICCAI 2020, arXiv 2106.09564). A teacher that sees all
 * sequences is trained first and then frozen. The student, in the paper of the same architecture, sees one sequence; on the
 * same crops it learns from the labels (L_GT), from the teacher's logits (L_KD) and from the teacher's bottleneck (L_KL),
 * through a {@link FeatureProjection} if the bottlenecks differ in shape. A teacher that is given as a model file is not
 * trained again. Losses and choices: docs/methods/kd-net.md.
 */
public final class KdNet implements Method {
    /** The method {@code kd-net}. */
    public static final MethodKind KIND = MethodKind.of("kd-net", KdNetOptions.PAPER, KdNet::new);

    private static final String PROJECTION = "projection";

    private final KdNetOptions options;
    private final Teachers teachers;
    private final Role teacher;
    private final Role student;
    private final KdNetLosses distillation;
    private final SegmentationLoss supervision;
    /** For L_KL; empty if L_KL is off and would need a projection, which nothing would train. */
    private final Optional<FeatureProjection> projection;

    KdNet(MethodSetup setup, KdNetOptions options) {
        Teachers.requireOne(setup, KIND.name());
        setup.requireMeans(options.batchDice(), "distillation.batchDice");
        setup.requireMeans(options.loss());
        this.options = options;
        this.distillation = options.losses(setup.targets(options.outputs()));
        this.supervision = options.supervision(setup.targets(options.outputs()));
        this.teachers = new Teachers(setup, options.outputs(), options.deepSupervision());
        this.teacher = teachers.roles().get(0);
        this.student = setup.student(options.outputs(), options.deepSupervision());
        this.projection = projection(setup);
    }

    private Optional<FeatureProjection> projection(MethodSetup setup) {
        FeatureShape ofStudent = FeatureShape.ofBottleneck(student.network());
        FeatureShape ofTeacher = FeatureShape.ofBottleneck(teacher.network());
        boolean isUsed = options.terms().contains(KdNetOptions.Term.KL);
        if (teachers.roles().size() > 1) {
            if (isUsed) {
                throw new InvalidRecipeException("distillation.terms must leave out KL with teacherEnsemble.size "
                        + teachers.roles().size()
                        + ": the bottlenecks of different teachers have no features in common");
            }
            return Optional.empty();
        }
        if (!isUsed && !ofStudent.equals(ofTeacher)) {
            return Optional.empty();
        }
        if (!ofStudent.hasResolutionInCommonWith(ofTeacher)) {
            throw new InvalidRecipeException(
                    "distillation.terms: KL compares the bottlenecks of student and teacher, which"
                            + " have no resolution in common: " + student.describe() + " has " + ofStudent + ", "
                            + teacher.describe() + " has " + ofTeacher + "; choose other depths, or terms without KL");
        }
        FeatureProjection built =
                new FeatureProjection(ofStudent, ofTeacher, () -> setup.random().seedFor("weights of " + PROJECTION));
        built.parameters().moveTo(setup.device());
        return Optional.of(built);
    }

    @Override
    public List<Role> roles() {
        return teachers.with(student);
    }

    @Override
    public List<Phase> phases() {
        return teachers.before(new StudentPhase(), supervision);
    }

    @Override
    public Map<String, Parameters> auxiliaryParameters() {
        return projection
                .map(FeatureProjection::parameters)
                .filter(parameters -> parameters.count() > 0)
                .map(parameters -> Map.of(PROJECTION, parameters))
                .orElse(Map.of());
    }

    Teachers teachers() {
        return teachers;
    }

    @Override
    public void close() {
        teachers.close();
        Method.super.close();
    }

    /** Trains the student beside the frozen teacher. */
    private final class StudentPhase implements Phase {
        private final DistillationWeights weights = new DistillationWeights(
                options.ramp(), List.of(), options.regionWeights(), options.margin(), teachers, student);

        @Override
        public Optional<RegionAdvantage> regionAdvantage() {
            return weights.advantage();
        }

        @Override
        public void endEpoch() {
            weights.endEpoch();
        }

        @Override
        public Map<String, List<Double>> state() {
            return weights.state();
        }

        @Override
        public void loadState(Map<String, List<Double>> state) {
            weights.loadState(state);
        }

        @Override
        public Role leading() {
            return student;
        }

        @Override
        public long teacherCacheBytes() {
            return TeacherCacheBudget.CAPACITY_BYTES;
        }

        @Override
        public Map<String, ParameterGroup> parameterGroups() {
            Map<String, Parameters> auxiliary = auxiliaryParameters();
            if (auxiliary.isEmpty()) {
                return Map.of(
                        student.name(), ParameterGroup.of(student.network().parameters()));
            }
            Map<String, Parameters> joint = new LinkedHashMap<>();
            joint.put(student.name(), student.network().parameters());
            joint.putAll(auxiliary);
            return Map.of(student.name(), ParameterGroup.joint(joint));
        }

        @Override
        public LossTerms step(Batch batch, Optimizers optimizers) {
            // The teacher first: its temporary memory must not add to what the student's forward pass stores.
            TeacherOutputs teacher = teachers.outputs(batch);
            Features features = student.forward(batch);
            List<Double> regionWeights = weights.weighRegions() ? weights.ofRegions() : List.of();
            LossTerms losses = losses(teacher, features, batch, weights.factor(), regionWeights)
                    .with(weights.metrics());
            optimizers.backwardAndStep(student.name(), losses, features);
            return losses;
        }

        /**
         * @param factor of L_KD and L_KL
         * @param regionWeights weights of the regions in L_KD; empty to weigh all alike
         */
        private LossTerms losses(
                TeacherOutputs teacher, Features features, Batch batch, double factor, List<Double> regionWeights) {
            LossTerms supervised = supervision.of(features, batch.classes());
            Tensor response = regionWeights.isEmpty()
                    ? distillation.response(teacher.logits(), features.logits())
                    : distillation.response(teacher.logits(), features.logits(), regionWeights);
            Optional<Tensor> bottleneck = projection.map(p -> distillation.bottleneck(
                    p.ofTeacher(teacher.bottleneck().orElseThrow()), p.ofStudent(features.bottleneck())));
            Map<String, Tensor> terms = new LinkedHashMap<>(supervised.terms());
            terms.put("kd", response);
            bottleneck.ifPresent(divergence -> terms.put("kl", divergence));
            Tensor total = bottleneck
                    .map(divergence -> options.total(response, supervised.total(), divergence, factor))
                    .orElseGet(() -> options.total(response, supervised.total(), factor));
            return new LossTerms(total, terms);
        }

        @Override
        public Validated validate(Batch batch) {
            Features features = student.forwardAtBedside(batch);
            // Without the weights that change from epoch to epoch: they would decide which epoch is the best.
            LossTerms losses = losses(teachers.outputs(batch), features, batch, 1, List.of());
            return new Validated(losses, features.logits());
        }

        @Override
        public List<MemoryPeak> memoryPeaks() {
            return List.of(new MemoryPeak(List.of(student), teachers.roles()));
        }
    }
}
