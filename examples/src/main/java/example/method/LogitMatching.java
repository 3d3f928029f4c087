package example.method;

import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.base.Settings;
import dev.preceptor.data.Batch;
import dev.preceptor.distill.FrozenTeacher;
import dev.preceptor.distill.Method;
import dev.preceptor.distill.MethodKind;
import dev.preceptor.distill.MethodSetup;
import dev.preceptor.distill.ParameterGroup;
import dev.preceptor.distill.Phase;
import dev.preceptor.distill.Role;
import dev.preceptor.distill.SupervisedPhase;
import dev.preceptor.distill.spi.MethodProvider;
import dev.preceptor.loss.LabelSupervision;
import dev.preceptor.loss.LossTerms;
import dev.preceptor.loss.SegmentationLoss;
import dev.preceptor.loss.SupervisedLoss;
import dev.preceptor.network.Features;
import dev.preceptor.network.TargetEncoding;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * A method of one's own: the student matches the logits of a teacher (Ba and Caruana, NeurIPS 2014, arXiv 1312.6184). The
 * teacher is trained first; the student then minimises {@code L_GT + weight * mean((z_s - z_t)^2)}.
 */
public final class LogitMatching implements Method {
    /**
     * The {@code distillation} block of the recipe.
     *
     * @param outputs what the channels of both networks mean
     * @param weight of the squared difference, at least 0
     */
    public record Options(TargetEncoding outputs, double weight) {
        static final Options DEFAULTS = new Options(TargetEncoding.REGIONS, 0.1);

        public Options {
            Settings.require(weight >= 0 && weight < 1e6, "distillation.weight", "a number of at least 0", weight);
        }
    }

    /** Adds the method to those that recipes may name; META-INF/services lists this class. */
    public static final class Provider implements MethodProvider {
        @Override
        public List<MethodKind> methods() {
            return List.of(MethodKind.of("logit-matching", Options.DEFAULTS, LogitMatching::new));
        }
    }

    private final double weight;
    private final SegmentationLoss supervision;
    private final Role teacher;
    private final FrozenTeacher frozenTeacher;
    private final Role student;

    LogitMatching(MethodSetup setup, Options options) {
        if (setup.teachers().size() != 1) {
            throw new InvalidRecipeException("teachers must name the sequences of exactly one teacher for the method"
                    + " logit-matching, not " + setup.teachers());
        }
        weight = options.weight();
        supervision =
                new LabelSupervision(setup.targets(options.outputs()), SupervisedLoss.DICE_AND_CROSS_ENTROPY, false);
        teacher = setup.teacher(0, Role.TEACHER, options.outputs(), 0);
        frozenTeacher = new FrozenTeacher(teacher, List.of());
        student = setup.student(options.outputs(), 0);
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
            Tensor target = frozenTeacher.outputs(batch).logits();
            Features features = student.forward(batch);
            LossTerms losses = losses(features, target, batch);
            optimizers.backwardAndStep(student.name(), losses, features);
            return losses;
        }

        @Override
        public Validated validate(Batch batch) {
            Features features = student.forward(batch);
            Tensor target = frozenTeacher.outputs(batch).logits();
            return new Validated(losses(features, target, batch), features.logits());
        }

        private LossTerms losses(Features features, Tensor target, Batch batch) {
            LossTerms supervised = supervision.of(features, batch.classes());
            Tensor difference = features.logits().sub(target).square().mean();
            Map<String, Tensor> terms = new LinkedHashMap<>(supervised.terms());
            terms.put("match", difference);
            return new LossTerms(supervised.total().add(difference.mul(new Scalar(weight))), terms);
        }
    }
}
