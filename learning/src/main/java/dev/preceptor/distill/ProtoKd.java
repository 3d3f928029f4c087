package dev.preceptor.distill;

import dev.preceptor.data.Batch;
import dev.preceptor.loss.PrototypeRelations;
import dev.preceptor.loss.ValidVoxels;
import dev.preceptor.loss.VoxelDivergence;
import dev.preceptor.network.Features;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * ProtoKD (Wang et al., "Prototype Knowledge Distillation for Medical Segmentation with Missing Modality", ISBI 2023, arXiv
 * 2303.09830; docs/methods/proto-kd.md): the student learns the teacher's tempered logits and how similar the features of every voxel
 * are to the prototype of every class.
 */
public final class ProtoKd implements TeachingLoss {
    /** The method {@code proto-kd}. */
    public static final MethodKind KIND = MethodKind.of("proto-kd", ProtoKdOptions.DEFAULTS, ProtoKd::method);

    private final ProtoKdOptions options;
    private final VoxelDivergence divergence;
    private final PrototypeRelations relations;

    private ProtoKd(Role student, ProtoKdOptions options) {
        this.options = options;
        this.divergence = new VoxelDivergence(student.outputs(), options.temperature());
        this.relations =
                new PrototypeRelations(student.outputs().labels().classes().size() + 1);
    }

    private static Method method(MethodSetup setup, ProtoKdOptions options) {
        setup.requireMeans(options.prototypeWeight() > 0, "distillation.prototypeWeight");
        return new TaughtStudent(
                setup, KIND.name(), options, Reads.LAST_DECODER, (teacher, student) -> new ProtoKd(student, options));
    }

    @Override
    public List<Term> terms(Batch batch, TeacherOutputs teacher, Features student) {
        // The mean over the outcomes too, as the original takes it.
        Tensor response = divergence
                .mean(student.logits(), teacher.logits(), ValidVoxels.in(batch.classes()))
                .div(new Scalar((double) divergence.outcomes()));
        Tensor prototypes = relations.loss(student.decoder(0), teacher.decoder().get(0), batch.classes());
        return List.of(
                new Term("kd", response, options.responseWeight()),
                new Term("proto", prototypes, options.prototypeWeight()));
    }
}
