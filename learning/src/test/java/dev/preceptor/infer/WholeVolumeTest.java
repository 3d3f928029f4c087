package dev.preceptor.infer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.model.ModelDescription;
import dev.preceptor.model.Models;
import dev.preceptor.network.TargetEncoding;
import dev.preceptor.nifti.Nifti;
import dev.preceptor.testing.JavaProcess;
import dev.preceptor.volume.Affine;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.Sequence;
import dev.preceptor.volume.Size;
import dev.preceptor.volume.Volume;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Peak memory and time of a prediction at the size of BraTS, in a new JVM. */
@Tag("slow")
class WholeVolumeTest {
    private static final Size SIZE = new Size(240, 240, 155);
    private static final int PATCH = 96;

    @TempDir
    Path folder;

    /** Predicts a file and prints the peak resident memory of its process in MiB. */
    static final class Program {
        private Program() {}

        public static void main(String[] arguments) throws IOException {
            try (Predictor predictor = Predictor.read(List.of(Path.of(arguments[0])), PredictionOptions.DEFAULTS)) {
                new PredictionJob(Path.of(arguments[1]), Path.of(arguments[2]), true).run(predictor, done -> {});
            }
            String peak = Files.readAllLines(Path.of("/proc/self/status")).stream()
                    .filter(line -> line.startsWith("VmHWM"))
                    .findFirst()
                    .orElseThrow();
            System.out.println("MiB " + Long.parseLong(peak.replaceAll("[^0-9]", "")) / 1024);
        }
    }

    @Test
    void staysUnderThreeGibibytesAndOneMinute() throws Exception {
        ModelDescription small = Models.description(List.of(8, 16, 32, 64), TargetEncoding.REGIONS, Sequence.T1CE);
        ModelDescription model = new ModelDescription(
                small.network(),
                small.inputs(),
                small.outputs(),
                small.schema(),
                small.preprocessing(),
                Size.cube(PATCH),
                small.overlap(),
                small.provenance(),
                small.scores());
        Models.random(model, 1).write(folder.resolve("model.safetensors"));
        Nifti.write(folder.resolve("x_t1ce.nii.gz"), brain());
        long start = System.nanoTime();
        Process process = JavaProcess.builder(
                        List.of("-Xmx1g"),
                        Program.class,
                        List.of(
                                folder.resolve("model.safetensors").toString(),
                                folder.resolve("x_t1ce.nii.gz").toString(),
                                folder.resolve("out").toString()))
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(10, TimeUnit.SECONDS), output);
        assertEquals(0, process.exitValue(), output);
        long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start);
        long peak = Long.parseLong(output.replaceAll("(?s).*MiB ([0-9]+).*", "$1"));
        System.out.println("whole volume: " + seconds + " s, " + peak + " MiB");
        assertTrue(peak < 3072, peak + " MiB");
        assertTrue(seconds < 60, seconds + " s");
    }

    /** An ellipsoid of noise of the size of a brain in BraTS, about 140 x 175 x 145 voxels. */
    private static Volume brain() {
        SplittableRandom random = new SplittableRandom(1);
        float[] voxels = new float[SIZE.voxels()];
        for (int z = 0; z < SIZE.z(); z++) {
            for (int y = 0; y < SIZE.y(); y++) {
                for (int x = 0; x < SIZE.x(); x++) {
                    double r = Math.hypot(Math.hypot((x - 120) / 70.0, (y - 120) / 87.0), (z - 77) / 72.0);
                    voxels[SIZE.index(x, y, z)] = r > 1 ? 0 : (float) random.nextDouble(1, 1000);
                }
            }
        }
        return new Volume(new Grid(SIZE, new Affine(-1, 0, 0, 0, 0, -1, 0, 239, 0, 0, 1, 0)), voxels);
    }
}
