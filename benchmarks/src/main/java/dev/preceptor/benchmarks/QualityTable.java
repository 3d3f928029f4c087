package dev.preceptor.benchmarks;

import dev.preceptor.cohort.Cohort;
import dev.preceptor.cohort.Subject;
import dev.preceptor.infer.Prediction;
import dev.preceptor.infer.PredictionOptions;
import dev.preceptor.infer.Predictor;
import dev.preceptor.model.ModelFile;
import dev.preceptor.quality.DiceEstimate;
import dev.preceptor.quality.Guard;
import dev.preceptor.quality.GuardFinding;
import dev.preceptor.quality.ImageMeasures;
import dev.preceptor.quality.Reliability;
import dev.preceptor.quality.Temperatures;
import dev.preceptor.tensor.Torch;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Region;
import dev.preceptor.volume.Sequence;
import dev.preceptor.volume.Volume;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Prints the Dice that a model of T1CE expects beside the Dice that it has, on subjects that its training did not see: as they are, and
 * as {@linkplain DegradedScans bad scans} of growing strength. "By probabilities alone" is what the same model would expect without the
 * signals that compare an image with the training.
 */
public final class QualityTable {
    private QualityTable() {}

    /**
     * One region of one subject.
     *
     * @param alone the estimate by probabilities alone
     * @param isWarned whether a guard of the images fired
     * @param isRefused whether one that refuses did
     */
    private record Pair(
            String region,
            DiceEstimate estimate,
            DiceEstimate alone,
            double actual,
            boolean isWarned,
            boolean isRefused) {
        private boolean holds(DiceEstimate interval) {
            return actual >= interval.lower() && actual <= interval.upper();
        }
    }

    /** Arguments: a model, a cohort, and {@code plain} or {@code mirror} for predictions without or with mirrorings. */
    public static void main(String[] arguments) {
        if (arguments.length != 3) {
            System.err.println("usage: quality.sh MODEL UNSEEN plain|mirror");
            System.exit(2);
        }
        Torch.open();
        Torch.useThreads(1);
        PredictionOptions options = PredictionOptions.DEFAULTS
                .withMirror(arguments[2].equals("mirror"))
                .withPasses(1)
                .withAccepted(Guard.all());
        List<Subject> subjects =
                Cohort.open(Path.of(arguments[1]), Optional.of(LabelSpace.BRATS_2018)).subjects().stream()
                        .filter(subject ->
                                subject.hasLabels() && subject.images().containsKey(Sequence.T1CE))
                        .toList();
        ModelFile model = ModelFile.read(Path.of(arguments[0]));
        Reliability alone = alone(model.description().reliability());
        try (Predictor predictor = Predictor.open(List.of(model), options)) {
            Map<String, Integer> fired = new TreeMap<>();
            List<Pair> good = new ArrayList<>();
            subjects.forEach(
                    subject -> good.addAll(pairs(predictor, alone, subject, subject.volume(Sequence.T1CE), fired)));
            System.out.println(
                    "| scan | region | pairs | Dice | by probabilities alone | mean error | Pearson | in the interval | expected"
                            + " | mean error | Pearson | Spearman | in the interval | width | warned of | refused | guards that fire |");
            System.out.println("|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---|");
            for (Region region : predictor.labels().regions()) {
                print("as it is", region.name(), of(good, region.name()), Map.of());
            }
            print("as it is", "all", good, fired);
            Map<String, List<Pair>> byKind = new LinkedHashMap<>();
            List<Pair> everything = new ArrayList<>(good);
            for (DegradedScans.Way way : DegradedScans.ways()) {
                List<Pair> bad = new ArrayList<>();
                Map<String, Integer> firedHere = new TreeMap<>();
                for (int i = 0; i < subjects.size(); i++) {
                    Volume image = way.change().of(subjects.get(i).volume(Sequence.T1CE), i);
                    bad.addAll(pairs(predictor, alone, subjects.get(i), image, firedHere));
                }
                everything.addAll(bad);
                byKind.computeIfAbsent(way.kind(), kind -> new ArrayList<>()).addAll(bad);
                print(way.name(), "all", bad, firedHere);
            }
            byKind.forEach((kind, pairs) -> print("all " + kind, "all", pairs, Map.of()));
            for (Region region : predictor.labels().regions()) {
                print("everything", region.name(), of(everything, region.name()), Map.of());
            }
            print("everything", "all", everything, Map.of());
        }
    }

    /** Calibrated probabilities need no temperature. */
    private static Reliability alone(Reliability model) {
        return new Reliability(Temperatures.NONE, model.quality(), model.mirrored(), model.guards());
    }

    private static List<Pair> of(List<Pair> pairs, String region) {
        return pairs.stream().filter(pair -> pair.region.equals(region)).toList();
    }

    private static List<Pair> pairs(
            Predictor predictor, Reliability alone, Subject subject, Volume image, Map<String, Integer> fired) {
        Prediction prediction = predictor.predict(Map.of(Sequence.T1CE, image));
        List<GuardFinding> findings = prediction.assessment().fired();
        List<GuardFinding> ofImages = findings.stream()
                .filter(finding -> finding.guard() != Guard.UNSEEN_LESION)
                .toList();
        Map<String, Double> agreement = new TreeMap<>();
        prediction.assessment().dice().forEach((region, estimate) -> agreement.put(region, estimate.agreement()));
        Map<String, DiceEstimate> byProbabilities = Reliability.estimate(
                List.of(alone),
                List.copyOf(prediction.assessment().dice().keySet()),
                prediction.probabilities().stream().map(Volume::voxels).toList(),
                image.grid().voxelVolume() / 1000,
                agreement,
                ofImages,
                new ImageMeasures(Map.of(), List.of()));
        findings.forEach(finding -> fired.merge(finding.guard().label(), 1, Integer::sum));
        LabelMap reference = subject.labels();
        List<Pair> pairs = new ArrayList<>();
        for (Region region : predictor.labels().regions()) {
            BitSet both = prediction.labels().mask(region);
            BitSet truth = reference.mask(region);
            int sizes = both.cardinality() + truth.cardinality();
            both.and(truth);
            pairs.add(new Pair(
                    region.name(),
                    prediction.assessment().dice().get(region.name()),
                    byProbabilities.get(region.name()),
                    sizes == 0 ? 1 : 2.0 * both.cardinality() / sizes,
                    !ofImages.isEmpty(),
                    findings.stream().anyMatch(GuardFinding::refuses)));
        }
        return pairs;
    }

    private static void print(String scan, String region, List<Pair> pairs, Map<String, Integer> fired) {
        int n = pairs.size();
        double[] actual = pairs.stream().mapToDouble(Pair::actual).toArray();
        double[] alone = pairs.stream().mapToDouble(pair -> pair.alone.dice()).toArray();
        double[] expected =
                pairs.stream().mapToDouble(pair -> pair.estimate.dice()).toArray();
        System.out.printf(
                Locale.ROOT,
                "| %s | %s | %d | %.3f | %.3f | %.3f | %.2f | %d/%d | %.3f | %.3f | %.2f | %.2f | %d/%d | %.2f | %d/%d | %d/%d"
                        + " | %s |%n",
                scan,
                region,
                n,
                mean(actual),
                mean(alone),
                error(alone, actual),
                correlation(alone, actual),
                pairs.stream().filter(pair -> pair.holds(pair.alone)).count(),
                n,
                mean(expected),
                error(expected, actual),
                correlation(expected, actual),
                correlation(ranks(expected), ranks(actual)),
                pairs.stream().filter(pair -> pair.holds(pair.estimate)).count(),
                n,
                pairs.stream()
                        .mapToDouble(pair -> pair.estimate.upper() - pair.estimate.lower())
                        .average()
                        .orElseThrow(),
                pairs.stream().filter(Pair::isWarned).count(),
                n,
                pairs.stream().filter(Pair::isRefused).count(),
                n,
                fired.entrySet().stream()
                        .map(guard -> guard.getKey() + " " + guard.getValue())
                        .reduce((a, b) -> a + ", " + b)
                        .orElse(""));
    }

    private static double error(double[] expected, double[] actual) {
        double sum = 0;
        for (int i = 0; i < expected.length; i++) {
            sum += Math.abs(expected[i] - actual[i]) / expected.length;
        }
        return sum;
    }

    private static double mean(double[] values) {
        double sum = 0;
        for (double value : values) {
            sum += value / values.length;
        }
        return sum;
    }

    /** Ranks, ties with their mean rank. */
    private static double[] ranks(double[] values) {
        Map<Double, double[]> byValue = new TreeMap<>();
        for (double value : values) {
            byValue.computeIfAbsent(value, v -> new double[2])[0]++;
        }
        double before = 0;
        for (double[] entry : byValue.values()) {
            entry[1] = before + (entry[0] + 1) / 2;
            before += entry[0];
        }
        double[] ranks = new double[values.length];
        for (int i = 0; i < ranks.length; i++) {
            ranks[i] = byValue.get(values[i])[1];
        }
        return ranks;
    }

    private static double correlation(double[] a, double[] b) {
        double meanA = mean(a);
        double meanB = mean(b);
        double ab = 0;
        double aa = 0;
        double bb = 0;
        for (int i = 0; i < a.length; i++) {
            ab += (a[i] - meanA) * (b[i] - meanB);
            aa += (a[i] - meanA) * (a[i] - meanA);
            bb += (b[i] - meanB) * (b[i] - meanB);
        }
        return ab / Math.sqrt(aa * bb);
    }
}
