package dev.preceptor.distill;

import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.data.Batch;
import dev.preceptor.loss.LossTerms;
import dev.preceptor.loss.SegmentationLoss;
import dev.preceptor.loss.SupervisedLoss;
import dev.preceptor.network.Features;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * KD-Net (Hu, Maillard, Zhang, Ciceri, La Barbera, Bloch, Gori, MICCAI 2020, arXiv 2106.09564): a teacher that sees all
 * sequences is trained first and frozen; the student, of the same architecture, learns from the labels, from the teacher's
 * response and from its bottleneck, on the same crops. A teacher that comes trained is not trained again.
 */
public final class KdNet implements Method {
    static final MethodKind KIND = MethodKind.of("kd-net", KdNetOptions.PAPER, KdNet::new);

    private final Role teacher;
    private final FrozenTeacher frozen;
    private final Role student;
    private final KdNetLosses losses;
    private final SegmentationLoss segmentationLoss;

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
        this.losses = new KdNetLosses(options);
        this.segmentationLoss = options.supervision();
        this.teacher = setup.teacher(0, Role.TEACHER, options.outputs(), options.deepSupervision());
        this.frozen = new FrozenTeacher(teacher, 0);
        this.student = setup.student(options.outputs(), options.deepSupervision());
    }

    @Override
    public List<Role> roles() {
        return List.of(teacher, student);
    }

    @Override
    public void close() {
        frozen.close();
        Method.super.close();
    }

    @Override
    public List<Phase> phases() {
        if (teacher.trained()) {
            return List.of(new StudentPhase());
        }
        return List.of(new SupervisedPhase(teacher, segmentationLoss), new StudentPhase());
    }

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
            // The teacher first: what its forward needs in passing must not add to what the student keeps.
            FrozenTeacher.TeacherOutput taught = frozen.outputs(batch);
            Features learned = student.forward(batch);
            LossTerms terms = compare(taught, learned, batch);
            optimizers.backwardAndStep(student.name(), terms.total(), learned);
            return terms;
        }

        @Override
        public List<MemoryPeak> memoryPeaks() {
            return List.of(new MemoryPeak(List.of(student), List.of(teacher)));
        }

        @Override
        public Validated validate(Batch batch) {
            Features learned = student.forward(batch);
            return new Validated(compare(frozen.outputs(batch), learned, batch), learned.logits());
        }

        private LossTerms compare(FrozenTeacher.TeacherOutput taught, Features learned, Batch batch) {
            LossTerms labels = segmentationLoss.of(learned, batch.classes());
            Tensor supervised = labels.total();
            Tensor response = losses.response(taught.logits(), learned.logits());
            Tensor bottleneck = losses.bottleneck(taught.bottleneck(), learned.bottleneck());
            Map<String, Tensor> terms = new LinkedHashMap<>(labels.terms());
            terms.put("kd", response);
            terms.put("kl", bottleneck);
            return new LossTerms(losses.total(response, supervised, bottleneck), terms);
        }
    }
}
