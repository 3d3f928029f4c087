package dev.preceptor.train;

import dev.preceptor.cohort.Subject;
import dev.preceptor.data.PreprocessedSubject;
import dev.preceptor.data.Sample;
import dev.preceptor.distill.Role;
import dev.preceptor.infer.Agreement;
import dev.preceptor.infer.PredictedRegions;
import dev.preceptor.infer.SlidingWindow;
import dev.preceptor.infer.WholeImage;
import dev.preceptor.model.PostProcessing;
import dev.preceptor.network.Input;
import dev.preceptor.network.Targets;
import dev.preceptor.parallel.Communicator;
import dev.preceptor.quality.LogitHistogram;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Region;
import dev.preceptor.volume.Sequence;
import dev.preceptor.volume.Volume;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/**
 * Predictions of the network of a role on whole validation subjects, on the grid of the model, as {@code predict} makes them. Each
 * process predicts its part of the subjects once and keeps a byte and a few bits per voxel of them.
 */
final class ValidationPredictions {
    private static final int BATCH = 4;
    private static final String AGREEMENT = "/agreement";
    private static final String DICE = "/dice";

    private final Recipe recipe;
    private final Role role;
    private final Targets targets;
    private final List<Subject> subjects;
    private final Device device;
    private final Communicator communicator;
    private final BooleanSupplier stopRequested;
    private final Map<Integer, Predicted> predicted = new LinkedHashMap<>();

    /**
     * @param role with its final weights
     * @param labels of the cohort
     * @param subjects with labels and all sequences that the role sees at prediction
     * @param stopRequested asked before each subject
     */
    ValidationPredictions(
            Recipe recipe,
            Role role,
            LabelSpace labels,
            List<Subject> subjects,
            Device device,
            Communicator communicator,
            BooleanSupplier stopRequested) {
        this.recipe = recipe;
        this.role = role;
        this.targets = new Targets(role.outputs().encoding(), labels);
        this.subjects = List.copyOf(subjects);
        this.device = device;
        this.communicator = communicator;
        this.stopRequested = stopRequested;
    }

    /**
     * A predicted subject with its reference.
     *
     * @param regions the prediction
     * @param reference the mask of each region
     * @param ignored the voxels that do not count
     * @param logits the {@linkplain LogitHistogram#toMap histograms} of the log odds of each region
     */
    record Predicted(PredictedRegions regions, List<BitSet> reference, BitSet ignored, Map<String, Double> logits) {
        /** The reference from classes as in a {@link Sample}. */
        static Predicted of(
                PredictedRegions regions,
                List<float[]> probabilities,
                byte[] classes,
                LabelSpace labels,
                double voxelMl) {
            List<BitSet> reference = new ArrayList<>();
            for (List<Integer> numbers : labels.numbersByRegion()) {
                BitSet mask = new BitSet(classes.length);
                for (int i = 0; i < classes.length; i++) {
                    if (numbers.contains((int) classes[i])) {
                        mask.set(i);
                    }
                }
                reference.add(mask);
            }
            BitSet ignored = new BitSet();
            for (int i = 0; i < classes.length; i++) {
                if (classes[i] == Sample.IGNORED) {
                    ignored.set(i);
                }
            }
            Map<String, Double> logits = new TreeMap<>();
            for (int r = 0; r < reference.size(); r++) {
                logits.putAll(LogitHistogram.of(probabilities.get(r), reference.get(r), ignored, voxelMl)
                        .toMap(prefix(labels.regions().get(r))));
            }
            return new Predicted(regions, reference, ignored, logits);
        }

        /** The Dice of each region by name after a post-processing; 1 where both masks are empty (BRATS_LEGACY). */
        Map<String, Double> dice(PostProcessing rules) {
            LabelMap map = regions.labels(rules);
            Map<String, Double> dice = new LinkedHashMap<>();
            for (int r = 0; r < reference.size(); r++) {
                Region region = map.schema().regions().get(r);
                BitSet mask = map.mask(region);
                mask.andNot(ignored);
                int sizes = mask.cardinality() + reference.get(r).cardinality();
                mask.and(reference.get(r));
                dice.put(region.name(), sizes == 0 ? 1 : 2.0 * mask.cardinality() / sizes);
            }
            return dice;
        }
    }

    /**
     * The Dice of each subject by region after a post-processing.
     *
     * @return in the order of the subjects, the same on all processes; empty if a stop was requested
     */
    Optional<List<Map<String, Double>>> dice(PostProcessing rules) {
        return communicator.mapSharded(
                subjects.size(),
                stopRequested,
                i -> predicted.computeIfAbsent(i, this::predict).dice(rules));
    }

    /**
     * The histogram of the log odds of each subject by region.
     *
     * @return in the order of the subjects, the same on all processes; empty if a stop was requested
     */
    Optional<List<Map<String, LogitHistogram>>> logits() {
        return communicator
                .mapSharded(
                        subjects.size(),
                        stopRequested,
                        i -> predicted.computeIfAbsent(i, this::predict).logits())
                .map(all -> all.stream().map(this::histograms).toList());
    }

    private Map<String, LogitHistogram> histograms(Map<String, Double> table) {
        Map<String, LogitHistogram> byRegion = new TreeMap<>();
        targets.labels()
                .regions()
                .forEach(region -> byRegion.put(region.name(), LogitHistogram.of(table, prefix(region))));
        return byRegion;
    }

    /**
     * Of predictions with mirrorings.
     *
     * @param agreement of the mirrorings of each subject by region
     * @param logits the histograms of the log odds by region
     * @param dice by region, after post-processing
     */
    record Mirrored(
            List<Map<String, Double>> agreement,
            List<Map<String, LogitHistogram>> logits,
            List<Map<String, Double>> dice) {}

    /**
     * Predicts subjects with mirrorings, which takes 8 times as long.
     *
     * @param most that are predicted, evenly chosen
     * @return in the order of the subjects, the same on all processes; empty if a stop was requested
     */
    Optional<Mirrored> mirrored(PostProcessing rules, int most) {
        int count = Math.min(most, subjects.size());
        return communicator
                .mapSharded(count, stopRequested, i -> mirrored((int) ((long) i * subjects.size() / count), rules))
                .map(all -> new Mirrored(
                        all.stream().map(table -> byRegion(table, AGREEMENT)).toList(),
                        all.stream().map(this::histograms).toList(),
                        all.stream().map(table -> byRegion(table, DICE)).toList()));
    }

    private Map<String, Double> mirrored(int number, PostProcessing rules) {
        Agreement agreement = new Agreement(targets);
        Predicted mirrored = predict(number, Optional.of(agreement));
        Map<String, Double> table = new TreeMap<>(mirrored.logits());
        agreement.dice(targets.regionNames()).forEach((region, value) -> table.put(region + AGREEMENT, value));
        mirrored.dice(rules).forEach((region, value) -> table.put(region + DICE, value));
        return table;
    }

    private Map<String, Double> byRegion(Map<String, Double> table, String suffix) {
        Map<String, Double> values = new TreeMap<>();
        targets.regionNames().forEach(region -> values.put(region, table.get(region + suffix)));
        return values;
    }

    private static String prefix(Region region) {
        return region.name() + '/';
    }

    /** The number of subjects. */
    int subjects() {
        return subjects.size();
    }

    private Predicted predict(int number) {
        return predict(number, Optional.empty());
    }

    /** @param mirrorings receives their agreement, if the subject is to be predicted with them */
    private Predicted predict(int number, Optional<Agreement> mirrorings) {
        Subject subject = subjects.get(number);
        PreprocessedSubject prepared = recipe.preprocessing().prepare(inputs(subject));
        SlidingWindow window = SlidingWindow.ofBatches(recipe.sampling().patchSize(), recipe.overlap(), BATCH);
        UnaryOperator<Tensor> network = tiles ->
                role.network().forward(Input.of(tiles, role.atBedside())).logits();
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            List<float[]> probabilities = WholeImage.probabilities(
                    targets,
                    window.logits(
                            WholeImage.channels(WholeImage.tensor(prepared, device), role.atBedside()),
                            targets.channels(),
                            tiles -> mirrorings.isPresent()
                                    ? mirrorings.get().meanOfMirrorings(tiles, network)
                                    : network.apply(tiles)));
            return Predicted.of(
                    PredictedRegions.of(targets, prepared.grid(), probabilities),
                    probabilities,
                    prepared.classes(subject.labels()),
                    targets.labels(),
                    prepared.grid().voxelVolume() / 1000);
        }
    }

    private List<Volume> inputs(Subject subject) {
        Map<Sequence, Volume> volumes = subject.volumes(role.bedside());
        return role.inputs().stream()
                .filter(role.bedside()::contains)
                .map(volumes::get)
                .toList();
    }
}
