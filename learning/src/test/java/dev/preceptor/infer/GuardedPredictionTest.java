package dev.preceptor.infer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.InvalidFileException;
import dev.preceptor.base.JsonFiles;
import dev.preceptor.data.Preprocessing;
import dev.preceptor.model.ModelDescription;
import dev.preceptor.model.ModelFile;
import dev.preceptor.model.Models;
import dev.preceptor.network.TargetEncoding;
import dev.preceptor.nifti.Nifti;
import dev.preceptor.quality.DiceEstimate;
import dev.preceptor.quality.Guard;
import dev.preceptor.quality.RegionQuality;
import dev.preceptor.quality.Reliability;
import dev.preceptor.quality.ShiftQuality;
import dev.preceptor.quality.SmallHeads;
import dev.preceptor.quality.SubjectImages;
import dev.preceptor.quality.Temperatures;
import dev.preceptor.tensor.Safetensors;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Orientation;
import dev.preceptor.volume.Region;
import dev.preceptor.volume.Sequence;
import dev.preceptor.volume.Volume;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Predictions of a model with random weights that has guards, temperatures and an expected Dice. */
class GuardedPredictionTest {
    private static final RegionQuality QUALITY = new RegionQuality(0.5, -0.1, 0, 0.2, 0.875, 7);
    private static final RegionQuality MIRRORED = new RegionQuality(0.5, 0.1, 0, 0.1, 0.875, 7);
    private static final ShiftQuality SHIFT = new ShiftQuality(
            Map.of("blur", 0.5),
            Map.of("blur", 1.5, "lesion", 1000.0),
            Map.of("blur", 0.2, "noise", 0.0),
            0.3,
            0.875,
            56);
    private static final Reliability RELIABILITY = new Reliability(
            new Temperatures(Map.of("WT", 2.0, "TC", 2.0, "ET", 2.0)),
            Map.of("WT", QUALITY, "TC", QUALITY, "ET", QUALITY),
            Map.of("WT", MIRRORED, "TC", MIRRORED, "ET", MIRRORED),
            Map.of("WT", SHIFT),
            Map.of("WT", SHIFT),
            Optional.of(SmallHeads.profile()));

    @TempDir
    private Path folder;

    private final List<String> warnings = new ArrayList<>();

    private static ModelFile model(TargetEncoding encoding, Reliability reliability) {
        ModelDescription plain = Models.description(List.of(2, 4), encoding, Sequence.T1CE);
        return Models.random(plain.withReliability(reliability), 1);
    }

    private static Prediction predict(ModelFile model, PredictionOptions options, String sequence) {
        try (Predictor predictor = Predictor.open(List.of(model), options)) {
            return predictor.predict(Map.of(Sequence.T1CE, SmallHeads.volume(40, sequence)));
        }
    }

    private PredictionJob.JobResult run(boolean uncertainty, Guard... accepted) {
        PredictionOptions options = PredictionOptions.DEFAULTS.withAccepted(Set.of(accepted));
        try (Predictor predictor = Predictor.open(List.of(model(TargetEncoding.REGIONS, RELIABILITY)), options)) {
            return new PredictionJob(
                            folder.resolve("cohort"),
                            folder.resolve("out"),
                            false,
                            Optional.empty(),
                            new NiftiSegmentations(),
                            uncertainty)
                    .run(predictor, new PredictionJob.Listener() {
                        @Override
                        public void onDone(PredictionJob.Done done) {}

                        @Override
                        public void onWarning(String text) {
                            warnings.add(text);
                        }
                    });
        }
    }

    private void writeCohort() {
        Nifti.write(folder.resolve("cohort/good/good_t1ce.nii"), SmallHeads.volume(40, "T1CE"));
        Nifti.write(folder.resolve("cohort/wrong/wrong_t1ce.nii"), SmallHeads.volume(41, "FLAIR"));
    }

    private List<String> summary() throws IOException {
        return Files.readAllLines(folder.resolve("out/summary.csv"));
    }

    @ParameterizedTest
    @EnumSource
    void calibrationChangesProbabilitiesAndNoLabel(TargetEncoding encoding) {
        Prediction plain = predict(model(encoding, Reliability.NONE), PredictionOptions.DEFAULTS, "T1CE");
        Prediction calibrated = predict(model(encoding, RELIABILITY), PredictionOptions.DEFAULTS, "T1CE");
        assertArrayEquals(plain.labels().voxels(), calibrated.labels().voxels());
        float[] before = plain.probability(Region.WT).voxels();
        float[] after = calibrated.probability(Region.WT).voxels();
        int changed = 0;
        for (int i = 0; i < before.length; i++) {
            assertEquals(before[i] > 0.5f, after[i] > 0.5f);
            changed += before[i] == after[i] ? 0 : 1;
        }
        assertTrue(changed > 1000, changed + " voxels changed");
    }

    @Test
    void theExpectedDiceIsFittedOrSaysThatItIsNot() {
        DiceEstimate fitted = predict(model(TargetEncoding.REGIONS, RELIABILITY), PredictionOptions.DEFAULTS, "T1CE")
                .assessment()
                .dice()
                .get("WT");
        assertTrue(fitted.isFitted() && fitted.lower() <= fitted.dice() && fitted.dice() <= fitted.upper());
        assertEquals(7, fitted.subjects());
        assertTrue(Double.isNaN(fitted.agreement()), "there is only one mask");
        DiceEstimate raw = predict(model(TargetEncoding.REGIONS, Reliability.NONE), PredictionOptions.DEFAULTS, "T1CE")
                .assessment()
                .dice()
                .get("WT");
        assertTrue(raw.toString().endsWith("(not fitted)"), raw::toString);
    }

    /** By hand: the deduction is 0.2 for each unit of blur above 0.5, and the interval is that of degraded copies. */
    @Test
    void aBlurredImageIsExpectedToBeWorseAndWithLessCertainty() {
        ModelFile model = model(TargetEncoding.REGIONS, RELIABILITY);
        Volume sharp = SmallHeads.volume(40, "T1CE");
        float[] smooth = new float[sharp.voxels().length];
        for (int i = 0; i < smooth.length; i++) {
            int y = i / sharp.size().x() % sharp.size().y();
            smooth[i] = sharp.voxels()[i] == 0 ? 0 : 200 + 30 * y;
        }
        PredictionOptions options = PredictionOptions.DEFAULTS.withAccepted(Guard.all());
        try (Predictor predictor = Predictor.open(List.of(model), options)) {
            Map<String, DiceEstimate> good =
                    predictor.predict(Map.of(Sequence.T1CE, sharp)).assessment().dice();
            assertEquals(0.2, good.get("WT").dice() - good.get("WT").lower(), 1e-9, "the interval of the validation");
            Map<String, DiceEstimate> blurred = predictor
                    .predict(Map.of(Sequence.T1CE, new Volume(sharp.grid(), smooth)))
                    .assessment()
                    .dice();
            DiceEstimate estimate = blurred.get("WT");
            assertEquals(0.3, estimate.upper() - estimate.dice(), 1e-9);
            assertEquals(0.2, blurred.get("TC").upper() - blurred.get("TC").dice(), 1e-9, "TC has no such fit");
        }
    }

    @Test
    void mirroringsAndMembersSayHowFarTheyAgree() {
        PredictionOptions mirrored = PredictionOptions.DEFAULTS.withMirror(true);
        DiceEstimate estimate = predict(model(TargetEncoding.REGIONS, RELIABILITY), mirrored, "T1CE")
                .assessment()
                .dice()
                .get("WT");
        double agreement = estimate.agreement();
        assertEquals(0.2, estimate.upper() - estimate.lower(), 1e-12, "the interval of the map for mirrorings");
        assertTrue(agreement > 0 && agreement < 1, "agreement of mirrorings " + agreement);
        ModelFile one = model(TargetEncoding.REGIONS, RELIABILITY);
        try (Predictor twins = Predictor.open(List.of(one, one), PredictionOptions.DEFAULTS)) {
            Prediction prediction = twins.predict(Map.of(Sequence.T1CE, SmallHeads.volume(40, "T1CE")));
            assertEquals(1, prediction.assessment().dice().get("WT").agreement());
        }
    }

    @Test
    void uncertaintyIsTheLargestEntropyInBits() {
        Volume volume = SmallHeads.volume(40, "T1CE");
        float[] certain = new float[volume.voxels().length];
        float[] doubtful = certain.clone();
        certain[0] = 1;
        doubtful[0] = 0.5f;
        doubtful[1] = 0.11f;
        LabelMap labels = new LabelMap(volume.grid(), new byte[certain.length], LabelSpace.BRATS_2018);
        Preprocessing none = new Preprocessing(
                Orientation.of(volume.grid().affine()).codes(),
                0,
                Preprocessing.Normalisation.RAW,
                Preprocessing.CropMode.NONE,
                List.of(),
                List.of(),
                1,
                List.of());
        List<float[]> raw = List.of(certain, doubtful, new float[certain.length]);
        Volume uncertainty = new Prediction(
                        none.prepare(List.of(volume)),
                        raw,
                        new Temperatures(Map.of()),
                        labels,
                        List.of(),
                        Assessment.NONE)
                .uncertainty();
        assertEquals(1, uncertainty.voxels()[0], 1e-6);
        // SciPy: scipy.stats.entropy([0.11, 0.89], base=2)
        assertEquals(0.499916, uncertainty.voxels()[1], 1e-5);
        assertEquals(0, uncertainty.voxels()[2]);
    }

    @Test
    void aRefusedSubjectIsLeftOutAndTheOthersAreSegmented() throws IOException {
        writeCohort();
        PredictionJob.JobResult result = run(false);
        assertEquals(
                List.of("good"),
                result.done().stream().map(PredictionJob.Done::id).toList());
        assertTrue(
                result.failed()
                        .get(0)
                        .toString()
                        .startsWith("subject wrong: guard wrong-sequence: T1CE looks like FLAIR (score "),
                result.failed()::toString);
        assertTrue(result.failed().get(0).toString().endsWith(": refused; --accept wrong-sequence segments it anyway"));
        assertFalse(Files.exists(folder.resolve("out/wrong.nii.gz")));
        assertTrue(summary().get(1).startsWith("good,segmented,,"), summary()::toString);
        assertTrue(summary().get(2).startsWith("wrong,refused,"), summary()::toString);
        assertEquals(summary().get(0).split(",").length, summary().get(1).split(",", -1).length);
    }

    @Test
    void whatIsAcceptedIsSegmentedWithAWarningAndNotKeptWithoutTheFlag() throws IOException {
        writeCohort();
        assertEquals(2, run(false, Guard.WRONG_SEQUENCE).done().size());
        assertTrue(
                warnings.stream()
                        .anyMatch(line -> line.startsWith("subject wrong: guard wrong-sequence: ")
                                && line.endsWith(": accepted")),
                warnings::toString);
        assertTrue(summary().get(2).startsWith("wrong,segmented,,wrong-sequence"), summary()::toString);
        assertEquals(
                "wrong-sequence",
                JsonFiles.read(folder.resolve("out/predictions.json"))
                        .path("subjects")
                        .path("wrong")
                        .path("accepted")
                        .path(0)
                        .asString(""));
        assertEquals(
                List.of(true, true),
                run(false, Guard.WRONG_SEQUENCE).done().stream()
                        .map(PredictionJob.Done::isKept)
                        .toList());
        assertTrue(summary().get(2).startsWith("wrong,kept,,wrong-sequence"), summary()::toString);
        assertEquals(
                List.of("good"),
                run(false).done().stream().map(PredictionJob.Done::id).toList());
        assertTrue(summary().get(1).startsWith("good,kept,"), summary()::toString);
        assertTrue(summary().get(2).startsWith("wrong,refused,"), summary()::toString);
        assertFalse(Files.exists(folder.resolve("out/wrong.nii.gz")), "labels of a subject that is refused");
        assertFalse(JsonFiles.read(folder.resolve("out/predictions.json"))
                .path("subjects")
                .has("wrong"));
    }

    @Test
    void theUncertaintyIsWrittenBesideTheLabels() {
        writeCohort();
        run(true);
        Volume uncertainty = Nifti.readVolume(folder.resolve("out/good_uncertainty.nii.gz"));
        float[] expected = predict(model(TargetEncoding.REGIONS, RELIABILITY), PredictionOptions.DEFAULTS, "T1CE")
                .uncertainty()
                .voxels();
        assertArrayEquals(expected, uncertainty.voxels());
    }

    @Test
    void probabilitiesAreMovedToTheGridOfTheInputOnceForAllFiles() {
        ModelFile model = model(TargetEncoding.REGIONS, RELIABILITY);
        Prediction lazy = predict(model, PredictionOptions.DEFAULTS, "T1CE");
        Prediction once = lazy.withProbabilities();
        assertSame(once.probability(Region.WT), once.probability(Region.WT));
        assertSame(once, once.withProbabilities());
        assertArrayEquals(
                lazy.probability(Region.ET).voxels(),
                once.probability(Region.ET).voxels());
        assertArrayEquals(lazy.uncertainty().voxels(), once.uncertainty().voxels());
        writeCohort();
        try (Predictor predictor = Predictor.open(List.of(model), PredictionOptions.DEFAULTS)) {
            new PredictionJob(
                            folder.resolve("cohort"),
                            folder.resolve("out"),
                            true,
                            Optional.empty(),
                            new NiftiSegmentations(),
                            true)
                    .run(predictor, done -> {});
        }
        assertArrayEquals(
                lazy.probability(Region.TC).voxels(),
                Nifti.readVolume(folder.resolve("out/good_prob_TC.nii.gz")).voxels());
        assertArrayEquals(
                lazy.uncertainty().voxels(),
                Nifti.readVolume(folder.resolve("out/good_uncertainty.nii.gz")).voxels());
    }

    @Test
    void aSummaryOfSomebodyElseIsNotOverwritten() throws IOException {
        writeCohort();
        Files.createDirectories(folder.resolve("out"));
        Files.writeString(folder.resolve("out/summary.csv"), "patient,age\n");
        assertThrows(InvalidFileException.class, () -> run(false));
        assertEquals("patient,age\n", Files.readString(folder.resolve("out/summary.csv")));
    }

    @Test
    void aModelFileKeepsWhatItKnows() {
        ModelFile model = model(TargetEncoding.REGIONS, RELIABILITY);
        Path file = folder.resolve("model.safetensors");
        model.write(file);
        assertEquals(RELIABILITY, ModelFile.read(file).description().reliability());
        assertTrue(model.card().contains("## Reliability"));
    }

    @Test
    void aFileOfAnEarlierVersionKnowsNoMirroringsAndNoSharpness() {
        Path file = folder.resolve("model.safetensors");
        model(TargetEncoding.REGIONS, RELIABILITY).write(file);
        Safetensors written = Safetensors.read(file);
        Map<String, String> metadata = new TreeMap<>(written.metadata());
        List.of("quality_mirrored", "shifts", "shifts_mirrored").forEach(metadata::remove);
        metadata.computeIfPresent("guards", (key, guards) -> guards.replaceAll(",\"sharpness\":\\[[^]]*]", ""));
        new Safetensors(metadata, written.arrays()).write(file);
        Reliability earlier = ModelFile.read(file).description().reliability();
        assertEquals(RELIABILITY.quality(), earlier.quality());
        assertTrue(earlier.mirrored().isEmpty());
        assertTrue(earlier.shifts().isEmpty() && earlier.mirroredShifts().isEmpty());
        assertEquals(
                List.of(), earlier.guards().orElseThrow().images().get("T1CE").sharpness());
        Reliability.check(
                List.of(earlier), SubjectImages.of(List.of("T1CE"), name -> Optional.of(SmallHeads.volume(40, name))));
    }
}
