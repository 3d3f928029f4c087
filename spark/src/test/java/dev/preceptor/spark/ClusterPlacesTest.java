package dev.preceptor.spark;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.cohort.Cohort;
import dev.preceptor.cohort.CohortFixture;
import dev.preceptor.cohort.CohortSummary;
import dev.preceptor.dicom.DicomSegmentation;
import dev.preceptor.dicom.SegmentationType;
import dev.preceptor.dicom.SourceSeries;
import dev.preceptor.infer.PredictionIndex;
import dev.preceptor.infer.PredictionJob;
import dev.preceptor.infer.PredictionOptions;
import dev.preceptor.infer.Predictor;
import dev.preceptor.metrics.Evaluation;
import dev.preceptor.metrics.EvaluationFiles;
import dev.preceptor.metrics.EvaluationOptions;
import dev.preceptor.model.Models;
import dev.preceptor.nifti.Nifti;
import dev.preceptor.report.EvaluationReport;
import dev.preceptor.testing.NoiseVolumes;
import dev.preceptor.volume.Affine;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Size;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands on URIs, which the operating system does not reach, against the same commands on paths; and DICOM series. */
@Tag("integration")
class ClusterPlacesTest {
    @TempDir
    private static Path folder;

    private static ClusterSession cluster;
    private static Path subjects;
    private static Path model;

    @BeforeAll
    static void start() {
        // Ids without a year: the values of the label maps decide what they mean.
        CohortFixture fixture = new CohortFixture(folder.resolve("subjects"));
        for (int n = 1; n <= 4; n++) {
            fixture.legacySubject("", "P00" + n, n, ".nii.gz");
        }
        subjects = fixture.root();
        model = folder.resolve("model.safetensors");
        Models.small(1).write(model);
        cluster = LocalSpark.connect();
    }

    @AfterAll
    static void stop() {
        if (cluster != null) {
            cluster.close();
        }
    }

    private static PredictionJob.JobResult predict(Path input, Path output, Optional<SegmentationType> dicom) {
        return LocalSpark.predict(cluster, model, input, output, dicom, done -> {});
    }

    @Test
    void predictionsOfAUriAreFetchedAndWrittenBack() {
        LocalSpark.predictHere(model, subjects, folder.resolve("near"));
        Path output = folder.resolve("far");
        int all = predict(LocalSpark.uri(subjects), LocalSpark.uri(output), Optional.empty())
                .done()
                .size();
        LocalSpark.assertSameFiles(folder.resolve("near"), output);
        assertTrue(Files.exists(output.resolve("summary.parquet")));
        PredictionJob.JobResult again = predict(LocalSpark.uri(subjects), LocalSpark.uri(output), Optional.empty());
        assertEquals(all, again.done().size());
        assertTrue(all > 0);
        assertTrue(again.done().stream().allMatch(PredictionJob.Done::isKept));
    }

    @Test
    void aBadFileOfAUriIsNamedByTheUri() throws IOException {
        Path input = new CohortFixture(folder.resolve("bad"))
                .legacySubject("", "P001", 1, ".nii.gz")
                .legacySubject("", "P002", 2, ".nii.gz")
                .root();
        AtomicFiles.writeString(input.resolve("P002/P002_t1ce.nii.gz"), "no image");
        PredictionJob.JobResult result =
                predict(LocalSpark.uri(input), LocalSpark.uri(folder.resolve("bad-out")), Optional.empty());
        assertEquals(1, result.failed().size());
        String reason = result.failed().get(0).reason();
        assertTrue(reason.contains(LocalSpark.text(input) + "/P002/P002_t1ce.nii.gz: "), reason);
        assertEquals(1, result.done().size());
    }

    @Test
    void outputsOfAnImageThatWasReplacedAreRemovedFromAUriAndFilesOfOthersStay() throws IOException {
        CohortFixture fixture = new CohortFixture(folder.resolve("replaced"));
        for (int n = 1; n <= 3; n++) {
            fixture.legacySubject("", "P00" + n, n, ".nii.gz");
        }
        Path input = fixture.root();
        Path output = folder.resolve("replaced-out");
        predict(LocalSpark.uri(input), LocalSpark.uri(output), Optional.empty());
        AtomicFiles.writeString(input.resolve("P002/P002_t1ce.nii.gz"), "no image");
        AtomicFiles.writeString(input.resolve("P003/P003_t1ce.nii.gz"), "no image");
        Path foreign = output.resolve("P003.nii.gz");
        AtomicFiles.writeString(foreign, "of somebody else");
        PredictionJob.JobResult result = predict(LocalSpark.uri(input), LocalSpark.uri(output), Optional.empty());
        assertEquals(2, result.failed().size());
        assertTrue(Files.exists(output.resolve("P001.nii.gz")));
        assertFalse(Files.exists(output.resolve("P002.nii.gz")), "labels of an image that is gone");
        assertEquals("of somebody else", Files.readString(foreign));
        assertEquals(Set.of("P001"), PredictionIndex.read(output).keySet());
    }

    @Test
    void anOutputThatWouldOverwriteAnInputIsRefused() {
        Path input = CohortFixture.nnunet(folder.resolve("nnunet"), 2).root();
        Path uri = LocalSpark.uri(input);
        String message = assertThrows(
                        PreceptorException.class, () -> predict(uri, uri.resolve("labelsTr"), Optional.empty()))
                .getMessage();
        assertTrue(
                message.startsWith(LocalSpark.text(input) + "/labelsTr/BraTS_0001.nii.gz: is a file of subject"),
                message);
    }

    @Test
    void aCohortOfAUriHasTheSummaryOfThePath() throws IOException {
        Path root = folder.resolve("checked");
        CohortFixture fixture = new CohortFixture(root);
        for (int n = 1; n <= 4; n++) {
            fixture.legacySubject("", "P00" + n, n, ".nii.gz");
        }
        AtomicFiles.writeString(root.resolve("P003/P003_t2.nii.gz"), "no image");
        AtomicFiles.writeString(root.resolve("P004/notes.nii.gz"), "no image");
        CohortSummary expected = CohortSummary.of(Cohort.open(root));
        try (InputMirror inputs = InputMirror.of(LocalSpark.uri(root))) {
            Cohort cohort = inputs.cohort(Optional.empty());
            CohortSummary summary = SparkCohort.summary(cluster, inputs, cohort, TaskListener.NONE);
            assertEquals(
                    expected.toJson(), inputs.named(summary.toJson()).replace(LocalSpark.text(root), root.toString()));
            assertEquals(
                    expected.toText(), inputs.named(summary.toText()).replace(LocalSpark.text(root), root.toString()));
            assertEquals(expected.contents(), summary.contents());
            assertTrue(inputs.named(summary.toJson()).contains(LocalSpark.text(root) + "/P003/P003_t2.nii.gz: "));
            assertEquals(0, Files.size(inputs.folder().resolve("P001/P001_t1.nii.gz")));
        }
    }

    @Test
    void anEvaluationOfUrisHasTheFilesOfThePaths() {
        Path predictions = folder.resolve("predictions");
        try (Predictor predictor = Predictor.read(List.of(model), PredictionOptions.DEFAULTS)) {
            new PredictionJob(subjects, predictions, true).run(predictor, done -> {});
        }
        Evaluation expected = Evaluation.of(predictions, subjects, EvaluationOptions.DEFAULT);
        assertTrue(expected.cases().stream()
                .noneMatch(scored -> scored.calibration().isEmpty()));
        Path here = folder.resolve("scores-here");
        EvaluationFiles.write(expected, here);
        new EvaluationReport(expected, predictions, subjects, Optional.empty()).write(here);
        Path there = folder.resolve("scores-there");
        try (SparkEvaluation work = SparkEvaluation.of(LocalSpark.uri(predictions), LocalSpark.uri(subjects))) {
            assertEquals(List.of(), work.unused());
            work.write(
                    work.run(cluster, EvaluationOptions.DEFAULT, TaskListener.NONE),
                    Optional.empty(),
                    LocalSpark.uri(there));
        }
        LocalSpark.assertSameFiles(here, there, RenamedFileSystem.SCHEME + "://", "");
    }

    @Test
    void aPairOfUrisThatCannotBeScoredIsNamedByItsUri() {
        Path predictions = folder.resolve("broken");
        AtomicFiles.writeString(predictions.resolve("P001.nii.gz"), "no image");
        try (SparkEvaluation work = SparkEvaluation.of(LocalSpark.uri(predictions), LocalSpark.uri(subjects))) {
            String message = assertThrows(
                            PreceptorException.class,
                            () -> work.run(cluster, EvaluationOptions.DEFAULT, TaskListener.NONE))
                    .getMessage();
            assertTrue(message.startsWith(LocalSpark.text(predictions) + "/P001.nii.gz: "), message);
        }
    }

    @Test
    void dicomSeriesAreSegmentedAsOnOneMachine() {
        Grid grid = new Grid(new Size(20, 18, 16), new Affine(-1, 0, 0, 90, 0, 1, 0, -126, 0, 0, 1.5, -72));
        Path input = folder.resolve("series");
        for (int n = 1; n <= 3; n++) {
            SourceSeries.write(input.resolve("p" + n), NoiseVolumes.of(grid, n));
        }
        Path nifti = folder.resolve("series-nifti");
        LocalSpark.predictHere(model, input, folder.resolve("series-here"));
        predict(input, nifti, Optional.empty());
        LocalSpark.assertSameFiles(folder.resolve("series-here"), nifti);

        Path segmentations = folder.resolve("series-dicom");
        PredictionJob.JobResult result = predict(input, segmentations, Optional.of(SegmentationType.BINARY));
        assertEquals(3, result.done().size());
        assertEquals(segmentations.resolve("p1.dcm"), result.done().get(0).labels());
        for (int n = 1; n <= 3; n++) {
            LabelMap expected = Nifti.readLabelMap(nifti.resolve("p" + n + ".nii.gz"), LabelSpace.BRATS_2018);
            DicomSegmentation written = DicomSegmentation.read(segmentations.resolve("p" + n + ".dcm"));
            assertArrayEquals(
                    expected.voxels(),
                    written.labels(LabelSpace.BRATS_2018, expected.grid()).voxels());
        }
        assertEquals(
                List.of(true, true, true),
                predict(input, segmentations, Optional.of(SegmentationType.BINARY)).done().stream()
                        .map(PredictionJob.Done::isKept)
                        .toList());
    }

    @Test
    void dicomSeriesOfAUriAreRefusedWithARemedy() {
        Path input = folder.resolve("series-away");
        SourceSeries.write(input.resolve("p1"), NoiseVolumes.of(CohortFixture.GRID, 1));
        String message = assertThrows(
                        PreceptorException.class,
                        () -> predict(LocalSpark.uri(input), folder.resolve("nothing"), Optional.empty()))
                .getMessage();
        assertTrue(message.startsWith(LocalSpark.text(input) + ": holds no NIfTI file"), message);
        assertTrue(Files.notExists(folder.resolve("nothing")));
    }

    @Test
    void stagedFilesAreRemovedAfterTheWork() {
        Store store = Store.at(Place.of(LocalSpark.uri(subjects)));
        Path copies;
        try (Staging staged = Staging.of(store, List.of("P001/P001_t1.nii.gz"))) {
            copies = staged.folder();
            assertTrue(Files.exists(copies.resolve("P001/P001_t1.nii.gz")));
        }
        assertTrue(Files.notExists(copies));
        List<Path> mirrored = new ArrayList<>();
        try (InputMirror mirror = InputMirror.of(LocalSpark.uri(subjects))) {
            mirrored.add(mirror.folder());
        }
        assertTrue(mirrored.stream().noneMatch(Files::exists));
    }

    @Test
    void aDescriptionInTheFoldersAboveIsFoundAsOnAPath() {
        Path dataSet = folder.resolve("Dataset001_Tumour");
        AtomicFiles.write(dataSet.resolve("dataset.json"), out -> out.write("{}".getBytes(UTF_8)));
        Nifti.write(dataSet.resolve("labelsTr/a.nii.gz"), CohortFixture.labels(1, LabelSpace.BRATS_2018));
        try (InputMirror mirror = InputMirror.of(LocalSpark.uri(dataSet.resolve("labelsTr")))) {
            assertTrue(Files.exists(mirror.folder().resolveSibling("dataset.json")));
            assertEquals("labelsTr", mirror.folder().getFileName().toString());
            assertEquals(
                    LocalSpark.text(dataSet) + "/dataset.json: broken",
                    mirror.named(mirror.folder().resolveSibling("dataset.json") + ": broken"));
        }
    }
}
