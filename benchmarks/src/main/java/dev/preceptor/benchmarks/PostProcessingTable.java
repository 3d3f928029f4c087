package dev.preceptor.benchmarks;

import dev.preceptor.cohort.Cohort;
import dev.preceptor.cohort.Subject;
import dev.preceptor.infer.PredictedRegions;
import dev.preceptor.infer.Prediction;
import dev.preceptor.infer.PredictionOptions;
import dev.preceptor.infer.Predictor;
import dev.preceptor.metrics.Convention;
import dev.preceptor.metrics.RegionScore;
import dev.preceptor.model.ModelFile;
import dev.preceptor.model.PostProcessing;
import dev.preceptor.model.RegionRule;
import dev.preceptor.network.Targets;
import dev.preceptor.quality.Guard;
import dev.preceptor.tensor.Torch;
import dev.preceptor.volume.ConnectedComponents;
import dev.preceptor.volume.Connectivity;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Region;
import dev.preceptor.volume.Sequence;
import dev.preceptor.volume.Volume;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Prints what rules of post-processing make of a model's predictions of subjects: Dice and HD95 (BRATS_LEGACY) by region. Each subject is
 * predicted once.
 */
public final class PostProcessingTable {
    private PostProcessingTable() {}

    /** Arguments: a cohort of BraTS labels and model files of one sequence, T1CE. */
    public static void main(String[] arguments) {
        if (arguments.length < 2) {
            System.err.println("usage: post_processing.sh UNSEEN MODEL...");
            System.exit(2);
        }
        Torch.open();
        Torch.useThreads(1);
        List<Subject> subjects = Cohort.open(Path.of(arguments[0]), Optional.of(LabelSpace.BRATS_2018))
                .subjects();
        for (String model : Arrays.asList(arguments).subList(1, arguments.length)) {
            print(Path.of(model), subjects);
        }
    }

    /** The rules by name. */
    private static Map<String, PostProcessing> rules(PostProcessing ofModel) {
        Map<String, PostProcessing> rules = new LinkedHashMap<>();
        rules.put("none", PostProcessing.NONE);
        rules.put("those of the model: " + ofModel, ofModel);
        for (double ml : new double[] {1, 5, 20}) {
            rules.put("`minimumMl` " + ml + " of each region", each(RegionRule.minimum(ml)));
        }
        rules.put("`keepLargest` of each region", each(RegionRule.largest()));
        rules.put("`keepLargest` of WT", PostProcessing.NONE.with("WT", RegionRule.largest()));
        for (double ml : new double[] {1, 5, 20}) {
            rules.put("`dropBelowMl` " + ml + " of ET", PostProcessing.NONE.with("ET", RegionRule.dropBelow(ml)));
        }
        for (double ml : new double[] {0.5, 5}) {
            rules.put("`fillBelowMl` " + ml + " of each region", each(RegionRule.fillBelow(ml)));
        }
        rules.put("`keepLargest` and `fillBelowMl` 5 of each region", each(new RegionRule(0, true, 0, 5)));
        return rules;
    }

    private static PostProcessing each(RegionRule rule) {
        return new PostProcessing(Map.of("WT", rule, "TC", rule, "ET", rule));
    }

    /** Sums over subjects: of Dice, of HD95, and of the components beyond the largest, by region. */
    private static final class Sums {
        private final double[] dice = new double[3];
        private final double[] hd95 = new double[3];
        private final double[] islands = new double[3];

        void add(LabelMap predicted, LabelMap reference) {
            for (int r = 0; r < 3; r++) {
                Region region = Region.BRATS.get(r);
                BitSet mask = predicted.mask(region);
                RegionScore score = Convention.BRATS_LEGACY.score(mask, reference.mask(region), predicted.grid());
                dice[r] += score.dice();
                hd95[r] += score.hd95Mm();
                int components = ConnectedComponents.of(mask, predicted.size(), Connectivity.CORNERS)
                        .count();
                islands[r] += Math.max(0, components - 1);
            }
        }
    }

    private static void print(Path file, List<Subject> subjects) {
        ModelFile model = ModelFile.read(file);
        Targets targets = model.description().targets();
        Map<String, PostProcessing> rules = rules(model.description().postProcessing());
        Map<String, Sums> sums = new LinkedHashMap<>();
        PredictionOptions options =
                PredictionOptions.DEFAULTS.withPostProcessing(false).withAccepted(Guard.all());
        try (Predictor predictor = Predictor.open(List.of(model), options)) {
            for (Subject subject : subjects) {
                Prediction prediction = predictor.predict(Map.of(Sequence.T1CE, subject.volume(Sequence.T1CE)));
                // Calibration moves no probability across 0.5.
                PredictedRegions regions = PredictedRegions.of(
                        targets,
                        prediction.grid(),
                        prediction.probabilities().stream().map(Volume::voxels).toList());
                LabelMap reference = subject.labels();
                rules.forEach((name, each) ->
                        sums.computeIfAbsent(name, n -> new Sums()).add(regions.labels(each), reference));
            }
        }
        System.out.printf("%n%s, %d subjects%n%n", file, subjects.size());
        System.out.println("| rules | Dice WT | TC | ET | HD95 mm WT | TC | ET | islands WT | TC | ET |");
        System.out.println("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
        sums.forEach((name, sum) -> System.out.printf(
                Locale.ROOT,
                "| %s | %.3f | %.3f | %.3f | %.1f | %.1f | %.1f | %.1f | %.1f | %.1f |%n",
                name,
                sum.dice[0] / subjects.size(),
                sum.dice[1] / subjects.size(),
                sum.dice[2] / subjects.size(),
                sum.hd95[0] / subjects.size(),
                sum.hd95[1] / subjects.size(),
                sum.hd95[2] / subjects.size(),
                sum.islands[0] / subjects.size(),
                sum.islands[1] / subjects.size(),
                sum.islands[2] / subjects.size()));
    }
}
