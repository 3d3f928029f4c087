package dev.preceptor.benchmarks;

import dev.preceptor.nifti.Nifti;
import dev.preceptor.volume.Volume;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * The Java side of {@code benchmarks/nifti_read.sh}: reads files on commands from standard input, so that the script can
 * alternate with nibabel. {@code one FILE} reads one file, {@code all} the four files given as
 * arguments on as many threads as there are cores; both answer {@code milliseconds sum-of-voxels}.
 */
public final class NiftiReadBenchmark {
    private NiftiReadBenchmark() {}

    public static void main(String[] args) throws IOException, InterruptedException, ExecutionException {
        ExecutorService threads =
                Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors());
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String command = commands.readLine(); command != null; command = commands.readLine()) {
            long start = System.nanoTime();
            List<Volume> volumes = new ArrayList<>();
            if (command.equals("all")) {
                List<Future<Volume>> reads = new ArrayList<>();
                for (String file : args) {
                    reads.add(threads.submit(() -> Nifti.readVolume(Path.of(file))));
                }
                for (Future<Volume> read : reads) {
                    volumes.add(read.get());
                }
            } else {
                volumes.add(Nifti.readVolume(Path.of(command.substring("one ".length()))));
            }
            double milliseconds = (System.nanoTime() - start) / 1e6;
            double sum = 0;
            for (Volume volume : volumes) {
                for (float voxel : volume.voxels()) {
                    sum += voxel;
                }
            }
            System.out.printf(Locale.ROOT, "%.3f %.17g%n", milliseconds, sum);
            System.out.flush();
        }
        threads.shutdown();
    }
}
