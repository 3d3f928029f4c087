package dev.preceptor.benchmarks;

import dev.preceptor.metrics.Challenge;
import dev.preceptor.metrics.Convention;
import dev.preceptor.metrics.Scoring;
import dev.preceptor.metrics.SubjectScores;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Region;
import dev.preceptor.volume.Size;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The time to score pairs of label maps that are large in one way or another, made here: lesions of 27 litres in 512x512x400 voxels, and
 * 4,000 lesions of 64 voxels in 240x240x155. Scores as BraTS 2023 does, on one thread; all three regions are alike, but in
 * {@code apart}. Arguments: the names of the cases, default all. Prints a row of a Markdown table for each: seconds of the clock and
 * of the processor, and scores of ET.
 */
public final class LesionsBenchmark {
    private static final Scoring SCORING = new Scoring(Convention.LESIONWISE_2023, Challenge.GLI, List.of(1.0, 2.0));
    private static final byte NECROSIS = 1;
    private static final byte OEDEMA = 2;
    private static final byte ENHANCING = 3;
    private static final Size WIDE = new Size(512, 512, 400);

    private LesionsBenchmark() {}

    private record Pair(LabelMap prediction, LabelMap reference) {}

    private static Pair of(String name) {
        return switch (name) {
            case "cube" -> new Pair(cube(106, 300), cube(100, 300));
            case "missed" -> new Pair(cube(400, 10), cube(50, 300));
            case "ball" -> new Pair(ball(262, 186), ball(256, 186));
            case "shrunk" -> new Pair(ball(256, 140), ball(256, 186));
            case "rough" -> new Pair(rough(ball(262, 186)), rough(ball(256, 186)));
            case "many" -> many();
            case "apart" -> apart(many());
            default -> throw new IllegalArgumentException("no case " + name);
        };
    }

    public static void main(String[] args) {
        List<String> names = args.length == 0
                ? List.of("cube", "missed", "ball", "shrunk", "rough", "many", "apart")
                : List.of(args);
        for (String name : names) {
            Pair pair = of(name);
            long clock = System.nanoTime();
            long processor = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
            SubjectScores scores = SubjectScores.of(pair.prediction, pair.reference, SCORING, 1);
            double seconds = (ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - processor) / 1e9;
            System.out.printf(
                    Locale.ROOT,
                    "| %s | %.1f | %.1f | %s |%n",
                    name,
                    (System.nanoTime() - clock) / 1e9,
                    seconds,
                    text(scores));
        }
    }

    private static String text(SubjectScores scores) {
        Map<String, Double> columns = scores.brats().get(Region.ET).columns();
        return Stream.of("Num_TP", "Num_FP", "Num_FN", "LesionWise_Score_Dice", "LesionWise_Score_HD95")
                .map(columns::get)
                .map(String::valueOf)
                .collect(Collectors.joining(" "));
    }

    private static LabelMap ball(int centre, double radius) {
        byte[] voxels = new byte[WIDE.voxels()];
        for (int z = 0, i = 0; z < WIDE.z(); z++) {
            for (int y = 0; y < WIDE.y(); y++) {
                for (int x = 0; x < WIDE.x(); x++, i++) {
                    long dx = x - centre;
                    long dy = y - WIDE.y() / 2;
                    long dz = z - WIDE.z() / 2;
                    voxels[i] = dx * dx + dy * dy + dz * dz <= radius * radius ? ENHANCING : 0;
                }
            }
        }
        return labels(voxels, WIDE);
    }

    /** Makes each voxel background with a chance of one in ten: most voxels are near a surface. */
    private static LabelMap rough(LabelMap solid) {
        Random random = new Random(1);
        byte[] voxels = solid.voxels();
        for (int i = 0; i < voxels.length; i++) {
            voxels[i] = random.nextInt(10) == 0 ? 0 : voxels[i];
        }
        return solid;
    }

    private static LabelMap cube(int x, int edge) {
        byte[] voxels = new byte[WIDE.voxels()];
        cube(voxels, WIDE, new int[] {x, 100, WIDE.z() - edge}, edge);
        return labels(voxels, WIDE);
    }

    /** Cubes of 64 voxels on a lattice; three in four are predicted one voxel aside, and a quarter of the free places too. */
    private static Pair many() {
        Size size = new Size(240, 240, 155);
        byte[] reference = new byte[size.voxels()];
        byte[] prediction = new byte[size.voxels()];
        int edge = 11;
        int row = 240 / edge;
        for (int place = 0; place < 5000; place++) {
            int[] corner = {3 + edge * (place % row), 3 + edge * (place / row % row), 2 + edge * (place / (row * row))};
            if (place < 4000) {
                cube(reference, size, corner, 4);
            }
            if (place % 4 == 0 == place >= 4000) {
                corner[0]++;
                cube(prediction, size, corner, 4);
            }
        }
        return new Pair(labels(prediction, size), labels(reference, size));
    }

    /** Makes about two voxels of a lesion necrosis and two oedema, so that the three regions differ. */
    private static Pair apart(Pair alike) {
        for (LabelMap map : List.of(alike.prediction, alike.reference)) {
            byte[] voxels = map.voxels();
            for (int i = 0; i < voxels.length; i++) {
                // 61 has no factor in common with the rows and slices, so that every lesion gets some.
                int place = i % 61;
                if (voxels[i] != 0 && place < 4) {
                    voxels[i] = place < 2 ? NECROSIS : OEDEMA;
                }
            }
        }
        return alike;
    }

    private static void cube(byte[] voxels, Size size, int[] corner, int edge) {
        for (int z = corner[2]; z < corner[2] + edge; z++) {
            for (int y = corner[1]; y < corner[1] + edge; y++) {
                int start = size.index(corner[0], y, z);
                Arrays.fill(voxels, start, start + edge, ENHANCING);
            }
        }
    }

    private static LabelMap labels(byte[] voxels, Size size) {
        return new LabelMap(Grid.of(size, 1), voxels, LabelSpace.BRATS_2023);
    }
}
