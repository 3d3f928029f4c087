package dev.preceptor.benchmarks;

import dev.preceptor.augment.Augmentation;
import dev.preceptor.augment.Augmenter;
import dev.preceptor.base.RandomSource;
import dev.preceptor.base.RandomStreams;
import dev.preceptor.cohort.Cohort;
import dev.preceptor.cohort.Subject;
import dev.preceptor.infer.Prediction;
import dev.preceptor.infer.PredictionOptions;
import dev.preceptor.infer.Predictor;
import dev.preceptor.quality.DiceEstimate;
import dev.preceptor.quality.Guard;
import dev.preceptor.quality.GuardFinding;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.tensor.Torch;
import dev.preceptor.volume.Intensities;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Region;
import dev.preceptor.volume.Sequence;
import dev.preceptor.volume.Size;
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
 * with noise, bias field, motion and low resolution of growing strength; with mirrorings as they are only, which takes 8 times as long.
 */
public final class QualityTable {
    private static final Map<String, double[]> STRENGTHS = new LinkedHashMap<>();

    static {
        STRENGTHS.put("noise", new double[] {0.2, 0.5, 1});
        STRENGTHS.put("biasField", new double[] {0.2, 0.5, 1});
        STRENGTHS.put("motion", new double[] {2, 5, 10});
        STRENGTHS.put("lowResolution", new double[] {0.5, 0.33, 0.2});
    }

    private QualityTable() {}

    /** One region of one subject. */
    private record Pair(String region, DiceEstimate estimate, double actual) {}

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
        List<Subject> subjects = Cohort.open(Path.of(arguments[1]), Optional.of(LabelSpace.BRATS_2018))
                .subjects();
        try (Predictor predictor = Predictor.read(List.of(Path.of(arguments[0])), options)) {
            List<Pair> everything = new ArrayList<>();
            List<Pair> asTheyAre = new ArrayList<>();
            Map<String, Integer> fired = new TreeMap<>();
            subjects.forEach(
                    subject -> asTheyAre.addAll(pairs(predictor, subject, subject.volume(Sequence.T1CE), fired)));
            everything.addAll(asTheyAre);
            System.out.println(
                    "| input | region | pairs | Dice | expected | mean error | correlation | in the interval |"
                            + " agreement | its correlation | guards that fire |");
            System.out.println("|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---|");
            for (Region region : predictor.labels().regions()) {
                print(
                        "as it is",
                        region.name(),
                        asTheyAre.stream()
                                .filter(pair -> pair.region.equals(region.name()))
                                .toList(),
                        Map.of());
            }
            print("as it is", "all", asTheyAre, fired);
            Map<String, double[]> ways = options.mirror() ? Map.of() : STRENGTHS;
            ways.forEach((kind, strengths) -> {
                for (double strength : strengths) {
                    Augmenter augmenter = new Augmenter(settings(kind, strength), List.of());
                    List<Pair> spoiled = new ArrayList<>();
                    Map<String, Integer> firedHere = new TreeMap<>();
                    for (Subject subject : subjects) {
                        Volume image = spoiled(subject, augmenter, kind + strength);
                        spoiled.addAll(pairs(predictor, subject, image, firedHere));
                    }
                    everything.addAll(spoiled);
                    print(kind + " " + strength, "all", spoiled, firedHere);
                }
            });
            if (!options.mirror()) {
                print("everything", "all", everything, Map.of());
            }
        }
    }

    private static Augmentation settings(String kind, double strength) {
        String key = "augmentation." + kind + ".";
        return Recipe.load(
                        "baseline-small",
                        List.of(
                                key + "probability=1",
                                key + "perSequence=1",
                                key + "from=" + strength,
                                key + "to=" + strength))
                .augmentation();
    }

    /** The z-scores of an image after a transform, with the background at 0. */
    private static Volume spoiled(Subject subject, Augmenter augmenter, String stream) {
        Volume image = subject.volume(Sequence.T1CE);
        Size size = image.size();
        float[] scores = transposed(Intensities.zScoreNonZero(image.voxels()), size, true);
        augmenter.distort(
                new Augmenter.Target(size, scores, 0, new byte[0], 0),
                new boolean[] {true},
                new RandomSource(new RandomStreams(1).stream(stream + subject.id())));
        return new Volume(image.grid(), transposed(scores, size, false));
    }

    private static float[] transposed(float[] voxels, Size size, boolean toZFastest) {
        float[] result = new float[voxels.length];
        for (int z = 0; z < size.z(); z++) {
            for (int y = 0; y < size.y(); y++) {
                for (int x = 0; x < size.x(); x++) {
                    int xFastest = size.index(x, y, z);
                    int zFastest = (x * size.y() + y) * size.z() + z;
                    result[toZFastest ? zFastest : xFastest] = voxels[toZFastest ? xFastest : zFastest];
                }
            }
        }
        return result;
    }

    private static List<Pair> pairs(Predictor predictor, Subject subject, Volume image, Map<String, Integer> fired) {
        Prediction prediction = predictor.predict(Map.of(Sequence.T1CE, image));
        prediction.assessment().fired().stream()
                .map(GuardFinding::guard)
                .forEach(guard -> fired.merge(guard.label(), 1, Integer::sum));
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
                    sizes == 0 ? 1 : 2.0 * both.cardinality() / sizes));
        }
        return pairs;
    }

    private static void print(String input, String region, List<Pair> pairs, Map<String, Integer> fired) {
        double n = pairs.size();
        double[] expected =
                pairs.stream().mapToDouble(pair -> pair.estimate.dice()).toArray();
        double[] actual = pairs.stream().mapToDouble(Pair::actual).toArray();
        double error = 0;
        double inside = 0;
        double agreement = 0;
        for (int i = 0; i < pairs.size(); i++) {
            error += Math.abs(expected[i] - actual[i]) / n;
            DiceEstimate estimate = pairs.get(i).estimate;
            inside += actual[i] >= estimate.lower() && actual[i] <= estimate.upper() ? 1 : 0;
            agreement += estimate.agreement() / n;
        }
        System.out.printf(
                Locale.ROOT,
                "| %s | %s | %d | %.3f | %.3f | %.3f | %.2f | %.0f/%d | %.3f | %.2f | %s |%n",
                input,
                region,
                pairs.size(),
                mean(actual),
                mean(expected),
                error,
                correlation(expected, actual),
                inside,
                pairs.size(),
                agreement,
                correlation(
                        pairs.stream()
                                .mapToDouble(pair -> pair.estimate.agreement())
                                .toArray(),
                        actual),
                fired);
    }

    private static double mean(double[] values) {
        double sum = 0;
        for (double value : values) {
            sum += value / values.length;
        }
        return sum;
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
