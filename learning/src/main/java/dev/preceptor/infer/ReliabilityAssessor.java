package dev.preceptor.infer;

import dev.preceptor.data.PreprocessedSubject;
import dev.preceptor.model.ModelDescription;
import dev.preceptor.network.Targets;
import dev.preceptor.quality.Guard;
import dev.preceptor.quality.GuardFinding;
import dev.preceptor.quality.ImageMeasures;
import dev.preceptor.quality.Reliability;
import dev.preceptor.quality.SubjectImages;
import dev.preceptor.quality.Temperatures;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.Sequence;
import dev.preceptor.volume.Volume;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What the models of a predictor know about their reliability, applied to subjects: guards before and after the prediction, calibrated
 * probabilities and the expected Dice. Immutable.
 */
final class ReliabilityAssessor {
    private final List<Reliability> models;
    private final Targets targets;
    private final Set<Guard> accepted;
    private final Temperatures temperatures;
    private final List<String> inputs;
    /** The sequences with which each member was validated that takes any subset and says so. */
    private final List<List<Sequence>> bedsides;

    /**
     * @param members at least one, with the same inputs and outputs
     * @param accepted guards that refuse nothing
     */
    ReliabilityAssessor(List<ModelDescription> members, Set<Guard> accepted) {
        this.models = members.stream().map(ModelDescription::reliability).toList();
        this.targets = members.get(0).targets();
        this.bedsides = members.stream()
                .map(ModelDescription::bedside)
                .filter(bedside -> !bedside.isEmpty())
                .toList();
        this.accepted = Set.copyOf(accepted);
        this.temperatures =
                Temperatures.mean(models.stream().map(Reliability::temperatures).toList());
        this.inputs = members.get(0).inputs().stream().map(Sequence::name).toList();
    }

    /**
     * The images of a subject that have passed the guards.
     *
     * @param images reduced; without any if no model has guards
     * @param volumes the images
     * @param findings of the guards
     */
    record CheckedImages(SubjectImages images, Map<String, Volume> volumes, List<GuardFinding> findings) {}

    /**
     * Compares the images of a subject with those of the training.
     *
     * @throws RefusedInputException if a guard that refuses fires and is not accepted
     */
    CheckedImages check(Map<Sequence, Volume> used) {
        Map<String, Volume> volumes = new TreeMap<>();
        if (models.stream().anyMatch(model -> model.guards().isPresent())) {
            used.forEach((sequence, volume) -> volumes.put(sequence.name(), volume));
        }
        SubjectImages images = SubjectImages.of(volumes.keySet(), name -> Optional.of(volumes.get(name)));
        List<GuardFinding> findings = new ArrayList<>(Reliability.check(models, images));
        unvalidated(used.keySet()).ifPresent(findings::add);
        boolean isRefused = RefusedInputException.refusing(findings).stream()
                .anyMatch(finding -> !accepted.contains(finding.guard()));
        if (isRefused) {
            throw new RefusedInputException("", findings);
        }
        return new CheckedImages(images, volumes, findings);
    }

    /** Compares the sequences that are shown with those of the validation; of several members the one that differs most counts. */
    private Optional<GuardFinding> unvalidated(Set<Sequence> used) {
        return bedsides.stream()
                .map(bedside -> new GuardFinding(
                        Guard.UNVALIDATED_SEQUENCES,
                        differences(used, bedside),
                        0,
                        Guard.UNVALIDATED_SEQUENCES.refuses(),
                        "segmented from " + names(used) + ", but the model was validated with " + names(bedside)))
                .max(Comparator.comparingDouble(GuardFinding::score));
    }

    /** The number of sequences that are in one set only. */
    private static int differences(Set<Sequence> used, List<Sequence> bedside) {
        Set<Sequence> either = new HashSet<>(used);
        either.addAll(bedside);
        return (int) either.stream()
                .filter(sequence -> !used.contains(sequence) || !bedside.contains(sequence))
                .count();
    }

    /** In the order of the inputs. */
    private String names(Collection<Sequence> sequences) {
        return inputs.stream()
                .filter(name -> sequences.contains(new Sequence(name)))
                .collect(Collectors.joining(", "));
    }

    /**
     * A prediction with calibrated probabilities and its assessment.
     *
     * @param subject that was segmented
     * @param probabilities of the regions on its model grid, as the networks give them
     * @param labels after post-processing
     */
    Prediction assess(
            CheckedImages checked,
            PreprocessedSubject subject,
            List<float[]> probabilities,
            LabelMap labels,
            List<Sequence> used,
            Agreement agreement) {
        List<String> regions = targets.regionNames();
        List<GuardFinding> findings = new ArrayList<>(checked.findings);
        SubjectImages images = checked.volumes.isEmpty()
                ? checked.images
                : checked.images.withLesion(labels.foreground(), checked.volumes);
        findings.addAll(Reliability.checkLesion(models, images, inputs));
        Assessment assessment = new Assessment(
                findings,
                Reliability.estimate(
                        models,
                        regions,
                        probabilities,
                        subject.grid().voxelVolume() / 1000,
                        agreement.dice(regions),
                        checked.findings,
                        ImageMeasures.of(images, inputs)),
                RefusedInputException.refusing(findings).stream()
                        .map(GuardFinding::guard)
                        .collect(Collectors.toSet()));
        return new Prediction(subject, probabilities, temperatures, labels, used, assessment);
    }
}
