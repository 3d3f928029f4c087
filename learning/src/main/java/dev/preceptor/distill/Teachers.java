package dev.preceptor.distill;

import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.cohort.Patients;
import dev.preceptor.data.Batch;
import dev.preceptor.loss.SegmentationLoss;
import dev.preceptor.network.TargetEncoding;
import dev.preceptor.tensor.Tensors;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * The networks in the place of one teacher that is trained before the student and then frozen: one, or an
 * {@linkplain EnsembleSettings ensemble} whose logits are averaged. Out of fold, the teacher of a training subject is the one
 * network that was not trained on it.
 */
final class Teachers implements AutoCloseable {
    private final List<Role> roles = new ArrayList<>();
    private final List<FrozenTeacher> frozen = new ArrayList<>();
    /** The network that leaves a subject out, by subject; empty unless out of fold. */
    private final Map<String, Integer> leavesOut;

    /**
     * The only teacher of a recipe.
     *
     * @param heads number of decoder stages below the full resolution with a head
     * @throws InvalidRecipeException if the ensemble does not suit the trained teachers or the number of subjects
     */
    Teachers(MethodSetup setup, TargetEncoding outputs, int heads) {
        this(setup, outputs, heads, List.of());
    }

    /** @param levels the decoder levels of a single teacher that its {@link #outputs} includes, 0 for the full resolution */
    Teachers(MethodSetup setup, TargetEncoding outputs, int heads, List<Integer> levels) {
        int size = setup.ensemble().size();
        if (size > 1 && !setup.trained().isEmpty()) {
            throw new InvalidRecipeException("teacherEnsemble.size must be 1 with teacherModels, not " + size
                    + ": an ensemble is trained in the run that uses it");
        }
        TeacherCacheBudget budget = new TeacherCacheBudget();
        for (int k = 0; k < size; k++) {
            Role role = setup.teacher(0, size == 1 ? Role.TEACHER : Role.TEACHER + "-" + (k + 1), outputs, heads);
            roles.add(role);
            frozen.add(new FrozenTeacher(role, levels, budget));
        }
        this.leavesOut = setup.ensemble().outOfFold() ? parts(setup, size) : Map.of();
    }

    /** @throws InvalidRecipeException unless the recipe has exactly one teacher */
    static void requireOne(MethodSetup setup, String method) {
        if (setup.teachers().size() != 1) {
            throw new InvalidRecipeException("teachers must name the sequences of exactly one teacher for the method "
                    + method + ", not " + setup.teachers());
        }
    }

    /** Deals the training subjects out to the networks, patient by patient, in an order that the seed decides. */
    private static Map<String, Integer> parts(MethodSetup setup, int size) {
        List<List<String>> patients = Patients.of(setup.subjects()).shuffled(setup.random(), "parts of the teachers");
        if (!patients.isEmpty() && patients.size() < size) {
            boolean isOneScanEach = patients.size() == setup.subjects().size();
            throw new InvalidRecipeException("teacherEnsemble.size must be at most the number of training "
                    + (isOneScanEach ? "subjects" : "patients") + ", " + patients.size() + ", with outOfFold, not "
                    + size);
        }
        Map<String, Integer> parts = new HashMap<>();
        IntStream.range(0, patients.size())
                .forEach(i -> patients.get(i).forEach(subject -> parts.put(subject, i % size)));
        return parts;
    }

    /** The networks. */
    List<Role> roles() {
        return Collections.unmodifiableList(roles);
    }

    /** The networks, then the student. */
    List<Role> with(Role student) {
        List<Role> all = new ArrayList<>(roles);
        all.add(student);
        return all;
    }

    /** One phase for each network that is not trained yet, then that of the student. */
    List<Phase> before(Phase studentPhase, SegmentationLoss loss) {
        List<Phase> phases = new ArrayList<>();
        for (int k = 0; k < roles.size(); k++) {
            int part = k;
            if (!roles.get(k).trained()) {
                phases.add(new SupervisedPhase(roles.get(k), loss, subject -> leavesOut(subject) != part));
            }
        }
        phases.add(studentPhase);
        return phases;
    }

    private int leavesOut(String subject) {
        return leavesOut.getOrDefault(subject, -1);
    }

    /** The outputs for a batch; their tensors belong to the innermost scope or to a cache. */
    TeacherOutputs outputs(Batch batch) {
        if (roles.size() > 1) {
            return new TeacherOutputs(Tensors.scoped(() -> meanLogits(batch)), Optional.empty(), List.of());
        }
        return frozen.get(0).outputs(batch);
    }

    private Tensor meanLogits(Batch batch) {
        List<Integer> leftOutBy = batch.patches().stream()
                .map(patch -> leavesOut(patch.subject()))
                .toList();
        List<List<Tensor>> logitsOf = new ArrayList<>();
        leftOutBy.forEach(patch -> logitsOf.add(new ArrayList<>()));
        for (int k = 0; k < frozen.size(); k++) {
            int part = k;
            List<Integer> asked = IntStream.range(0, leftOutBy.size())
                    .filter(b -> leftOutBy.get(b) < 0 || leftOutBy.get(b) == part)
                    .boxed()
                    .toList();
            if (!asked.isEmpty()) {
                Tensor logits = frozen.get(k).outputs(batch.select(asked)).logits();
                IntStream.range(0, asked.size())
                        .forEach(i -> logitsOf.get(asked.get(i)).add(logits.select(0, i)));
            }
        }
        return Tensors.stack(logitsOf.stream().map(Teachers::mean).toList(), 0);
    }

    private static Tensor mean(List<Tensor> logits) {
        return logits.stream().reduce(Tensor::add).orElseThrow().div(new Scalar((double) logits.size()));
    }

    @Override
    public void close() {
        frozen.forEach(FrozenTeacher::close);
    }
}
