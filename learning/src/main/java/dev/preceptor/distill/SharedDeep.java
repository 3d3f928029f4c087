package dev.preceptor.distill;

import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.base.MismatchException;
import dev.preceptor.data.Batch;
import dev.preceptor.loss.KdNetLosses;
import dev.preceptor.loss.LossTerms;
import dev.preceptor.loss.SegmentationLoss;
import dev.preceptor.network.Features;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;

/**
 * Shared deep layers, which the paper of KD-Net reports to have tried (Hu et al., MICCAI 2020, arXiv 2106.09564): a teacher that sees
 * all sequences and a student that sees one have the same weights in their deepest stages, and their own around them
 * (docs/methods/shared-deep.md). Both learn at the same time from the same crops: the teacher from the labels, the student from the
 * losses of {@link KdNet}, whose targets carry no gradient. The shared weights receive the sum of both gradients, in one optimizer.
 */
public final class SharedDeep implements Method {
    /** The method {@code shared-deep}. */
    public static final MethodKind KIND = MethodKind.of("shared-deep", SharedDeepOptions.DEFAULTS, SharedDeep::new);

    /** The name of the teacher's loss in the log. */
    private static final String TEACHER_LOSS = "teacher";

    private final KdNetOptions options;
    private final Role teacher;
    private final Role student;
    private final Set<String> shared;
    private final KdNetLosses distillation;
    private final SegmentationLoss supervision;

    SharedDeep(MethodSetup setup, SharedDeepOptions options) {
        Teachers.requireOne(setup, KIND.name());
        setup.requireNoGivenTeachers(KIND.name());
        setup.requireMeans(options.loss());
        this.options = options.kdNet();
        this.distillation = this.options.losses(setup.targets(options.outputs()));
        this.supervision = this.options.supervision(setup.targets(options.outputs()));
        this.teacher = setup.teacher(0, Role.TEACHER, options.outputs(), options.deepSupervision());
        this.student = setup.student(options.outputs(), options.deepSupervision());
        this.shared = tie(options.depth());
    }

    /** Makes the deep weights of the student those of the teacher; their names. */
    private Set<String> tie(int depth) {
        Set<String> names = student.network().deepWeights(depth);
        if (names.isEmpty()) {
            throw new InvalidRecipeException(
                    "network " + student.network().spec().name() + " does not name its deep stages; for the method "
                            + KIND.name() + " choose unet");
        }
        int most = 1;
        while (!student.network().deepWeights(most + 1).equals(student.network().deepWeights(most))) {
            most++;
        }
        if (depth > most) {
            throw new InvalidRecipeException("distillation.depth must be at most " + most + " for the "
                    + student.describe() + ", so that each network has the full resolution for itself, not " + depth);
        }
        try {
            student.network().parameters().tie(names, teacher.network().parameters());
        } catch (MismatchException e) {
            throw new InvalidRecipeException(
                    "distillation.depth is " + depth + ", but teacher and student differ there: " + e.getMessage()
                            + "; choose equal widths and skips in teacherNetwork, or leave it out",
                    e);
        }
        return names;
    }

    @Override
    public List<Role> roles() {
        return List.of(teacher, student);
    }

    @Override
    public List<Phase> phases() {
        return List.of(new JointPhase());
    }

    /** Trains both networks. */
    private final class JointPhase implements Phase {
        @Override
        public Role leading() {
            return student;
        }

        @Override
        public Map<String, ParameterGroup> parameterGroups() {
            return Map.of(student.name(), new ParameterGroup(selectedWeights(), 1, OptionalDouble.empty()));
        }

        /** All weights, the shared ones once: a student's epoch and a teacher's would not fit together. */
        @Override
        public Map<String, Tensor> selectedWeights() {
            Map<String, Tensor> weights =
                    new LinkedHashMap<>(student.network().parameters().asMap());
            teacher.network().parameters().asMap().forEach((name, weight) -> {
                if (!shared.contains(name)) {
                    weights.put(teacher.name() + "." + name, weight);
                }
            });
            return weights;
        }

        @Override
        public LossTerms step(Batch batch, Optimizers optimizers) {
            Features taught = teacher.forward(batch);
            Features features = student.forward(batch);
            LossTerms ofTeacher = supervision.of(taught, batch.classes());
            LossTerms ofStudent = studentLosses(taught, features, batch, ofTeacher);
            LossTerms losses = new LossTerms(ofStudent.total().add(ofTeacher.total()), ofStudent.terms());
            optimizers.backwardAndStep(student.name(), losses, features, taught);
            return losses;
        }

        private LossTerms studentLosses(Features taught, Features features, Batch batch, LossTerms ofTeacher) {
            LossTerms supervised = supervision.of(features, batch.classes());
            Tensor response = distillation.response(taught.logits().detach(), features.logits());
            Tensor divergence = distillation.bottleneck(taught.bottleneck().detach(), features.bottleneck());
            Map<String, Tensor> terms = new LinkedHashMap<>(supervised.terms());
            terms.put("kd", response);
            terms.put("kl", divergence);
            terms.put(TEACHER_LOSS, ofTeacher.total());
            return new LossTerms(options.total(response, supervised.total(), divergence, 1), terms);
        }

        @Override
        public Validated validate(Batch batch) {
            Features taught = teacher.forward(batch);
            Features features = student.forwardAtBedside(batch);
            LossTerms ofTeacher = supervision.of(taught, batch.classes());
            return new Validated(studentLosses(taught, features, batch, ofTeacher), features.logits());
        }

        @Override
        public List<MemoryPeak> memoryPeaks() {
            return List.of(new MemoryPeak(List.of(teacher, student), List.of()));
        }
    }
}
