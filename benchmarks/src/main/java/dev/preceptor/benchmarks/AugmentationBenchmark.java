package dev.preceptor.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import dev.preceptor.augment.Augmenter;
import dev.preceptor.base.RandomStreams;
import dev.preceptor.data.HostBatch;
import dev.preceptor.data.PatchSampler;
import dev.preceptor.data.Sample;
import dev.preceptor.data.Sampling;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.volume.Size;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The Java side of {@code benchmarks/augmentation.sh}: samples and augments patches of one subject, controlled by commands on
 * standard input.
 *
 * <p>Arguments: a file with float32 images [C, Z, Y, X] followed by uint8 labels [Z, Y, X]; then C, X, Y, Z and the edge of a
 * patch in voxels. A command is a number of patches and overrides of a recipe; the answer is the processor seconds of all
 * threads of the JVM and the sum of the last patch.
 */
public final class AugmentationBenchmark {
    private AugmentationBenchmark() {}

    public static void main(String[] args) throws IOException {
        Sample sample = read(Path.of(args[0]), Integer.parseInt(args[1]), size(args));
        int edge = Integer.parseInt(args[5]);
        Sampling sampling = new Sampling(List.of(edge, edge, edge), 1.0 / 3, 1, 1, 0.5, 0, Sampling.Unlabelled.NONE);
        OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        int epoch = 0;
        for (String command = commands.readLine(); command != null; command = commands.readLine()) {
            List<String> words = Arrays.asList(command.split(" "));
            Augmenter augmenter = new Augmenter(
                    Recipe.load("baseline", words.subList(1, words.size())).augmentation(), List.of());
            PatchSampler sampler = new PatchSampler(1, subject -> sample, sampling, augmenter, new RandomStreams(1), 0);
            long before = system.getProcessCpuTime();
            HostBatch hostBatch = null;
            for (int step = 0; step < Integer.parseInt(words.get(0)); step++) {
                hostBatch = sampler.draw(epoch, step, Optional.ofNullable(hostBatch));
            }
            double seconds = (system.getProcessCpuTime() - before) / 1e9;
            epoch++;
            double sum = 0;
            for (float value : hostBatch.images()) {
                sum += value;
            }
            System.out.printf(Locale.ROOT, "%.6f %.6g%n", seconds, sum);
            System.out.flush();
        }
    }

    private static Size size(String[] args) {
        return new Size(Integer.parseInt(args[2]), Integer.parseInt(args[3]), Integer.parseInt(args[4]));
    }

    private static Sample read(Path file, int sequences, Size size) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        List<float[]> images = new ArrayList<>();
        for (int c = 0; c < sequences; c++) {
            float[] image = new float[size.voxels()];
            for (int i = 0; i < image.length; i++) {
                image[i] = bytes.getFloat();
            }
            images.add(image);
        }
        byte[] classes = new byte[size.voxels()];
        bytes.get(classes);
        return Sample.of("phantom", size, images, classes);
    }
}
