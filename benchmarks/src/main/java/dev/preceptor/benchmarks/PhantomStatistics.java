package dev.preceptor.benchmarks;

import dev.preceptor.nifti.Nifti;
import dev.preceptor.phantom.PhantomGenerator;
import dev.preceptor.phantom.PhantomRecipe;
import dev.preceptor.phantom.PhantomSubject;
import dev.preceptor.volume.Affine;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Sequence;
import dev.preceptor.volume.Size;
import dev.preceptor.volume.Volume;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Prints the statistics of real patients and of phantoms side by side: z-scores by tissue and sequence, how well
 * intensity alone separates tumour from brain, volumes and lesions. The healthy tissue of real patients is taken from SRI24 at
 * the same place, so differences in anatomy widen their GM, WM and CSF; the tissue of a phantom is known.
 */
public final class PhantomStatistics {
    private PhantomStatistics() {}

    /** Arguments: the folder of shared data, then the number, the size and the seed of the phantoms. */
    public static void main(String[] arguments) throws IOException {
        if (arguments.length != 4) {
            System.err.println("usage: phantom_statistics.sh SHARED SUBJECTS SIZE SEED");
            System.exit(2);
        }
        Path data = Path.of(arguments[0]).resolve("data");
        CohortStatistics real = new CohortStatistics();
        Volume atlas = Nifti.readVolume(data.resolve("sri24/sri24_tissues.nii.gz"));
        try (Stream<Path> folders = Files.list(data.resolve("brats"))) {
            for (Path folder : folders.filter(Files::isDirectory).sorted().toList()) {
                addReal(real, folder, atlas);
            }
        }
        PhantomRecipe recipe = PhantomRecipe.defaults()
                .withSubjects(Integer.parseInt(arguments[1]))
                .withSize(Integer.parseInt(arguments[2]))
                .withSeed(Long.parseLong(arguments[3]));
        CohortStatistics phantom = new CohortStatistics();
        PhantomGenerator generator = new PhantomGenerator(recipe);
        for (int i = 0; i < recipe.subjects(); i++) {
            PhantomSubject subject = generator.subject(i);
            phantom.add(subject.volumes(), subject.clean(), subject.tissues().voxels());
        }
        print(real.summary(), phantom.summary(), System.out);
    }

    private static void addReal(CohortStatistics real, Path folder, Volume atlas) {
        String id = folder.getFileName().toString();
        Map<Sequence, Volume> volumes = new LinkedHashMap<>();
        for (Sequence sequence : Sequence.BRATS) {
            volumes.put(
                    sequence,
                    Nifti.readVolume(file(folder, id + "_" + sequence.name().toLowerCase(Locale.ROOT))));
        }
        LabelMap labels = Nifti.readLabelMap(file(folder, id + "_seg"), LabelSpace.BRATS_2018);
        real.add(volumes, labels, at(labels.grid(), atlas));
    }

    private static Path file(Path folder, String stem) {
        Path zipped = folder.resolve(stem + ".nii.gz");
        return Files.exists(zipped) ? zipped : folder.resolve(stem + ".nii");
    }

    /** The nearest value of a map at each voxel of a grid, 0 outside the map; BraTS and SRI24 share world coordinates only. */
    private static float[] at(Grid grid, Volume map) {
        Affine toMap = map.grid().affine().inverse().times(grid.affine());
        Size size = grid.size();
        float[] values = new float[size.voxels()];
        for (int i = 0; i < values.length; i++) {
            double[] p = toMap.apply(i % size.x(), i / size.x() % size.y(), i / size.x() / size.y());
            int x = (int) Math.rint(p[0]);
            int y = (int) Math.rint(p[1]);
            int z = (int) Math.rint(p[2]);
            if (x >= 0
                    && y >= 0
                    && z >= 0
                    && x < map.size().x()
                    && y < map.size().y()
                    && z < map.size().z()) {
                values[i] = map.at(x, y, z);
            }
        }
        return values;
    }

    private static void print(Map<String, double[]> real, Map<String, double[]> phantom, PrintStream out) {
        out.printf("%-34s %22s %22s%n", "mean over patients (spread)", "real", "phantom");
        for (String row : List.copyOf(real.keySet())) {
            out.printf("%-34s %22s %22s%n", row, cell(real.get(row)), cell(phantom.get(row)));
        }
    }

    private static String cell(double[] meanAndSpread) {
        return String.format(Locale.ROOT, "%.2f (%.2f)", meanAndSpread[0], meanAndSpread[1]);
    }
}
