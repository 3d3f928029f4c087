package dev.preceptor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.nifti.Nifti;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.LabelClass;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Size;
import dev.preceptor.volume.Volume;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Cohorts of other lesions than BraTS', from the files to the report. */
class AnyLesionTest {
    private static final int EDGE = 20;
    private static final Size SIZE = new Size(EDGE, EDGE, EDGE);
    private static final Grid GRID = Grid.of(SIZE, 1);

    @TempDir
    private Path folder;

    @Test
    @Tag("integration")
    void fourOverlappingRegionsKeepTheirNamesFromTheCohortToTheReport() throws IOException {
        story(
                List.of("T1", "FLAIR"),
                "{\"background\": 0, \"all\": [1, 2, 3, 4], \"core, solid\": [2, 3], \"rim\": [3, 4], \"spot\": 3},"
                        + " \"regions_class_order\": [1, 2, 4, 3]",
                4,
                List.of("all", "core, solid", "rim", "spot"));
    }

    @Test
    @Tag("integration")
    void twoPlainLabelsAreTwoRegions() throws IOException {
        story(
                List.of("DWI", "FLAIR"),
                "{\"background\": 0, \"infarct\": 1, \"haemorrhage\": 2}",
                2,
                List.of("infarct", "haemorrhage"));
    }

    @Test
    @Tag("integration")
    void aSingleLabelOfCtAndPetIsOneRegion() throws IOException {
        story(List.of("CT", "PET"), "{\"background\": 0, \"whole tumor\": 1}", 1, List.of("whole tumor"));
    }

    private void story(List<String> sequences, String labels, int values, List<String> regions) throws IOException {
        Path cohort = cohort(sequences, labels, values);
        Run summary = Run.of("cohort", cohort.toString());
        assertEquals(0, summary.code(), summary.err());
        assertTrue(summary.out().contains("regions      " + String.join(", ", regions)), summary.out());
        assertTrue(summary.out().contains("by the labels of dataset.json"), summary.out());
        String student = sequences.get(0);
        Run training = Run.of(
                "train",
                "kd-net-small",
                "--cohort",
                cohort.toString(),
                "--out",
                folder.resolve("run").toString(),
                "--fold",
                "1/2",
                "--threads",
                "1",
                "--set",
                "student=[" + student + "]",
                "--set",
                "teachers=[[" + String.join(",", sequences) + "]]",
                "--set",
                "network.widths=[4,8]",
                "--set",
                "network.skips=1",
                "--set",
                "preprocessing.spacing=0",
                "--set",
                "sampling={patch: [16, 16, 16], batch: 2, stepsPerEpoch: 2}",
                "--set",
                "optimization.epochs=1");
        assertEquals(0, training.code(), training.err());
        assertTrue(training.err().contains("Dice " + regions.get(0)), training.err());
        Path model = folder.resolve("run/models/student.safetensors");
        Run inspected = Run.of("inspect", "--json", model.toString());
        assertTrue(inspected.out().contains("\"" + regions.get(regions.size() - 1) + "\""), inspected.out());
        Path predictions = folder.resolve("predictions");
        Run prediction = Run.of(
                "predict",
                "--model",
                model.toString(),
                "--input",
                cohort.toString(),
                "--out",
                predictions.toString(),
                "--probabilities");
        assertEquals(0, prediction.code(), prediction.err());
        assertEquals(
                4 + 4 * regions.size() + 2,
                list(predictions).size(),
                "label maps, probabilities, predictions.json, summary.csv");
        LabelMap predicted = Nifti.readLabelMap(predictions.resolve("P1.nii.gz"), new LabelSpace("X", values(values)));
        assertEquals(GRID.size(), predicted.size());
        Path scores = folder.resolve("scores");
        Run evaluation = Run.of(
                "evaluate",
                "--predictions",
                predictions.toString(),
                "--references",
                cohort.resolve("labelsTr").toString(),
                "--model",
                model.toString(),
                "--out",
                scores.toString());
        assertEquals(0, evaluation.code(), evaluation.err());
        for (String region : regions) {
            assertTrue(evaluation.out().contains("\n" + region + " "), evaluation.out());
            assertTrue(Files.readString(scores.resolve("scores.csv")).contains(region), region);
        }
        assertTrue(evaluation.out().contains("convention NNUNET"), evaluation.out());
        assertTrue(Files.exists(scores.resolve("lesions.csv")) && Files.notExists(scores.resolve("brats.csv")));
        for (Path page : List.of(scores.resolve("report/index.html"), folder.resolve("run/report/index.html"))) {
            String text = Files.readString(page).replaceAll("(?s)<style>.*?</style>", "");
            regions.forEach(region -> assertTrue(text.contains(region), page + " " + region));
            for (String word : List.of("BraTS", "BRATS", ">WT<", ">TC<", ">ET<", "enhancing")) {
                assertFalse(text.contains(word), page + " has " + word);
            }
        }
    }

    private static Map<Integer, LabelClass> values(int count) {
        Map<Integer, LabelClass> values = new TreeMap<>();
        for (int value = 1; value <= count; value++) {
            values.put(value, new LabelClass("v" + value));
        }
        return values;
    }

    private static List<Path> list(Path directory) throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.toList();
        }
    }

    /** Four subjects as an nnU-Net raw data set: noise, and nested cubes whose intensities differ. */
    private Path cohort(List<String> sequences, String labels, int values) throws IOException {
        Path cohort = folder.resolve("cohort");
        Files.createDirectories(cohort.resolve("imagesTr"));
        Files.createDirectories(cohort.resolve("labelsTr"));
        List<String> channels = new ArrayList<>();
        for (String sequence : new TreeSet<>(sequences)) {
            channels.add("\"" + channels.size() + "\": \"" + sequence + "\"");
        }
        Files.writeString(
                cohort.resolve("dataset.json"),
                "{\"channel_names\": {" + String.join(", ", channels) + "}, \"labels\": " + labels
                        + ", \"numTraining\": 4, \"file_ending\": \".nii.gz\"}");
        for (int subject = 1; subject <= 4; subject++) {
            SplittableRandom random = new SplittableRandom(subject);
            byte[] map = new byte[SIZE.voxels()];
            for (int value = 1; value <= values; value++) {
                for (int z = 4 + value; z < 16 - value; z++) {
                    for (int y = 4 + value; y < 14 - value + subject; y++) {
                        for (int x = 4 + value; x < 16 - value; x++) {
                            map[SIZE.index(x, y, z)] = (byte) value;
                        }
                    }
                }
            }
            for (int channel = 0; channel < sequences.size(); channel++) {
                float[] voxels = new float[SIZE.voxels()];
                for (int i = 0; i < voxels.length; i++) {
                    voxels[i] = (float) (100 + 10 * random.nextDouble() + 20 * (channel + 1) * map[i]);
                }
                // Air around the head, as skull-stripped images have it.
                for (int z = 0; z < EDGE; z++) {
                    for (int y = 0; y < EDGE; y++) {
                        voxels[SIZE.index(0, y, z)] = 0;
                        voxels[SIZE.index(EDGE - 1, y, z)] = 0;
                        voxels[SIZE.index(y, 0, z)] = 0;
                        voxels[SIZE.index(y, EDGE - 1, z)] = 0;
                    }
                }
                Nifti.write(
                        cohort.resolve(String.format(Locale.ROOT, "imagesTr/P%d_%04d.nii.gz", subject, channel)),
                        new Volume(GRID, voxels));
            }
            float[] undeclared = new float[map.length];
            for (int i = 0; i < map.length; i++) {
                undeclared[i] = map[i];
            }
            Nifti.write(cohort.resolve("labelsTr/P" + subject + ".nii.gz"), new Volume(GRID, undeclared));
        }
        return cohort;
    }
}
