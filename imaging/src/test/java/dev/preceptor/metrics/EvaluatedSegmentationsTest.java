package dev.preceptor.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.PreceptorException;
import dev.preceptor.cohort.CohortFixture;
import dev.preceptor.dicom.SegmentationAlgorithm;
import dev.preceptor.dicom.SegmentationEncoder;
import dev.preceptor.dicom.SegmentationType;
import dev.preceptor.dicom.SourceSeries;
import dev.preceptor.nifti.Nifti;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.LabelClass;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Region;
import dev.preceptor.volume.Volume;
import java.nio.file.Path;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Predictions and references in DICOM segmentations score as the same label maps in NIfTI files do. */
class EvaluatedSegmentationsTest {
    private static final Grid GRID = CohortFixture.GRID;
    private static final SegmentationEncoder ENCODER =
            new SegmentationEncoder(new SegmentationAlgorithm("test", "1", ""), Clock.systemUTC());

    @TempDir
    private Path folder;

    private LabelMap truth;
    private LabelMap predicted;

    /** The prediction is the reference moved by a slice and a column, so that its frames are others. */
    @BeforeEach
    void labels() {
        truth = CohortFixture.labels(2, LabelSpace.BRATS_2018);
        byte[] moved = new byte[truth.voxels().length];
        for (int z = 0; z < GRID.size().z() - 1; z++) {
            for (int y = 0; y < GRID.size().y(); y++) {
                for (int x = 0; x < GRID.size().x() - 1; x++) {
                    moved[GRID.size().index(x + 1, y, z + 1)] =
                            truth.voxels()[GRID.size().index(x, y, z)];
                }
            }
        }
        predicted = new LabelMap(GRID, moved, LabelSpace.BRATS_2018);
    }

    private Path write(String name, LabelMap labels) {
        Path file = folder.resolve(name);
        if (name.endsWith(".dcm")) {
            ENCODER.write(file, labels, SourceSeries.on(GRID), SegmentationType.BINARY);
        } else {
            Nifti.write(file, labels);
        }
        return file;
    }

    private static Map<Region, RegionScore> scores(Path prediction, Path reference) {
        return Evaluation.of(prediction, reference, EvaluationOptions.DEFAULT)
                .cases()
                .get(0)
                .scores();
    }

    @Test
    void everyPairOfFormatsHasTheScoresOfNifti() {
        Map<Region, RegionScore> expected = scores(write("p/a.nii.gz", predicted), write("r/a.nii.gz", truth));
        assertTrue(
                expected.get(Region.WT).dice() > 0.1 && expected.get(Region.WT).dice() < 0.9);
        for (List<String> names : List.of(
                List.of("p/a.dcm", "r/a.nii.gz"), List.of("p/a.nii.gz", "r/a.dcm"), List.of("p/a.dcm", "r/a.dcm"))) {
            Map<Region, RegionScore> scores = scores(write(names.get(0), predicted), write(names.get(1), truth));
            for (Region region : Region.BRATS) {
                assertEquals(expected.get(region).dice(), scores.get(region).dice(), 1e-12, names.toString());
                assertEquals(expected.get(region).hd95Mm(), scores.get(region).hd95Mm(), 1e-4, names.toString());
            }
        }
    }

    @Test
    void foldersOfSegmentationsArePairedByName() {
        write("predictions/a.dcm", predicted);
        write("predictions/b.dcm", truth);
        write("references/a.dcm", truth);
        write("references/b_seg.nii.gz", truth);
        Map<Region, Volume> probabilities = new LinkedHashMap<>();
        for (Region region : Region.BRATS) {
            float[] voxels = new float[GRID.size().voxels()];
            truth.mask(region).stream().forEach(i -> voxels[i] = 1);
            probabilities.put(region, new Volume(GRID, voxels));
        }
        ENCODER.writeProbabilities(
                folder.resolve("predictions/b_prob.dcm"), probabilities, truth.schema(), SourceSeries.on(GRID));
        Evaluation evaluation = Evaluation.of(
                folder.resolve("predictions"),
                folder.resolve("references"),
                EvaluationOptions.DEFAULT.withSchema(LabelSpace.BRATS_2018));
        assertEquals(2, evaluation.cases().size());
        Evaluation.Case b = evaluation.cases().get(1);
        assertEquals(1, b.scores().get(Region.TC).dice());
        assertEquals(3, b.calibration().size());
    }

    @Test
    void theSchemaOfSegmentationsIsThatOfTheirSegments() {
        Evaluation evaluation = Evaluation.of(
                write("p/a.dcm", predicted.as(LabelSpace.BRATS_2023)),
                write("r/a.dcm", truth),
                EvaluationOptions.DEFAULT);
        assertEquals(LabelSpace.BRATS_2018, evaluation.schema().schema());
        LabelSpace own = new LabelSpace("OWN", Map.of(1, new LabelClass("stroke"), 2, new LabelClass("old stroke")));
        byte[] voxels = new byte[GRID.size().voxels()];
        voxels[500] = 1;
        voxels[501] = 2;
        LabelMap strokes = new LabelMap(GRID, voxels, own);
        Evaluation ofStrokes =
                Evaluation.of(write("p/s.dcm", strokes), write("r/s.dcm", strokes), EvaluationOptions.DEFAULT);
        assertEquals(
                List.of("stroke", "old stroke"),
                ofStrokes.regions().stream().map(Region::name).toList());
        assertEquals(
                1,
                ofStrokes
                        .cases()
                        .get(0)
                        .scores()
                        .get(ofStrokes.regions().get(0))
                        .dice());
    }

    @Test
    void aSegmentationOfUnknownSegmentsIsRefusedWithTheOption() {
        LabelSpace own = new LabelSpace("OWN", Map.of(1, new LabelClass("GTV")));
        byte[] voxels = new byte[GRID.size().voxels()];
        voxels[500] = 1;
        Path prediction = write("p/a.dcm", new LabelMap(GRID, voxels, own));
        Path reference = write("r/a.nii.gz", truth);
        String message = assertThrows(PreceptorException.class, () -> scores(prediction, reference))
                .getMessage();
        assertTrue(message.contains("GTV") && message.contains("--prediction-schema"), message);
        Evaluation byNumber = Evaluation.of(
                prediction,
                reference,
                EvaluationOptions.DEFAULT.withPredictionSchema(new LabelSpace("LABELS", Map.of(1, LabelClass.ET))));
        assertTrue(byNumber.cases().get(0).scores().get(Region.ET).dice() >= 0);
    }
}
