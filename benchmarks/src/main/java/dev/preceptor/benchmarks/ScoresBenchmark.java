package dev.preceptor.benchmarks;

import dev.preceptor.base.Parallel;
import dev.preceptor.metrics.BratsScore;
import dev.preceptor.metrics.Challenge;
import dev.preceptor.metrics.Convention;
import dev.preceptor.metrics.Hausdorff;
import dev.preceptor.metrics.Scoring;
import dev.preceptor.metrics.SubjectScores;
import dev.preceptor.nifti.Nifti;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Region;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The Java side of {@code benchmarks/scores.sh}: scores pairs of label maps on commands from standard input, so that the script
 * can alternate with the peers. Arguments: prediction, reference, prediction, .... {@code brats N} scores
 * pair N as BraTS 2023 does on one thread, {@code monai N} measures HD95 of its three regions; {@code brats all T} and
 * {@code monai all T} do so with all pairs on T threads. Answers {@code milliseconds figures...}.
 */
public final class ScoresBenchmark {
    private static final Scoring SCORING = new Scoring(Convention.LESIONWISE_2023, Challenge.GLI, List.of());

    private ScoresBenchmark() {}

    private record Pair(LabelMap prediction, LabelMap reference) {
        List<Double> brats(int threads) {
            return SubjectScores.of(prediction, reference, SCORING, threads).brats().values().stream()
                    .map(BratsScore::columns)
                    .flatMap(columns -> columns.values().stream())
                    .toList();
        }

        List<Double> monai(int threads) {
            return Parallel.map(
                    Region.BRATS,
                    threads,
                    region ->
                            Hausdorff.HD95_MONAI.of(prediction.mask(region), reference.mask(region), reference.grid()));
        }
    }

    public static void main(String[] args) throws IOException {
        List<Pair> pairs = IntStream.range(0, args.length / 2)
                .mapToObj(i -> new Pair(read(args[2 * i]), read(args[2 * i + 1])))
                .toList();
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = commands.readLine(); line != null; line = commands.readLine()) {
            String[] words = line.split(" ");
            Function<Pair, List<Double>> score =
                    words[0].equals("brats") ? pair -> pair.brats(1) : pair -> pair.monai(1);
            long start = System.nanoTime();
            List<Double> figures = new ArrayList<>();
            if (words[1].equals("all")) {
                Parallel.map(pairs, Integer.parseInt(words[2]), score).forEach(figures::addAll);
            } else {
                figures.addAll(score.apply(pairs.get(Integer.parseInt(words[1]))));
            }
            double milliseconds = (System.nanoTime() - start) / 1e6;
            String text = figures.stream().map(String::valueOf).collect(Collectors.joining(" "));
            System.out.printf(Locale.ROOT, "%.3f %s%n", milliseconds, text);
            System.out.flush();
        }
    }

    private static LabelMap read(String file) {
        return Nifti.readLabelMap(Path.of(file), LabelSpace.BRATS_2023);
    }
}
