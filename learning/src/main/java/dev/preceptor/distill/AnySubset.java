package dev.preceptor.distill;

import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.base.RandomStreams;
import dev.preceptor.data.Batch;
import dev.preceptor.loss.DeepSupervision;
import dev.preceptor.loss.LabelSupervision;
import dev.preceptor.loss.LossTerms;
import dev.preceptor.loss.SegmentationLoss;
import dev.preceptor.network.Auxiliary;
import dev.preceptor.network.Features;
import dev.preceptor.network.Input;
import dev.preceptor.network.Requirement;
import dev.preceptor.network.TargetEncoding;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * One network for any subset of its sequences, without a teacher: each step shows it a random subset of each patch's sequences, at
 * prediction it takes those that are there (docs/methods/any-subset.md). U-HeMIS, U-HVED, RFNet, Robust-MSeg and sequence dropout are this method
 * with different networks, draws and {@linkplain AuxiliaryTerm further terms}. Validation shows the sequences of {@code bedside}.
 */
public final class AnySubset implements Method {
    /** The method {@code any-subset}. */
    public static final MethodKind KIND = MethodKind.of("any-subset", AnySubsetOptions.DEFAULTS, AnySubset::new);

    private final AnySubsetOptions options;
    private final RandomStreams random;
    private final Role student;
    private final SegmentationLoss supervision;

    AnySubset(MethodSetup setup, AnySubsetOptions options) {
        if (!setup.teachers().isEmpty()) {
            throw new InvalidRecipeException(
                    "teachers must be empty for the method any-subset, not " + setup.teachers());
        }
        setup.requireMeans(options.loss());
        this.options = options;
        this.random = setup.randomOfPatches();
        this.student = setup.student(options.outputs(), options.deepSupervision());
        requireFits();
        this.supervision = DeepSupervision.of(
                new LabelSupervision(setup.targets(options.outputs()), options.loss(), false),
                options.deepSupervision());
    }

    private void requireFits() {
        String network = student.network().spec().name();
        if (student.network().requires() != Requirement.ANY_SUBSET) {
            throw new InvalidRecipeException(
                    "network " + network + " needs all its sequences; for the method any-subset"
                            + " choose u-hemis, u-hved, rfnet or robust-mseg, or network.missing ZERO");
        }
        for (AuxiliaryTerm term : AuxiliaryTerm.values()) {
            double weight = term.weight(options);
            if (weight > 0 && !student.network().auxiliaries().contains(term.needs())) {
                throw new InvalidRecipeException("distillation." + term.key() + " must be 0 for network " + network
                        + ", which has no " + term.what() + ", not " + weight);
            }
        }
        if (student.network().auxiliaries().contains(Auxiliary.PROBABILITY_MAP)
                && options.outputs() != TargetEncoding.CLASSES) {
            throw new InvalidRecipeException("distillation.outputs must be CLASSES for network " + network
                    + ", whose probability maps divide the image into classes, not " + options.outputs());
        }
    }

    @Override
    public List<Role> roles() {
        return List.of(student);
    }

    @Override
    public List<Phase> phases() {
        return List.of(new StudentPhase());
    }

    /** Trains on a new subset of the sequences in each step. */
    private final class StudentPhase implements Phase {
        private static final String STEPS = "steps";

        private static final String EPOCHS = "epochs";

        /** Numbers the draws, so that a resumed training draws the same subsets. */
        private long steps;

        private int epochs;

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
            Input measured = batch.input(student.inputs());
            Features features = student.forward(drawn(measured));
            LossTerms losses = losses(features, batch, measured);
            optimizers.backwardAndStep(student.name(), losses, features);
            return losses;
        }

        private Input drawn(Input measured) {
            SplittableRandom stream = random.stream("subsets of sequences", steps);
            boolean[][] present =
                    new boolean[measured.present().length][student.inputs().size()];
            for (int b = 0; b < present.length; b++) {
                boolean[] row = measured.present()[b];
                List<Integer> all = IntStream.range(0, row.length)
                        .filter(c -> row[c])
                        .boxed()
                        .toList();
                for (int c : options.subsets().draw(all, stream)) {
                    present[b][c] = true;
                }
            }
            long seed = random.seedFor("latents", steps);
            steps++;
            return new Input(measured.images(), present, OptionalLong.of(seed));
        }

        private LossTerms losses(Features features, Batch batch, Input measured) {
            LossTerms supervised = supervision.of(features, batch.classes());
            Map<String, Tensor> terms = new LinkedHashMap<>(supervised.terms());
            Tensor total = supervised.total();
            if (epochs < options.fusedAfter()) {
                // With a gradient of 0, as in the authors' code, so that the optimizer keeps all weights.
                total = total.mul(new Scalar(0.0));
            }
            AuxiliaryTerm.Step step = new AuxiliaryTerm.Step(
                    features.auxiliary(), measured, options.reconstructionError(), supervision, batch.classes());
            for (AuxiliaryTerm term : AuxiliaryTerm.values()) {
                double weight = term.weight(options);
                if (weight > 0) {
                    Tensor loss = term.of(step);
                    terms.put(term.key(), loss);
                    total = total.add(loss.mul(new Scalar(weight)));
                }
            }
            return new LossTerms(total, terms);
        }

        @Override
        public Validated validate(Batch batch) {
            Features features = student.forwardAtBedside(batch);
            return new Validated(supervision.of(features, batch.classes()), features.logits());
        }

        @Override
        public void endEpoch() {
            epochs++;
        }

        @Override
        public Map<String, List<Double>> state() {
            return Map.of(STEPS, List.of((double) steps), EPOCHS, List.of((double) epochs));
        }

        @Override
        public void loadState(Map<String, List<Double>> state) {
            steps = state.get(STEPS).get(0).longValue();
            epochs = state.get(EPOCHS).get(0).intValue();
        }
    }
}
