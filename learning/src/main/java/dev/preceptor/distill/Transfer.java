package dev.preceptor.distill;

import dev.preceptor.data.Batch;
import dev.preceptor.loss.DeepSupervision;
import dev.preceptor.loss.LabelSupervision;
import dev.preceptor.loss.LossTerms;
import dev.preceptor.loss.RegionWeightedLoss;
import dev.preceptor.loss.SegmentationLoss;
import dev.preceptor.loss.SoftRegionLoss;
import dev.preceptor.network.Features;
import dev.preceptor.network.Targets;
import dev.preceptor.tensor.Tensors;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Cross-modal self-training with privileged sequences (docs/methods/transfer.md). A teacher that sees further sequences is trained on
 * the few labelled subjects; it labels the subjects without labels, whole volumes at a time; the student, which sees one sequence,
 * learns from the labels and from the teacher's labels. With {@code start: teacher} the student begins with the teacher's weights.
 *
 * <p>The loss of a batch of B patches, L labelled and U not: {@code (L L_GT + f w U L_T) / B}, where both are the same loss, against
 * the labels and against the teacher's labels, w is {@link TransferOptions#weight} and f the factor of the {@link Ramp}. L_T counts
 * {@link TransferOptions#regions} alone, and with {@link RegionWeighting#ADVANTAGE} weighs each by what the teacher knows more than the
 * student. With {@link TransferOptions.PseudoLabels#SOFT}, L_T compares with the teacher's probabilities on the patch instead.
 */
public final class Transfer implements Method {
    /** The method {@code transfer}. */
    public static final MethodKind KIND = MethodKind.of("transfer", TransferOptions.DEFAULTS, Transfer::new);

    /** The name of L_T in the log. */
    private static final String TAUGHT = "taught";

    private final TransferOptions options;
    private final Teachers teachers;
    private final Role student;
    private final SegmentationLoss supervision;

    Transfer(MethodSetup setup, TransferOptions options) {
        Teachers.requireOne(setup, KIND.name());
        this.options = options;
        Targets targets = setup.targets(options.outputs());
        targets.requireRegions("distillation.regions", options.regions());
        this.supervision =
                DeepSupervision.of(new LabelSupervision(targets, options.loss(), false), options.deepSupervision());
        this.teachers = new Teachers(setup, options.outputs(), options.deepSupervision());
        this.student = setup.student(options.outputs(), options.deepSupervision());
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
    public void close() {
        teachers.close();
        Method.super.close();
    }

    /** Trains the student on the labels and on those of the frozen teacher. */
    private final class StudentPhase implements Phase {
        private final DistillationWeights weights = new DistillationWeights(
                options.ramp(), options.regions(), options.regionWeights(), options.margin(), teachers, student);
        private final SegmentationLoss imitation = weights.weighRegions()
                ? DeepSupervision.of(
                        new RegionWeightedLoss(student.outputs(), options.loss(), weights::ofRegions),
                        options.deepSupervision())
                : supervision;
        private final SoftRegionLoss soft = new SoftRegionLoss(student.outputs());

        @Override
        public Role leading() {
            return student;
        }

        @Override
        public Map<String, ParameterGroup> parameterGroups() {
            return Map.of(student.name(), ParameterGroup.of(student.network().parameters()));
        }

        @Override
        public boolean usesUnlabelled() {
            return true;
        }

        @Override
        public List<Role> labellers() {
            return teachers.roles();
        }

        @Override
        public Optional<RegionAdvantage> regionAdvantage() {
            return weights.advantage();
        }

        private boolean isSoft() {
            return options.pseudoLabels() == TransferOptions.PseudoLabels.SOFT;
        }

        @Override
        public List<MemoryPeak> memoryPeaks() {
            return List.of(new MemoryPeak(List.of(student), isSoft() ? teachers.roles() : List.of()));
        }

        @Override
        public long teacherCacheBytes() {
            return isSoft() ? TeacherCacheBudget.CAPACITY_BYTES : 0;
        }

        @Override
        public LossTerms step(Batch batch, Optimizers optimizers) {
            // The teacher first: its temporary memory must not add to what the student's forward pass stores.
            Optional<Tensor> teacherLogits = teacherLogits(batch);
            Features features = student.forward(batch);
            LossTerms losses = losses(features, batch, teacherLogits);
            optimizers.backwardAndStep(student.name(), losses, features);
            return losses;
        }

        /** The teacher's logits of the patches without labels; empty if there are none, or their label maps are used. */
        private Optional<Tensor> teacherLogits(Batch batch) {
            List<Integer> unlabelled = patches(batch, false);
            return isSoft() && !unlabelled.isEmpty()
                    ? Optional.of(teachers.outputs(batch.select(unlabelled)).logits())
                    : Optional.empty();
        }

        private static List<Integer> patches(Batch batch, boolean labelled) {
            return IntStream.range(0, batch.patches().size())
                    .filter(b -> batch.labelled().get(b) == labelled)
                    .boxed()
                    .toList();
        }

        private LossTerms losses(Features features, Batch batch, Optional<Tensor> teacherLogits) {
            List<Tensor> outputs = SegmentationLoss.outputs(features);
            int patches = batch.patches().size();
            Map<String, Tensor> terms = new LinkedHashMap<>();
            Tensor total = Tensors.zero(features.logits());
            for (boolean labelled : new boolean[] {true, false}) {
                List<Integer> part = patches(batch, labelled);
                if (!part.isEmpty()) {
                    List<Tensor> heads = outputs.stream()
                            .map(head -> Tensors.rows(head, part))
                            .toList();
                    Tensor classes = Tensors.rows(batch.classes(), part);
                    Tensor loss = labelled
                            ? supervision.of(heads, classes).total()
                            : teacherLogits
                                    .map(logits -> soft.of(heads.get(0), logits, weights.ofRegions()))
                                    .orElseGet(
                                            () -> imitation.of(heads, classes).total());
                    terms.put(labelled ? LossTerms.SUPERVISED : TAUGHT, loss);
                    double weight = labelled ? 1 : options.weight() * weights.factor();
                    total = total.add(loss.mul(new Scalar(weight * part.size() / patches)));
                }
            }
            return new LossTerms(total, terms, weights.metrics());
        }

        @Override
        public Validated validate(Batch batch) {
            Features features = student.forwardAtBedside(batch);
            return new Validated(supervision.of(features, batch.classes()), features.logits());
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
    }
}
