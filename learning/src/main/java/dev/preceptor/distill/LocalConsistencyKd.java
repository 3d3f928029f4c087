package dev.preceptor.distill;

import dev.preceptor.data.Batch;
import dev.preceptor.loss.LocalConsistency;
import dev.preceptor.loss.ValidVoxels;
import dev.preceptor.network.Features;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * Zero-order and first-order distillation (Xie, Shuai, Hu, Lin, Zheng, BMVC 2018, arXiv 1810.08476; docs/methods/local-consistency.md):
 * the student learns the teacher's probabilities and how much they change from a voxel to its neighbours.
 */
public final class LocalConsistencyKd implements TeachingLoss {
    /** The method {@code local-consistency}. */
    public static final MethodKind KIND = MethodKind.of(
            "local-consistency",
            LocalConsistencyOptions.DEFAULTS,
            (setup, options) -> new TaughtStudent(
                    setup,
                    "local-consistency",
                    options,
                    Reads.LOGITS,
                    (teacher, student) -> new LocalConsistencyKd(student, options)));

    private final LocalConsistencyOptions options;
    private final LocalConsistency losses;

    private LocalConsistencyKd(Role student, LocalConsistencyOptions options) {
        this.options = options;
        this.losses = new LocalConsistency(student.outputs(), options.compared());
    }

    @Override
    public List<Term> terms(Batch batch, TeacherOutputs teacher, Features student) {
        ValidVoxels valid = ValidVoxels.in(batch.classes());
        Tensor logits = student.logits();
        return List.of(
                new Term("zero", losses.zeroOrder(logits, teacher.logits(), valid), options.zeroOrderWeight()),
                new Term("first", losses.firstOrder(logits, teacher.logits(), valid), options.firstOrderWeight()));
    }
}
