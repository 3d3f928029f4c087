package dev.preceptor.infer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.Shared;
import dev.preceptor.data.Preprocessing;
import dev.preceptor.model.ModelDescription;
import dev.preceptor.model.Models;
import dev.preceptor.network.TargetEncoding;
import dev.preceptor.nifti.Nifti;
import dev.preceptor.testing.NoiseVolumes;
import dev.preceptor.volume.Affine;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Orientation;
import dev.preceptor.volume.Reorientation;
import dev.preceptor.volume.Sequence;
import dev.preceptor.volume.Size;
import dev.preceptor.volume.Volume;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The same head in each orientation of the voxel axes gives the same labels at the same places, through files. */
class OrientationsTest {
    @TempDir
    private Path folder;

    /** A model that resamples to this spacing, or keeps the grid with 0. */
    private Path model(double spacing) {
        ModelDescription small = Models.description(List.of(2, 4), TargetEncoding.REGIONS, Sequence.T1CE);
        Preprocessing preprocessing = new Preprocessing(
                "LPS",
                spacing,
                Preprocessing.Normalisation.ZSCORE_NONZERO,
                Preprocessing.CropMode.BRAIN,
                List.of(),
                List.of(),
                1,
                List.of());
        ModelDescription description = new ModelDescription(
                small.network(),
                small.inputs(),
                small.outputs(),
                small.schema(),
                preprocessing,
                Size.cube(16),
                0.25,
                small.provenance(),
                small.scores());
        Path file = folder.resolve("student-" + spacing + ".safetensors");
        Models.random(description, 5).write(file);
        return file;
    }

    private LabelMap labels(Segmenter segmenter, Volume volume, String name) {
        Path image = folder.resolve(name + "_t1ce.nii.gz");
        Path output = folder.resolve(name + "_seg.nii.gz");
        Nifti.write(image, volume);
        Nifti.write(output, segmenter.segment(Nifti.readVolume(image)).labels(), Nifti.readHeader(image));
        LabelMap labels = Nifti.readLabelMap(output, LabelSpace.BRATS_2018);
        assertTrue(labels.grid().matches(volume.grid()), name);
        return labels;
    }

    private void assertSameInEachOrientation(Volume volume, double spacing) {
        try (Segmenter segmenter = Segmenter.load(model(spacing))) {
            byte[] expected = labels(segmenter, volume, "original").voxels();
            assertEquals(48, Orientation.all().size());
            for (Orientation orientation : Orientation.all()) {
                Reorientation turn = Reorientation.of(volume.grid(), orientation);
                LabelMap found = labels(segmenter, turn.apply(volume), orientation.toString());
                byte[] back = turn.undo(new LabelMap(turn.to(), found.voxels(), found.schema()))
                        .voxels();
                assertArrayEquals(expected, back, orientation.toString());
            }
        }
    }

    private static Volume noise(Affine affine) {
        return NoiseVolumes.of(new Grid(new Size(18, 21, 15), affine), 6);
    }

    @Test
    void labelsAreTheSameInEachOrientationOfAStraightGrid() {
        assertSameInEachOrientation(noise(new Affine(-1, 0, 0, 90, 0, -1, 0, 126, 0, 0, 1, -72)), 0);
    }

    @Test
    void labelsAreTheSameInEachOrientationOfAnObliqueGrid() {
        double c = Math.cos(0.3);
        double s = Math.sin(0.3);
        assertSameInEachOrientation(noise(new Affine(-c, s, 0, 90, -s, -c, 0, 126, 0, 0, 1, -72)), 0);
    }

    @Test
    @Tag("slow")
    @Tag("shared")
    void labelsOfARealPatientAreTheSameInEachOrientation() {
        Volume patient = Nifti.readVolume(Shared.file("data/brats/BraTS2021_00006/BraTS2021_00006_t1ce.nii.gz"));
        assertEquals(new Size(240, 240, 155), patient.grid().size());
        assertSameInEachOrientation(patient, 0);
    }
}
