package dev.preceptor.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.preceptor.cohort.Cohort;
import dev.preceptor.cohort.CohortFixture;
import dev.preceptor.cohort.Folds;
import dev.preceptor.dicom.DicomSegmentation;
import dev.preceptor.dicom.SegmentationType;
import dev.preceptor.metrics.Evaluation;
import dev.preceptor.metrics.EvaluationOptions;
import dev.preceptor.nifti.Nifti;
import dev.preceptor.testing.Gzip;
import dev.preceptor.testing.TestFiles;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Sequence;
import dev.preceptor.volume.Volume;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Damaged and malicious images, label maps, probability maps, dataset descriptions and fold files. */
@Tag("integration")
class FuzzedImagingInputsTest {
    private static final Format.FuzzedReader[] IMAGE = {
        Nifti::readHeader,
        Nifti::summarise,
        Nifti::readVolume,
        Nifti::readVolumes,
        Nifti::readLabelValues,
        file -> Nifti.readLabelMap(file, LabelSpace.BRATS_2018)
    };

    private static final Format.FuzzedReader[] SEGMENTATION = {
        DicomSegmentation::read,
        file -> DicomSegmentation.read(file).summary(),
        file -> DicomSegmentation.read(file).labelSpace(),
        file -> {
            DicomSegmentation segmentation = DicomSegmentation.read(file);
            if (segmentation.type() == SegmentationType.FRACTIONAL) {
                segmentation.probabilities(LabelSpace.BRATS_2018, segmentation.grid());
            } else {
                segmentation.labels(LabelSpace.BRATS_2018, segmentation.grid());
            }
        }
    };

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"nifti", "nifti-gz", "nifti-pair", "dataset", "folds", "probabilities", "dicom-seg"})
    void aDamagedFileIsReadOrRefusedInOneLine(String name) throws IOException {
        Fuzzing.run(format(name), Fuzzing.FEW, 1);
    }

    @Tag("fuzz")
    @ParameterizedTest
    @ValueSource(strings = {"nifti", "nifti-gz", "nifti-pair", "dataset", "folds", "probabilities", "dicom-seg"})
    void aMillionDamagedFilesAreReadOrRefusedInOneLine(String name) throws IOException {
        Fuzzing.run(format(name), Fuzzing.MANY, Long.getLong("preceptor.fuzz.seed", 1_000_000_000));
    }

    private Format format(String name) throws IOException {
        return switch (name) {
            case "nifti" -> new Format(name, "image.nii", images(".nii"), IMAGE);
            case "nifti-gz" -> {
                List<byte[]> seeds = images(".nii");
                seeds.addAll(images(".nii.gz"));
                yield new Format(name, "image.nii.gz", seeds, IMAGE).withRepair(FuzzedImagingInputsTest::gzip);
            }
            case "nifti-pair" -> pair(name);
            case "dataset" -> dataset(name);
            case "folds" ->
                new Format(
                        name,
                        "folds.json",
                        List.of("{\"seed\": 3, \"held_out\": [[\"a\", \"b\"], [\"c\"]]}".getBytes(UTF_8)),
                        file -> Folds.read(file).fold(0));
            case "probabilities" -> probabilities(name);
            case "dicom-seg" -> new Format(name, "segmentation.dcm", segmentations(), SEGMENTATION);
            default -> throw new IllegalArgumentException(name);
        };
    }

    /** The bytes of a volume and of a label map. */
    private List<byte[]> images(String ending) throws IOException {
        Path volume = folder.resolve("volume" + ending);
        Nifti.write(volume, CohortFixture.volume(1, Sequence.T1));
        Path labels = folder.resolve("labels" + ending);
        Nifti.write(labels, CohortFixture.labels(1, LabelSpace.BRATS_2018));
        return new ArrayList<>(List.of(Files.readAllBytes(volume), Files.readAllBytes(labels)));
    }

    /** The bytes of segmentations of every type. */
    private static List<byte[]> segmentations() throws IOException {
        List<byte[]> seeds = new ArrayList<>();
        for (String kind : List.of("binary", "labelmap", "labelmap_rle", "fractional_probability")) {
            seeds.add(Files.readAllBytes(TestFiles.of("imaging", "dicom/seg/" + kind + ".dcm")));
        }
        return seeds;
    }

    private static byte[] gzip(byte[] content) {
        if (content.length > 1 && content[0] == 0x1F && content[1] == (byte) 0x8B) {
            return content;
        }
        return Gzip.compressed(content);
    }

    /** The header is damaged; its voxels are in a separate file. */
    private Format pair(String name) throws IOException {
        byte[] single = images(".nii").get(1);
        Path voxels = Path.of("target", "fuzz", name, "image.img");
        Files.createDirectories(voxels.getParent());
        Files.write(voxels, Arrays.copyOfRange(single, 352, single.length));
        byte[] header = Arrays.copyOf(single, 352);
        header[344] = 'n';
        header[345] = 'i';
        ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN).putFloat(108, 0);
        return new Format(name, "image.hdr", List.of(header), IMAGE);
    }

    private Format dataset(String name) {
        Path root = Path.of("target", "fuzz", name);
        for (int channel = 0; channel < 4; channel++) {
            Nifti.write(
                    root.resolve("imagesTr").resolve("a_000" + channel + ".nii.gz"),
                    CohortFixture.volume(1, Sequence.BRATS.get(channel)));
        }
        Nifti.write(root.resolve("labelsTr").resolve("a.nii.gz"), CohortFixture.labels(1, LabelSpace.MSD_TASK01));
        String msd = """
                {"name": "BRATS", "modality": {"0": "FLAIR", "1": "T1w", "2": "t1gd", "3": "T2w"},
                 "labels": {"0": "background", "1": "edema", "2": "non-enhancing tumor", "3": "enhancing tumour"},
                 "numTraining": 1, "training": [{"image": "./imagesTr/a.nii.gz", "label": "./labelsTr/a.nii.gz"}]}
                """;
        String regions = """
                {"name": "x", "channel_names": {"0": "FLAIR", "1": "T1", "2": "T1CE", "3": "T2"},
                 "labels": {"background": 0, "whole tumor": [1, 2, 3], "tumor core": [2, 3], "enhancing tumor": 3},
                 "regions_class_order": [1, 2, 3], "numTraining": 2, "file_ending": ".nii.gz"}
                """;
        return new Format(
                name,
                "dataset.json",
                List.of(msd.getBytes(UTF_8), regions.getBytes(UTF_8)),
                file -> Cohort.open(file.getParent()));
    }

    private Format probabilities(String name) throws IOException {
        Path predictions = Path.of("target", "fuzz", name);
        Path truth = folder.resolve("truth");
        Nifti.write(predictions.resolve("a.nii"), CohortFixture.labels(1, LabelSpace.BRATS_2018));
        Nifti.write(truth.resolve("a.nii"), CohortFixture.labels(1, LabelSpace.BRATS_2018));
        float[] half = new float[CohortFixture.SIZE.voxels()];
        Arrays.fill(half, 0.5f);
        Path seed = folder.resolve("seed.nii");
        Nifti.write(seed, new Volume(CohortFixture.GRID, half));
        EvaluationOptions options =
                EvaluationOptions.DEFAULT.withSchema(LabelSpace.BRATS_2018).withThreads(1);
        return new Format(
                name,
                "a_prob_WT.nii",
                List.of(Files.readAllBytes(seed)),
                file -> Evaluation.of(file.getParent(), truth, options));
    }
}
