package dev.preceptor.distill;

import dev.preceptor.data.Batch;
import dev.preceptor.loss.PrivilegedKnowledge;
import dev.preceptor.network.Features;
import dev.preceptor.network.Parameters;
import dev.preceptor.network.PatchEmbedding;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * PMKL (Chen, Dou, Jin, Liu, Heng, "Learning With Privileged Multimodal Knowledge for Unimodal Segmentation", IEEE TMI 2021;
 * docs/methods/pmkl.md): the student imitates the teacher where that is right and better than the student, and its embedding of a
 * patch is drawn to the teacher's of the same patch and away from those of others.
 */
public final class Pmkl implements TeachingLoss {
    /** The method {@code pmkl}. */
    public static final MethodKind KIND = MethodKind.of("pmkl", PmklOptions.DEFAULTS, Pmkl::method);

    private final PmklOptions options;
    private final PrivilegedKnowledge losses;
    private final PatchEmbedding ofStudent;
    private final PatchEmbedding ofTeacher;

    private Pmkl(MethodSetup setup, Role teacher, Role student, PmklOptions options) {
        this.options = options;
        this.losses = new PrivilegedKnowledge(student.outputs(), options.temperature());
        this.ofStudent = embedding(setup, student, "embedding of student");
        this.ofTeacher = embedding(setup, teacher, "embedding of teacher");
    }

    private static PatchEmbedding embedding(MethodSetup setup, Role role, String name) {
        PatchEmbedding embedding = new PatchEmbedding(
                role.network().decoderChannels().get(0), setup.random().seedFor("weights of " + name));
        embedding.parameters().moveTo(setup.device());
        return embedding;
    }

    private static Method method(MethodSetup setup, PmklOptions options) {
        setup.requireMeans(
                options.responseWeight() > 0 || options.contrastWeight() > 0,
                "distillation.responseWeight or contrastWeight");
        return new TaughtStudent(
                setup,
                KIND.name(),
                options,
                Reads.LAST_DECODER,
                (teacher, student) -> new Pmkl(setup, teacher, student, options));
    }

    @Override
    public Map<String, Parameters> trainedWithStudent() {
        Map<String, Parameters> embeddings = new LinkedHashMap<>();
        embeddings.put("embedding-student", ofStudent.parameters());
        embeddings.put("embedding-teacher", ofTeacher.parameters());
        return embeddings;
    }

    @Override
    public List<Term> terms(Batch batch, TeacherOutputs teacher, Features student) {
        Tensor response = losses.selective(student.logits(), teacher.logits(), batch.classes());
        Tensor contrast = PrivilegedKnowledge.contrast(
                ofStudent.of(student.decoder(0)), ofTeacher.of(teacher.decoder().get(0)), options.margin());
        return List.of(
                new Term("kd", response, options.responseWeight()),
                new Term("contrast", contrast, options.contrastWeight()));
    }
}
