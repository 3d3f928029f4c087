package dev.preceptor.distill;

import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.data.Batch;
import dev.preceptor.loss.LossTerms;
import dev.preceptor.loss.SegmentationLoss;
import dev.preceptor.network.Features;
import dev.preceptor.network.Parameters;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * A method with a frozen teacher and one student: the teacher that sees further sequences is trained first, or given as a model; the
 * student learns on the same patches from the labels and from a {@link TeachingLoss},
 * {@code L = L_GT + sum of weight times term}. Methods of this kind differ in that loss alone.
 */
public final class TaughtStudent implements Method {
    private final Teachers teachers;
    private final Role student;
    private final SegmentationLoss supervision;
    private final TeachingLoss teaching;

    /**
     * @param method name of the method, for messages
     * @param reads what the teaching loss reads of the teacher
     * @param teaching from teacher and student to the teaching loss
     * @throws InvalidRecipeException if the recipe has not one teacher, or an ensemble and a loss that reads features
     */
    public TaughtStudent(
            MethodSetup setup,
            String method,
            TaughtOptions options,
            TeachingLoss.Reads reads,
            BiFunction<Role, Role, TeachingLoss> teaching) {
        Teachers.requireOne(setup, method);
        if (reads != TeachingLoss.Reads.LOGITS && setup.ensemble().size() > 1) {
            throw new InvalidRecipeException("teacherEnsemble.size must be 1 for the method " + method + ", not "
                    + setup.ensemble().size()
                    + ": it compares features, which different teachers do not have in common");
        }
        setup.requireMeans(options.loss());
        this.supervision = options.supervision(setup.targets(options.outputs()));
        this.teachers = new Teachers(
                setup,
                options.outputs(),
                options.deepSupervision(),
                reads == TeachingLoss.Reads.LAST_DECODER ? List.of(0) : List.of());
        this.student = setup.student(options.outputs(), options.deepSupervision());
        this.teaching = teaching.apply(teachers.roles().get(0), student);
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
        Map<String, Parameters> all = new LinkedHashMap<>(teaching.trainedWithStudent());
        all.putAll(teaching.critics());
        return all;
    }

    @Override
    public void close() {
        teachers.close();
        Method.super.close();
    }

    /** Trains the student beside the frozen teachers. */
    private final class StudentPhase implements Phase {
        @Override
        public Role leading() {
            return student;
        }

        @Override
        public Map<String, ParameterGroup> parameterGroups() {
            Map<String, ParameterGroup> groups = new LinkedHashMap<>();
            groups.put(student.name(), studentGroup());
            teaching.critics().forEach((name, parameters) -> groups.put(name, ParameterGroup.of(parameters)));
            return groups;
        }

        private ParameterGroup studentGroup() {
            Map<String, Parameters> further = teaching.trainedWithStudent();
            if (further.isEmpty()) {
                return ParameterGroup.of(student.network().parameters());
            }
            Map<String, Parameters> joint = new LinkedHashMap<>();
            joint.put(student.name(), student.network().parameters());
            joint.putAll(further);
            return ParameterGroup.joint(joint);
        }

        @Override
        public long teacherCacheBytes() {
            return TeacherCacheBudget.CAPACITY_BYTES;
        }

        @Override
        public List<MemoryPeak> memoryPeaks() {
            return List.of(new MemoryPeak(List.of(student), teachers.roles()));
        }

        @Override
        public LossTerms step(Batch batch, Optimizers optimizers) {
            // The teacher first: its temporary memory must not add to what the student's forward pass stores.
            TeacherOutputs teacher = teachers.outputs(batch);
            Features features = student.forward(batch);
            LossTerms losses = losses(batch, teacher, features);
            Tensor logits = features.logits().detach();
            optimizers.backwardAndStep(student.name(), losses, features);
            Map<String, Tensor> terms = new LinkedHashMap<>(losses.terms());
            terms.putAll(teaching.updateCritics(batch, teacher.logits(), logits, optimizers));
            return new LossTerms(losses.total(), terms);
        }

        private LossTerms losses(Batch batch, TeacherOutputs teacher, Features features) {
            LossTerms supervised = supervision.of(features, batch.classes());
            Map<String, Tensor> terms = new LinkedHashMap<>(supervised.terms());
            Tensor total = supervised.total();
            for (TeachingLoss.Term term : teaching.terms(batch, teacher, features)) {
                terms.put(term.name(), term.value());
                total = total.add(term.value().mul(new Scalar(term.weight())));
            }
            return new LossTerms(total, terms);
        }

        @Override
        public Validated validate(Batch batch) {
            Features features = student.forwardAtBedside(batch);
            return new Validated(losses(batch, teachers.outputs(batch), features), features.logits());
        }

        @Override
        public Map<String, List<Double>> state() {
            return teaching.state();
        }

        @Override
        public void loadState(Map<String, List<Double>> state) {
            teaching.loadState(state);
        }
    }
}
