package dev.preceptor.distill;

import dev.preceptor.base.InvalidRecipeException;
import dev.preceptor.data.Batch;
import dev.preceptor.loss.DeepSupervision;
import dev.preceptor.loss.LabelSupervision;
import dev.preceptor.loss.LossTerms;
import dev.preceptor.loss.SegmentationLoss;
import dev.preceptor.loss.SynthesisLosses;
import dev.preceptor.network.Auxiliary;
import dev.preceptor.network.Features;
import dev.preceptor.network.Initialisation;
import dev.preceptor.network.Network;
import dev.preceptor.network.SynthesisNetwork;
import dev.preceptor.network.SynthesisUNet;
import dev.preceptor.volume.Sequence;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Synthesis instead of distillation, which the paper of KD-Net reports to have tried (Hu et al., MICCAI 2020, arXiv 2106.09564): a
 * generator learns to synthesise absent sequences from those of the student, then a segmenter learns from the real and the synthesised
 * ones. Both are the student, one network in one model file (docs/methods/synthesise-first.md). {@code teachers} names the sequences
 * that are synthesised, which only the training sees.
 */
public final class SynthesiseFirst implements Method {
    /** The method {@code synthesise-first}. */
    public static final MethodKind KIND =
            MethodKind.of("synthesise-first", SynthesiseFirstOptions.DEFAULTS, SynthesiseFirst::new);

    /** The name of the phase that trains the generator, in logs. */
    private static final String GENERATOR = "generator";

    private static final String SEGMENTER = "segmenter";

    private final SynthesiseFirstOptions options;
    private final List<Sequence> synthesised;
    private final Role student;
    private final SynthesisNetwork network;
    private final Role generator;
    private final Role segmenter;
    private final SegmentationLoss supervision;

    SynthesiseFirst(MethodSetup setup, SynthesiseFirstOptions options) {
        setup.requireMeans(options.loss());
        this.options = options;
        this.synthesised = synthesised(setup);
        this.supervision = DeepSupervision.of(
                new LabelSupervision(setup.targets(options.outputs()), options.loss(), false),
                options.deepSupervision());
        Map<String, Object> further = new LinkedHashMap<>();
        if (setup.network().name().equals(SynthesisUNet.NAME)) {
            further.put(SynthesisUNet.SYNTHESISED, synthesised.size());
        }
        if (options.deepSupervision() > 0) {
            further.put("heads", options.deepSupervision());
        }
        this.student = setup.student(options.outputs(), further, Initialisation.HE_NORMAL);
        this.network = synthesising(student);
        this.generator = part(GENERATOR, network.generator(), student.inputs());
        List<Sequence> both = new ArrayList<>(student.inputs());
        both.addAll(synthesised);
        this.segmenter = part(SEGMENTER, network.segmenter(), both);
    }

    private static List<Sequence> synthesised(MethodSetup setup) {
        if (setup.teachers().size() != 1) {
            throw new InvalidRecipeException("teachers must be one list with the sequences that the method "
                    + KIND.name() + " synthesises, not " + setup.teachers());
        }
        List<Sequence> sequences = setup.teachers().get(0);
        if (sequences.stream().anyMatch(setup.studentInputs()::contains)) {
            throw new InvalidRecipeException("teachers must name sequences that the student does not see, not "
                    + sequences + ": the method " + KIND.name() + " synthesises them from " + setup.studentInputs());
        }
        setup.requireNoGivenTeachers(KIND.name());
        if (!setup.teacherNetwork().equals(setup.network())) {
            throw new InvalidRecipeException("teacherNetwork must be left out for the method " + KIND.name()
                    + ", which has no teacher; network.generatorWidths are the channels of its generator");
        }
        return sequences;
    }

    private static SynthesisNetwork synthesising(Role student) {
        if (student.network() instanceof SynthesisNetwork synthesising) {
            return synthesising;
        }
        String name = student.network().spec().name();
        throw new InvalidRecipeException(
                name.equals(SynthesisUNet.NAME)
                        ? "network.missing must be left out for the method " + KIND.name()
                                + ", which needs all its sequences"
                        : "network " + name + " does not synthesise; for the method " + KIND.name() + " choose "
                                + SynthesisUNet.NAME);
    }

    private Role part(String name, Network part, List<Sequence> inputs) {
        return new Role(name, part, inputs, student.outputs(), false, student.computation());
    }

    @Override
    public List<Role> roles() {
        return List.of(student);
    }

    @Override
    public List<Phase> phases() {
        return List.of(new GeneratorPhase(), new SegmenterPhase());
    }

    private LossTerms synthesisLoss(Tensor images, Batch batch) {
        Tensor real = batch.images(synthesised);
        Tensor error = SynthesisLosses.absoluteError(images, real);
        Map<String, Tensor> terms = new LinkedHashMap<>(Map.of("l1", error));
        Tensor total = error;
        if (options.similarity() > 0) {
            Tensor similarity = SynthesisLosses.similarity(images, real);
            Tensor dissimilarity = similarity.neg().add(new Scalar(1.0));
            terms.put("dissimilarity", dissimilarity);
            total = total.add(dissimilarity.mul(new Scalar(options.similarity())));
        }
        return new LossTerms(total, terms);
    }

    /** Trains the generator; the segmenter does not run. */
    private final class GeneratorPhase implements Phase {
        @Override
        public Role leading() {
            return generator;
        }

        @Override
        public boolean segments() {
            return false;
        }

        @Override
        public Map<String, ParameterGroup> parameterGroups() {
            return Map.of(
                    generator.name(), ParameterGroup.of(generator.network().parameters()));
        }

        @Override
        public LossTerms step(Batch batch, Optimizers optimizers) {
            Features features = forward(batch);
            LossTerms losses = synthesisLoss(features.logits(), batch);
            optimizers.backwardAndStep(generator.name(), losses, features);
            return losses;
        }

        private Features forward(Batch batch) {
            batch.requireAll(synthesised, generator.name());
            return generator.forward(batch);
        }

        @Override
        public Validated validate(Batch batch) {
            Features features = forward(batch);
            return new Validated(synthesisLoss(features.logits(), batch), features.logits());
        }
    }

    /** Trains the segmenter, and with {@code endToEnd} the generator too. */
    private final class SegmenterPhase implements Phase {
        @Override
        public Role leading() {
            return student;
        }

        @Override
        public Map<String, ParameterGroup> parameterGroups() {
            Map<String, Tensor> weights =
                    new LinkedHashMap<>(network.parameters().asMap());
            if (!options.endToEnd()) {
                Set<Tensor> frozen = Collections.newSetFromMap(new IdentityHashMap<>());
                frozen.addAll(network.generator().parameters().asMap().values());
                weights.values().removeIf(frozen::contains);
            }
            return Map.of(student.name(), new ParameterGroup(weights, 1, OptionalDouble.empty()));
        }

        @Override
        public Map<String, Tensor> selectedWeights() {
            return parameterGroups().get(student.name()).weights();
        }

        @Override
        public LossTerms step(Batch batch, Optimizers optimizers) {
            Features features = forward(batch);
            LossTerms losses = losses(features, batch);
            optimizers.backwardAndStep(student.name(), losses, features);
            return losses;
        }

        private Features forward(Batch batch) {
            batch.requireAll(student.inputs(), student.name());
            if (options.endToEnd()) {
                batch.requireAll(synthesised, student.name());
                return student.forward(batch);
            }
            return network.forwardFrozen(batch.input(student.inputs()), student.computation());
        }

        private LossTerms losses(Features features, Batch batch) {
            LossTerms supervised = supervision.of(features, batch.classes());
            if (!options.endToEnd()) {
                return supervised;
            }
            LossTerms synthesis = synthesisLoss(features.auxiliary().get(Auxiliary.SYNTHESIS.of(0, 0)), batch);
            Map<String, Tensor> terms = new LinkedHashMap<>(supervised.terms());
            terms.putAll(synthesis.terms());
            return new LossTerms(supervised.total().add(synthesis.total()), terms);
        }

        @Override
        public Validated validate(Batch batch) {
            Features features = forward(batch);
            return new Validated(losses(features, batch), features.logits());
        }

        @Override
        public List<MemoryPeak> memoryPeaks() {
            return options.endToEnd()
                    ? Phase.super.memoryPeaks()
                    : List.of(new MemoryPeak(List.of(segmenter), List.of(generator)));
        }
    }
}
