package dev.preceptor.infer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.MismatchException;
import dev.preceptor.cohort.ImageSet;
import dev.preceptor.cohort.NiftiImage;
import dev.preceptor.dicom.DicomFolder;
import dev.preceptor.dicom.DicomSegmentation;
import dev.preceptor.dicom.SegmentationType;
import dev.preceptor.dicom.SourceSeries;
import dev.preceptor.model.Models;
import dev.preceptor.nifti.Nifti;
import dev.preceptor.testing.NoiseVolumes;
import dev.preceptor.volume.Affine;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.ImageSource;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Region;
import dev.preceptor.volume.Sequence;
import dev.preceptor.volume.Size;
import dev.preceptor.volume.Volume;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("integration")
class DicomPredictionTest {
    private static final Grid GRID =
            new Grid(new Size(20, 18, 16), new Affine(-1, 0, 0, 90, 0, 1, 0, -126, 0, 0, 1.5, -72));

    @TempDir
    Path folder;

    private Predictor predictor;

    @BeforeEach
    void open() {
        predictor = Predictor.open(List.of(Models.small(1)), PredictionOptions.DEFAULTS);
    }

    @AfterEach
    void close() {
        predictor.close();
    }

    private ImageSource series(String id, long seed) {
        SourceSeries.write(folder.resolve(id), NoiseVolumes.of(GRID, seed));
        return DicomFolder.at(folder.resolve(id)).images().get(0);
    }

    private PredictionJob.JobResult run(
            Path output, boolean probabilities, SegmentationWriter writer, ImageSource... images) {
        List<ImageSet> subjects = IntStream.range(0, images.length)
                .mapToObj(i -> ImageSet.of("p" + i, Map.of(Sequence.T1CE, images[i])))
                .toList();
        return new PredictionJob(folder, output, probabilities, Optional.empty(), writer)
                .run(subjects, predictor, done -> {});
    }

    @Test
    void theSegmentationsOfASeriesAreThoseOfNifti() {
        ImageSource image = series("a", 4);
        run(folder.resolve("nifti"), true, new NiftiSegmentations(), image);
        LabelMap labels = Nifti.readLabelMap(folder.resolve("nifti/p0.nii.gz"), LabelSpace.BRATS_2018);
        assertTrue(labels.foreground().cardinality() > 100);
        for (SegmentationType type : List.of(SegmentationType.BINARY, SegmentationType.LABELMAP)) {
            Path out = folder.resolve(type.name());
            run(out, true, DicomSegmentations.of(type, predictor), image);
            DicomSegmentation read = DicomSegmentation.read(out.resolve("p0.dcm"));
            assertEquals(type, read.type());
            assertArrayEquals(
                    labels.voxels(),
                    read.labels(LabelSpace.BRATS_2018, labels.grid()).voxels());
            assertTrue(read.segments()
                    .get(0)
                    .algorithm()
                    .orElseThrow()
                    .parameters()
                    .contains(predictor.modelHashes().get(0)));
            Map<Region, Volume> probabilities = DicomSegmentation.read(out.resolve("p0_prob.dcm"))
                    .probabilities(LabelSpace.BRATS_2018, labels.grid());
            for (Region region : Region.BRATS) {
                Volume nifti = Nifti.readVolume(folder.resolve("nifti/p0_prob_" + region + ".nii.gz"));
                assertArrayEquals(nifti.voxels(), probabilities.get(region).voxels(), 0.5f / 255 + 1e-5f);
            }
        }
    }

    @Test
    void aFolderKeepsWhatIsCurrentInTheSameFormat() {
        ImageSource[] images = {series("a", 1), series("b", 2)};
        Path out = folder.resolve("out");
        SegmentationWriter binary = DicomSegmentations.of(SegmentationType.BINARY, predictor);
        assertEquals(2, run(out, false, binary, images).done().size());
        assertEquals(List.of(true, true), kept(run(out, false, binary, images)));
        SegmentationWriter labelMap = DicomSegmentations.of(SegmentationType.LABELMAP, predictor);
        assertEquals(List.of(false, false), kept(run(out, false, labelMap, images)));
        assertEquals(
                SegmentationType.LABELMAP,
                DicomSegmentation.read(out.resolve("p1.dcm")).type());
    }

    private static List<Boolean> kept(PredictionJob.JobResult result) {
        return result.done().stream().map(PredictionJob.Done::isKept).toList();
    }

    @Test
    void aNiftiImageHasNoDicomSegmentation() {
        Path file = folder.resolve("x.nii.gz");
        Nifti.write(file, NoiseVolumes.of(GRID, 1));
        Path out = folder.resolve("out");
        String message = assertThrows(
                        MismatchException.class,
                        () -> run(
                                out,
                                false,
                                DicomSegmentations.of(SegmentationType.BINARY, predictor),
                                NiftiImage.of(file)))
                .getMessage();
        assertTrue(message.startsWith("subject p0: ") && message.contains("--format nifti"), message);
        assertTrue(Files.notExists(out));
    }
}
