package dev.preceptor.distill;

import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.data.Batch;
import dev.preceptor.distill.FrozenTeacher.TeacherOutput;
import dev.preceptor.loss.KdNetLosses;
import dev.preceptor.loss.LossTerms;
import dev.preceptor.loss.SegmentationLoss;
import dev.preceptor.loss.SupervisedLoss;
import dev.preceptor.network.Features;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * KD-Net (Hu, Maillard, Zhang, Ciceri, La Barbera, Bloch, Gori, MICCAI 2020, arXiv 2106.09564). A teacher that sees all
 * sequences is trained first and then frozen. The student has the same architecture and sees one sequence; on the same crops
 * it learns from the labels (L_GT), from the teacher's logits (L_KD) and from the teacher's bottleneck (L_KL). A teacher that
 * is given as a model file is not trained again. Losses and choices: docs/methods/kd-net.md.
 */
public final class KdNet implements Method {
    /** The method {@code kd-net}. */
    public static final MethodKind KIND = MethodKind.of("kd-net", KdNetOptions.PAPER, KdNet::new);

    private final KdNetOptions options;
    private final Role teacher;
    private final FrozenTeacher frozenTeacher;
    private final Role student;
    private final KdNetLosses distillation;
    private final SegmentationLoss supervision;

    KdNet(MethodSetup setup, KdNetOptions options) {
        if (setup.teachers().size() != 1) {
            throw new InvalidRecipeException(
                    "teachers must name the sequences of exactly one teacher for the method kd-net, not "
                            + setup.teachers());
        }
        setup.requireMeans(options.batchDice(), "distillation.batchDice");
        setup.requireMeans(
                options.loss().stream().anyMatch(SupervisedLoss.TopK.class::isInstance),
                "the loss top-k in distillation.loss");
        this.options = options;
        this.distillation = options.losses(setup.targets(options.outputs()));
        this.supervision = options.supervision(setup.targets(options.outputs()));
        this.teacher = setup.teacher(0, Role.TEACHER, options.outputs(), options.deepSupervision());
        this.frozenTeacher = new FrozenTeacher(teacher, 0);
        this.student = setup.student(options.outputs(), options.deepSupervision());
    }

    @Override
    public List<Role> roles() {
        return List.of(teacher, student);
    }

    @Override
    public List<Phase> phases() {
        return teacher.trained()
                ? List.of(new StudentPhase())
                : List.of(new SupervisedPhase(teacher, supervision), new StudentPhase());
    }

    @Override
    public void close() {
        frozenTeacher.close();
        Method.super.close();
    }

    /** Trains the student beside the frozen teacher. */
    private final class StudentPhase implements Phase {
        @Override
        public Role leading() {
            return student;
        }

        @Override
        public Map<String, ParameterGroup> parameterGroups() {
            return Map.of(student.name(), ParameterGroup.of(student.network().parameters()));
        }

        @Override
        public LossTerms step(Batch batch, Optimizers optimizers) {
            // The teacher first: its temporary memory must not add to what the student's forward pass stores.
            TeacherOutput teacherOutput = frozenTeacher.outputs(batch);
            Features features = student.forward(batch);
            LossTerms losses = losses(teacherOutput, features, batch);
            optimizers.backwardAndStep(student.name(), losses.total(), features);
            return losses;
        }

        private LossTerms losses(TeacherOutput teacherOutput, Features features, Batch batch) {
            LossTerms supervised = supervision.of(features, batch.classes());
            Tensor response = distillation.response(teacherOutput.logits(), features.logits());
            Tensor bottleneck = distillation.bottleneck(teacherOutput.bottleneck(), features.bottleneck());
            Map<String, Tensor> terms = new LinkedHashMap<>(supervised.terms());
            terms.put("kd", response);
            terms.put("kl", bottleneck);
            return new LossTerms(options.total(response, supervised.total(), bottleneck), terms);
        }

        @Override
        public Validated validate(Batch batch) {
            Features features = student.forward(batch);
            return new Validated(losses(frozenTeacher.outputs(batch), features, batch), features.logits());
        }

        @Override
        public List<MemoryPeak> memoryPeaks() {
            return List.of(new MemoryPeak(List.of(student), List.of(teacher)));
        }
    }
}
