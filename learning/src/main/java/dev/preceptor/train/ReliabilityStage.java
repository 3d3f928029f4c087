package dev.preceptor.train;

import dev.preceptor.base.Parallel;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.cohort.Subject;
import dev.preceptor.data.Preprocessing;
import dev.preceptor.distill.Role;
import dev.preceptor.model.PostProcessing;
import dev.preceptor.network.TargetEncoding;
import dev.preceptor.parallel.Communicator;
import dev.preceptor.quality.GuardFitting;
import dev.preceptor.quality.GuardProfile;
import dev.preceptor.quality.ImageMeasures;
import dev.preceptor.quality.RegionQuality;
import dev.preceptor.quality.Reliability;
import dev.preceptor.quality.ReliabilityFit;
import dev.preceptor.quality.ReliabilityFit.Rated;
import dev.preceptor.quality.SubjectImages;
import dev.preceptor.recipe.ValidationSettings;
import dev.preceptor.volume.Region;
import dev.preceptor.volume.Sequence;
import dev.preceptor.volume.Volume;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Fits what a model knows about its reliability: temperatures and expected Dice on the validation subjects, guards on the images of the
 * training. It changes no weights and depends on them and on the subjects only.
 */
final class ReliabilityStage {
    /** The subjects between two questions whether to stop. */
    private static final int CHUNK = 8;

    /** More subjects make an interval little better, and each takes as long as 8 of others with mirrorings, or 9 with its copies. */
    private static final int MOST_CHOSEN = 16;

    /** Each thread holds a volume. */
    private static final int THREADS = Math.min(4, Runtime.getRuntime().availableProcessors());

    private final TrainingPlan plan;
    private final Communicator communicator;
    private final Consumer<String> notices;
    /** The images of the training, on rank 0 once they were read. */
    private Optional<List<SubjectImages>> images = Optional.empty();

    /**
     * @param plan the plan of the training
     * @param communicator the processes; rank 0 alone fits the guards, since it alone writes the models
     * @param notices receives what was fitted
     */
    ReliabilityStage(TrainingPlan plan, Communicator communicator, Consumer<String> notices) {
        this.plan = plan;
        this.communicator = communicator;
        this.notices = notices;
    }

    /**
     * Fits a role; all processes call it.
     *
     * @param predictions of its network with its final weights on the validation subjects; empty if there are none
     * @param rules its post-processing
     * @param sequences of all roles
     * @param stopRequested asked between subjects
     * @return with guards on rank 0 only; empty if a stop was requested
     */
    Optional<Reliability> fit(
            Role role,
            Optional<ValidationPredictions> predictions,
            PostProcessing rules,
            List<Sequence> sequences,
            BooleanSupplier stopRequested) {
        if (plan.recipe().validation().reliability() == ValidationSettings.ReliabilityMode.NONE) {
            return Optional.of(Reliability.NONE);
        }
        Optional<ReliabilityFit> evidence =
                predictions.isPresent() ? evidence(role, predictions.get(), rules) : Optional.of(nothing(role));
        if (predictions.isEmpty()) {
            notices.accept("the probabilities of the " + role.name()
                    + " are not calibrated and its expected Dice is not fitted: there are no validation subjects");
        }
        if (evidence.isEmpty() || isStopped(sequences, stopRequested)) {
            return Optional.empty();
        }
        Reliability fitted = evidence.get().fit(images.isEmpty() ? Optional.empty() : guards(role), measures(role));
        predictions.ifPresent(found -> notices.accept("temperatures of the " + role.name() + " on " + found.subjects()
                + " validation subjects: "
                + fitted.temperatures().byRegion()
                + (fitted.quality().isEmpty()
                        ? "; its expected Dice is not fitted, which takes " + RegionQuality.LEAST_SUBJECTS + " of them"
                        : "")));
        return Optional.of(fitted);
    }

    /** The measures of the subjects of the training that have all sequences of a role; empty on other ranks than 0. */
    private List<ImageMeasures> measures(Role role) {
        List<String> inputs = role.inputs().stream().map(Sequence::name).toList();
        return images.orElse(List.of()).stream()
                .map(subject -> ImageMeasures.of(subject, inputs))
                .filter(measures -> measures.images().keySet().containsAll(inputs))
                .toList();
    }

    /** Predicts what the fit needs; empty if a stop was requested. */
    private Optional<ReliabilityFit> evidence(Role role, ValidationPredictions predictions, PostProcessing rules) {
        Optional<List<Rated>> plain = predictions.rated(rules);
        if (predictions.subjects() < RegionQuality.LEAST_SUBJECTS) {
            return plain.map(
                    rated -> new ReliabilityFit(regions(), isShared(role), rated, List.of(), List.of(), List.of()));
        }
        // A stop request ends the chain.
        Optional<List<Rated>> mirrored = plain.flatMap(rated -> predictions.mirrored(rules, MOST_CHOSEN));
        Optional<List<Rated>> copies = mirrored.flatMap(rated -> predictions.degraded(rules, MOST_CHOSEN, false));
        return copies.flatMap(rated -> predictions.degraded(rules, MOST_CHOSEN, true))
                .map(mirroredCopies -> new ReliabilityFit(
                        regions(),
                        isShared(role),
                        plain.orElseThrow(),
                        mirrored.orElseThrow(),
                        copies.orElseThrow(),
                        mirroredCopies));
    }

    private ReliabilityFit nothing(Role role) {
        return new ReliabilityFit(List.of(), isShared(role), List.of(), List.of(), List.of(), List.of());
    }

    private List<String> regions() {
        return plan.cohort().schema().regions().stream().map(Region::name).toList();
    }

    private static boolean isShared(Role role) {
        return role.outputs().encoding() == TargetEncoding.CLASSES;
    }

    /** Reads the images on rank 0, unless that was done; returns whether any process is to stop. */
    private boolean isStopped(List<Sequence> sequences, BooleanSupplier stopRequested) {
        boolean isOver = false;
        if (communicator.isLeader() && images.isEmpty()) {
            images = read(sequences, stopRequested);
            isOver = images.isEmpty();
        }
        return communicator.anyRank(isOver);
    }

    private Optional<GuardProfile> guards(Role role) {
        Preprocessing preprocessing = plan.recipe().preprocessing();
        boolean resamples =
                preprocessing.spacing() > 0 || !preprocessing.resize().isEmpty();
        Optional<GuardProfile> guards = new GuardFitting(
                        role.inputs().stream().map(Sequence::name).toList(), resamples)
                .fit(images.orElseThrow());
        notices.accept(guards.map(profile -> "guards of the " + role.name() + " on " + profile.subjects()
                        + " subjects: " + String.join(", ", profile.thresholds().keySet()))
                .orElse("no guards of the inputs of the " + role.name() + " are fitted: this takes "
                        + GuardFitting.LEAST_SUBJECTS + " subjects with all its sequences"));
        return guards;
    }

    /** The images of the subjects of the training; empty if a stop was requested. */
    private Optional<List<SubjectImages>> read(List<Sequence> needed, BooleanSupplier stopRequested) {
        List<Subject> subjects = subjects();
        Set<String> labelled = new HashSet<>(plan.split().training());
        labelled.addAll(plan.split().validation());
        List<SubjectImages> read = new ArrayList<>();
        for (int from = 0; from < subjects.size(); from += CHUNK) {
            if (stopRequested.getAsBoolean()) {
                return Optional.empty();
            }
            read.addAll(Parallel.map(
                    subjects.subList(from, Math.min(subjects.size(), from + CHUNK)),
                    THREADS,
                    subject -> read(subject, needed, labelled.contains(subject.id()))));
        }
        return Optional.of(read);
    }

    /** Those that the training uses, evenly chosen if there are very many; the held-out fold is not read. */
    private List<Subject> subjects() {
        List<String> ids = new ArrayList<>(plan.split().training());
        ids.addAll(plan.split().unlabelled());
        if (plan.recipe().validation().on() == ValidationSettings.On.INNER) {
            ids.addAll(plan.split().validation());
        }
        int count = Math.min(GuardFitting.MOST_SUBJECTS, ids.size());
        List<String> chosen = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            chosen.add(ids.get((int) ((long) i * ids.size() / count)));
        }
        return plan.subjects(chosen);
    }

    /** @param isLabelled false for a subject whose labels, if it has any, the recipe hides from the training */
    private static SubjectImages read(Subject subject, List<Sequence> needed, boolean isLabelled) {
        Optional<BitSet> mask = isLabelled ? Optional.of(subject.labels().foreground()) : Optional.empty();
        return SubjectImages.of(
                subject.images().keySet().stream().map(Sequence::name).toList(),
                name -> read(subject, new Sequence(name), needed),
                mask);
    }

    /** An image; empty if no network of the training sees its sequence and it cannot be read. */
    private static Optional<Volume> read(Subject subject, Sequence sequence, List<Sequence> needed) {
        try {
            return Optional.of(subject.volume(sequence));
        } catch (PreceptorException e) {
            if (needed.contains(sequence)) {
                throw e;
            }
            return Optional.empty();
        }
    }
}
