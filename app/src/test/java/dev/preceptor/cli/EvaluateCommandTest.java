package dev.preceptor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.nifti.Nifti;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Size;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvaluateCommandTest {
    private static final Grid GRID = Grid.of(new Size(16, 14, 12), 1);

    @TempDir
    private Path folder;

    @BeforeEach
    void writeReference() {
        write("references/BraTS2021_00001.nii.gz", GRID, LabelSpace.BRATS_2018, 4);
    }

    @Test
    void writesFourFiles() throws IOException {
        write("predictions/BraTS2021_00001.nii.gz", GRID, LabelSpace.BRATS_2018, 4);
        Run run = evaluate();
        assertEquals(0, run.code(), run.err());
        for (String name : List.of("scores.csv", "scores.json", "brats.csv", "summary.json")) {
            assertTrue(Files.isRegularFile(folder.resolve("out").resolve(name)), name);
        }
        assertTrue(Files.readString(folder.resolve("out/brats.csv")).startsWith("Subject,Labels,Num_TP,"));
    }

    @Test
    void everyConventionAndChallengeIsNamedInTheTable() {
        write("predictions/BraTS2021_00001.nii.gz", GRID, LabelSpace.BRATS_2018, 4);
        for (String convention : List.of("BRATS_LEGACY", "NNUNET", "MONAI", "RFNET", "ACN", "SLICE_MTCM")) {
            Run run = evaluate("--convention", convention);
            assertTrue(run.out().startsWith("1 subjects, convention " + convention), run.out() + run.err());
        }
        for (String challenge : List.of("GLI", "MEN", "MET", "PED", "SSA")) {
            Run run = evaluate("--convention", "LESIONWISE_2023", "--challenge", challenge);
            assertTrue(run.out().contains("lesion by lesion, 2023 " + challenge), run.out() + run.err());
        }
        Run run = evaluate("--convention", "LESIONWISE_2024");
        assertTrue(run.out().contains("lesion by lesion, 2024 GLI") && run.out().contains("SNFH"), run.out());
    }

    @Test
    void tolerancesNameTheirColumns() throws IOException {
        write("predictions/BraTS2021_00001.nii.gz", GRID, LabelSpace.BRATS_2018, 4);
        assertEquals(0, evaluate("--tolerances", "3,0.5").code());
        String header = Files.readAllLines(folder.resolve("out/scores.csv")).get(0);
        assertTrue(header.endsWith(",slice_dice_mtcm,surface_dice_0.5mm,surface_dice_3mm"), header);
    }

    @Test
    void anEmptyFolderIsOneLine() throws IOException {
        Files.createDirectories(folder.resolve("predictions"));
        assertRefused(evaluate(), "predictions: no label map found");
    }

    @Test
    void aMissingFolderIsOneLine() {
        assertRefused(evaluate(), "predictions: no such file or folder");
    }

    @Test
    void unmatchedIdsAreOneLineWithBothIds() {
        write("predictions/somebody.nii.gz", GRID, LabelSpace.BRATS_2018, 4);
        assertRefused(evaluate(), "somebody", "BraTS2021_00001");
    }

    @Test
    void aLabelOutsideTheSchemaIsOneLineThatNamesTheFile() throws IOException {
        write("predictions/BraTS2021_00001.nii.gz", GRID, LabelSpace.BRATS_2023, 3);
        Path file = folder.resolve("predictions/BraTS2021_00001.nii.gz");
        assertRefused(evaluate(), "was written in BRATS_2023", "references are in BRATS_2018");
        forgetSchema(file);
        assertRefused(evaluate(), file.toString(), "label 3");
    }

    @Test
    void anotherSchemaIsMappedIfNamed() {
        write("predictions/BraTS2021_00001.nii.gz", GRID, LabelSpace.BRATS_2023, 3);
        Run run = evaluate("--prediction-schema", "BRATS_2023");
        assertEquals(0, run.code(), run.err());
        assertTrue(run.out().lines().anyMatch(line -> line.matches("ET\\s+1\\.0000.*")), run.out());
    }

    @Test
    void anotherGridIsOneLineUnlessResampled() {
        Grid finer = GRID.withSpacing(0.5, 0.5, 0.5);
        write("predictions/BraTS2021_00001.nii.gz", finer, LabelSpace.BRATS_2018, 4);
        assertRefused(evaluate(), "BraTS2021_00001", "same grid", "resample");
        assertEquals(0, evaluate("--resample").code());
    }

    @Test
    void aChallengeWithoutRulesOfTheYearIsOneLine() {
        write("predictions/BraTS2021_00001.nii.gz", GRID, LabelSpace.BRATS_2018, 4);
        assertRefused(evaluate("--convention", "LESIONWISE_2024", "--challenge", "MET"), "MET", "LESIONWISE_2023");
    }

    @Test
    void anInvalidToleranceOrNumberOfThreadsIsWrongUsage() {
        for (String[] wrong : new String[][] {{"--tolerances", "-1"}, {"--tolerances", "x"}, {"--threads", "0"}}) {
            Run run = evaluate(wrong);
            assertEquals(2, run.code(), run.err());
            assertEquals(1, run.errorLines().size(), run.err());
        }
    }

    private void assertRefused(Run run, String... parts) {
        assertEquals(1, run.code(), run.out());
        assertEquals(1, run.errorLines().size(), run.err());
        for (String part : parts) {
            assertTrue(run.err().contains(part), run.err());
        }
        assertFalse(Files.exists(folder.resolve("out")));
    }

    private Run evaluate(String... further) {
        List<String> arguments = new ArrayList<>(List.of("evaluate", "--predictions"));
        arguments.addAll(List.of(folder.resolve("predictions").toString(), "--references"));
        arguments.addAll(List.of(folder.resolve("references").toString(), "--out"));
        arguments.add(folder.resolve("out").toString());
        arguments.addAll(List.of(further));
        return Run.of(arguments.toArray(String[]::new));
    }

    private void write(String name, Grid grid, LabelSpace schema, int label) {
        byte[] voxels = new byte[grid.size().voxels()];
        for (int z = grid.size().z() / 3; z < grid.size().z() / 2; z++) {
            for (int y = grid.size().y() / 3; y < grid.size().y() / 2; y++) {
                voxels[grid.size().index(grid.size().x() / 2, y, z)] = (byte) label;
            }
        }
        Nifti.write(folder.resolve(name), new LabelMap(grid, voxels, schema));
    }

    /** Overwrites the description in the header, which contains the schema. */
    private static void forgetSchema(Path compressed) throws IOException {
        byte[] bytes;
        try (GZIPInputStream in = new GZIPInputStream(Files.newInputStream(compressed))) {
            bytes = in.readAllBytes();
        }
        Arrays.fill(bytes, 148, 228, (byte) 0);
        try (GZIPOutputStream out = new GZIPOutputStream(Files.newOutputStream(compressed))) {
            out.write(bytes);
        }
    }
}
