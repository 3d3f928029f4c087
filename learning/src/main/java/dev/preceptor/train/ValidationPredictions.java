package dev.preceptor.train;

import dev.preceptor.base.Deflated;
import dev.preceptor.cohort.Subject;
import dev.preceptor.data.PreprocessedSubject;
import dev.preceptor.data.Sample;
import dev.preceptor.distill.Role;
import dev.preceptor.infer.Agreement;
import dev.preceptor.infer.PredictedRegions;
import dev.preceptor.infer.SlidingWindow;
import dev.preceptor.infer.WholeImage;
import dev.preceptor.loss.RegionOverlap;
import dev.preceptor.model.PostProcessing;
import dev.preceptor.network.Computation;
import dev.preceptor.network.Input;
import dev.preceptor.network.Targets;
import dev.preceptor.parallel.Communicator;
import dev.preceptor.quality.ImageMeasures;
import dev.preceptor.quality.LogitHistogram;
import dev.preceptor.quality.ReliabilityFit.Rated;
import dev.preceptor.quality.SubjectImages;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Region;
import dev.preceptor.volume.Sequence;
import dev.preceptor.volume.Volume;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/**
 * Predictions of the network of a role on whole validation subjects, on the grid of the model, as {@code predict} makes them. Each
 * process predicts its part of the subjects. It keeps what a choice of post-processing scores again and again, compressed; without such
 * a choice it keeps nothing.
 */
final class ValidationPredictions {
    private static final int BATCH = 4;
    private static final String AGREEMENT = "/agreement";
    private static final String DICE = "/dice";
    private static final String SUBJECT = "subject";
    private static final String COPY = "copy";
    private static final String MEASURES = "measures/";

    private final Recipe recipe;
    private final Role role;
    private final Targets targets;
    private final List<Subject> subjects;
    private final Device device;
    private final Communicator communicator;
    private final BooleanSupplier stopRequested;
    /** By the number of the subject; only those of {@link #dice}. */
    private final Map<Integer, Supplier<Predicted>> kept = new HashMap<>();

    private Optional<Loaded> lastLoaded = Optional.empty();

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
     * @param logits the log odds of each region
     */
    record Predicted(PredictedRegions regions, List<BitSet> reference, BitSet ignored, List<LogitHistogram> logits) {
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
            List<LogitHistogram> logits = new ArrayList<>();
            for (int r = 0; r < reference.size(); r++) {
                logits.add(LogitHistogram.of(probabilities.get(r), reference.get(r), ignored, voxelMl));
            }
            return new Predicted(regions, reference, ignored, logits);
        }

        /** The same, kept compressed and made anew at each call. */
        Supplier<Predicted> deflated() {
            Supplier<PredictedRegions> keptRegions = regions.deflated();
            List<Deflated> keptReference = reference.stream()
                    .map(mask -> Deflated.of(mask.toByteArray()))
                    .toList();
            Deflated keptIgnored = Deflated.of(ignored.toByteArray());
            // Not this record: the lambda would keep it.
            List<LogitHistogram> histograms = logits;
            return () -> new Predicted(
                    keptRegions.get(),
                    keptReference.stream()
                            .map(mask -> BitSet.valueOf(mask.inflate()))
                            .toList(),
                    BitSet.valueOf(keptIgnored.inflate()),
                    histograms);
        }

        /** The Dice of each region by name after a post-processing; 1 where both masks are empty (BRATS_LEGACY). */
        Map<String, Double> dice(PostProcessing rules) {
            LabelMap map = regions.labels(rules);
            Map<String, Double> dice = new LinkedHashMap<>();
            for (int r = 0; r < reference.size(); r++) {
                Region region = map.schema().regions().get(r);
                BitSet mask = map.mask(region);
                mask.andNot(ignored);
                int predicted = mask.cardinality();
                mask.and(reference.get(r));
                dice.put(
                        region.name(),
                        RegionOverlap.dice(
                                mask.cardinality(), predicted, reference.get(r).cardinality()));
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
                i -> kept.computeIfAbsent(i, number -> predict(number).deflated())
                        .get()
                        .dice(rules));
    }

    /**
     * The prediction of each subject, rated.
     *
     * @return in the order of the subjects, the same on all processes; empty if a stop was requested
     */
    Optional<List<Rated>> rated(PostProcessing rules) {
        return communicator
                .mapSharded(subjects.size(), stopRequested, i -> {
                    Predicted own = kept.containsKey(i) ? kept.get(i).get() : predict(i);
                    return table(i, own, own.dice(rules));
                })
                .map(all -> all.stream().map(this::rated).toList());
    }

    /**
     * Predicts subjects with mirrorings, which takes 8 times as long.
     *
     * @param most that are predicted, evenly chosen
     * @return in the order of the subjects, the same on all processes; empty if a stop was requested
     */
    Optional<List<Rated>> mirrored(PostProcessing rules, int most) {
        return rated(chosen(most), number -> table(number, 0, loaded(number).volumes, rules, true, false));
    }

    /**
     * Predicts subjects and degraded copies of them, and measures their images and lesions.
     *
     * @param most subjects, evenly chosen
     * @param isMirrored whether they are predicted with mirrorings: then fewer copies of each, and not the subject itself
     * @return of each subject first itself, then its copies; the same on all processes; empty if a stop was requested
     */
    Optional<List<Rated>> degraded(PostProcessing rules, int most, boolean isMirrored) {
        DegradedCopies copies = new DegradedCopies(recipe.seed());
        List<Integer> items = new ArrayList<>();
        List<Integer> chosen = chosen(most);
        for (int i = 0; i < chosen.size(); i++) {
            for (int copy : isMirrored ? DegradedCopies.few(i) : DegradedCopies.all()) {
                items.add(chosen.get(i) * DegradedCopies.COUNT + copy);
            }
        }
        return rated(items, item -> {
            int number = item / DegradedCopies.COUNT;
            Map<Sequence, Volume> volumes =
                    copies.of(subjects.get(number).id(), loaded(number).volumes, item % DegradedCopies.COUNT);
            return table(number, item % DegradedCopies.COUNT, volumes, rules, isMirrored, true);
        });
    }

    /** The numbers of some subjects, evenly chosen. */
    private List<Integer> chosen(int most) {
        int count = Math.min(most, subjects.size());
        return IntStream.range(0, count)
                .mapToObj(i -> (int) ((long) i * subjects.size() / count))
                .toList();
    }

    private Optional<List<Rated>> rated(List<Integer> items, IntFunction<Map<String, Double>> predict) {
        return communicator
                .mapSharded(items.size(), stopRequested, i -> predict.apply(items.get(i)))
                .map(all -> all.stream().map(this::rated).toList());
    }

    /** Predicts a subject from some images and rates the prediction, as a table for other processes. */
    private Map<String, Double> table(
            int number,
            int copy,
            Map<Sequence, Volume> volumes,
            PostProcessing rules,
            boolean isMirrored,
            boolean isMeasured) {
        Optional<Agreement> agreement = isMirrored ? Optional.of(new Agreement(targets)) : Optional.empty();
        Whole whole = whole(volumes, agreement);
        Predicted own = predicted(whole, loaded(number).labels);
        Map<String, Double> table = table(number, own, own.dice(rules));
        table.put(COPY, (double) copy);
        agreement.ifPresent(masks ->
                masks.dice(targets.regionNames()).forEach((region, value) -> table.put(region + AGREEMENT, value)));
        if (isMeasured) {
            BitSet lesion = PredictedRegions.of(targets, whole.subject, whole.probabilities)
                    .labels(rules)
                    .foreground();
            Map<String, Volume> named = new TreeMap<>();
            volumes.forEach((sequence, volume) -> named.put(sequence.name(), volume));
            SubjectImages images =
                    SubjectImages.of(named.keySet(), name -> Optional.of(named.get(name)), Optional.of(lesion));
            table.putAll(ImageMeasures.of(images, names()).toMap(MEASURES));
        }
        return table;
    }

    private Map<String, Double> table(int number, Predicted predicted, Map<String, Double> dice) {
        Map<String, Double> table = new TreeMap<>();
        List<Region> regions = targets.labels().regions();
        for (int r = 0; r < regions.size(); r++) {
            table.putAll(predicted.logits().get(r).toMap(prefix(regions.get(r))));
        }
        table.put(SUBJECT, (double) number);
        dice.forEach((region, value) -> table.put(region + DICE, value));
        return table;
    }

    private Rated rated(Map<String, Double> table) {
        Map<String, LogitHistogram> histograms = new TreeMap<>();
        targets.labels()
                .regions()
                .forEach(region -> histograms.put(region.name(), LogitHistogram.of(table, prefix(region))));
        ImageMeasures measures = ImageMeasures.of(table, MEASURES, names());
        return new Rated(
                table.get(SUBJECT).intValue(),
                table.getOrDefault(COPY, 0.0).intValue(),
                histograms,
                byRegion(table, AGREEMENT),
                byRegion(table, DICE),
                measures.images().isEmpty() ? Optional.empty() : Optional.of(measures));
    }

    /** The values by region; empty if the table has none. */
    private Map<String, Double> byRegion(Map<String, Double> table, String suffix) {
        Map<String, Double> values = new TreeMap<>();
        targets.regionNames().stream()
                .filter(region -> table.containsKey(region + suffix))
                .forEach(region -> values.put(region, table.get(region + suffix)));
        return values;
    }

    private List<String> names() {
        return role.inputs().stream().map(Sequence::name).toList();
    }

    private static String prefix(Region region) {
        return region.name() + '/';
    }

    /** The number of subjects. */
    int subjects() {
        return subjects.size();
    }

    private Predicted predict(int number) {
        Loaded subject = loaded(number);
        return predicted(whole(subject.volumes, Optional.empty()), subject.labels);
    }

    /** A subject as it was read: all of its copies are made from it. */
    private record Loaded(int number, Map<Sequence, Volume> volumes, LabelMap labels) {}

    private Loaded loaded(int number) {
        if (lastLoaded.isEmpty() || lastLoaded.get().number != number) {
            Subject subject = subjects.get(number);
            lastLoaded = Optional.of(new Loaded(number, subject.volumes(role.bedside()), subject.labels()));
        }
        return lastLoaded.get();
    }

    /** Probabilities on the model grid of a subject. */
    private record Whole(PreprocessedSubject subject, List<float[]> probabilities) {}

    private Predicted predicted(Whole whole, LabelMap labels) {
        return Predicted.of(
                PredictedRegions.of(targets, whole.subject.grid(), whole.probabilities),
                whole.probabilities,
                whole.subject.classes(labels),
                targets.labels(),
                whole.subject.grid().voxelVolume() / 1000);
    }

    /** @param mirrorings receives their agreement, if the subject is to be predicted with them */
    private Whole whole(Map<Sequence, Volume> volumes, Optional<Agreement> mirrorings) {
        PreprocessedSubject prepared = recipe.preprocessing()
                .prepare(role.inputs().stream()
                        .filter(role.bedside()::contains)
                        .map(volumes::get)
                        .toList());
        SlidingWindow window = SlidingWindow.ofBatches(recipe.sampling().patchSize(), recipe.overlap(), BATCH);
        UnaryOperator<Tensor> network = tiles -> role.network()
                .forward(Input.of(tiles, role.atBedside()), Computation.PREDICTION)
                .logits();
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
            return new Whole(prepared, probabilities);
        }
    }
}
