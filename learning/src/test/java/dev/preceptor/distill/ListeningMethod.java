package dev.preceptor.distill;

import dev.preceptor.data.Batch;
import dev.preceptor.distill.spi.MethodProvider;
import dev.preceptor.loss.LabelSupervision;
import dev.preceptor.loss.LossTerms;
import dev.preceptor.loss.SegmentationLoss;
import dev.preceptor.loss.SupervisedLoss;
import dev.preceptor.network.Features;
import dev.preceptor.network.TargetEncoding;
import dev.preceptor.testing.TemporaryProvider;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/** A baseline that takes batches with unlabelled patches and notes which subjects it sees. */
public final class ListeningMethod implements Method {
    /** The name of this method. */
    public static final String NAME = "listening";

    private static final List<String> LABELLED = Collections.synchronizedList(new ArrayList<>());
    private static final List<String> UNLABELLED = Collections.synchronizedList(new ArrayList<>());

    private final Role student;
    private final SegmentationLoss loss;

    ListeningMethod(MethodSetup setup, Options options) {
        student = setup.student(options.outputs(), 0);
        loss = new LabelSupervision(setup.targets(options.outputs()), SupervisedLoss.DICE_AND_CROSS_ENTROPY, false);
    }

    /** The settings. */
    public record Options(TargetEncoding outputs) {
        static final Options DEFAULTS = new Options(TargetEncoding.REGIONS);
    }

    /** Offers the method. */
    public static final class Provider implements MethodProvider {
        @Override
        public List<MethodKind> methods() {
            return List.of(MethodKind.of(NAME, Options.DEFAULTS, ListeningMethod::new));
        }
    }

    /** Runs some work in which recipes may name the method; nothing has been seen at its start. */
    public static void during(Path folder, Runnable work) {
        LABELLED.clear();
        UNLABELLED.clear();
        TemporaryProvider.during(folder, MethodProvider.class, Provider.class, work);
    }

    /** The subjects of the labelled patches, in the order of the steps. */
    public static List<String> labelled() {
        return List.copyOf(LABELLED);
    }

    /** The subjects of the unlabelled patches, in the order of the steps. */
    public static List<String> unlabelled() {
        return List.copyOf(UNLABELLED);
    }

    @Override
    public List<Role> roles() {
        return List.of(student);
    }

    @Override
    public List<Phase> phases() {
        return List.of(new ListeningPhase());
    }

    private final class ListeningPhase implements Phase {
        @Override
        public Role leading() {
            return student;
        }

        @Override
        public boolean usesUnlabelled() {
            return true;
        }

        @Override
        public Map<String, ParameterGroup> parameterGroups() {
            return Map.of(student.name(), ParameterGroup.of(student.network().parameters()));
        }

        @Override
        public LossTerms step(Batch batch, Optimizers optimizers) {
            batch.patches().forEach(patch -> (patch.labelled() ? LABELLED : UNLABELLED).add(patch.subject()));
            Features features = student.forward(batch);
            LossTerms losses = loss.of(features, batch.classes());
            optimizers.backwardAndStep(student.name(), losses, features);
            return losses;
        }

        @Override
        public Validated validate(Batch batch) {
            Features features = student.forward(batch);
            return new Validated(loss.of(features, batch.classes()), features.logits());
        }
    }
}
