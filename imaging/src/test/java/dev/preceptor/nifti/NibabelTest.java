package dev.preceptor.nifti;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.testing.Python;
import dev.preceptor.testing.TestFiles;
import dev.preceptor.volume.Affine;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Volume;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Compares reader and writer with nibabel, if the Python in the system property {@code preceptor.python} has it. */
class NibabelTest {
    @TempDir
    private static Path folder;

    private static Python python;

    @BeforeAll
    static void findNibabel() {
        python = Python.with("nibabel", "numpy");
    }

    private static JsonNode oracle(List<String> arguments) {
        Path script = TestFiles.of("imaging", "dev/preceptor/nifti/nibabel_oracle.py");
        List<String> command = new ArrayList<>(List.of(script.toString()));
        command.addAll(arguments);
        return JsonMapper.shared().readTree(python.run(command));
    }

    private static Affine affine(JsonNode expected) {
        double[][] m = new double[4][];
        for (int i = 0; i < 4; i++) {
            m[i] = doubles(expected.get("affine").get(i));
        }
        return Affine.of(m);
    }

    private static double[] doubles(JsonNode array) {
        return array.valueStream().mapToDouble(JsonNode::asDouble).toArray();
    }

    private static float[] floats(double[] values) {
        float[] narrow = new float[values.length];
        for (int i = 0; i < narrow.length; i++) {
            narrow[i] = (float) values[i];
        }
        return narrow;
    }

    @Test
    void filesOfNibabelAreReadInEveryDatatypeByteOrderVersionAndScaling() {
        JsonNode all = oracle(List.of("write", folder.toString()));
        assertEquals(40, all.size());
        for (JsonNode expected : all) {
            String name = expected.get("file").asString();
            Path file = Path.of(name);
            NiftiHeader header = Nifti.readHeader(file);
            assertEquals(
                    expected.get("shape").valueStream().map(JsonNode::asInt).toList(), header.shape(), name);
            assertTrue(header.affine().isCloseTo(affine(expected), 1e-9), name);
            assertArrayEquals(
                    floats(doubles(expected.get("voxels"))),
                    Nifti.readVolume(file).voxels(),
                    name);
        }
    }

    @Test
    void nibabelReadsTheSameVoxelsAndAffineFromOurFiles() {
        List<String> arguments = new ArrayList<>(List.of("read"));
        List<Volume> volumes = new ArrayList<>();
        List<String> suffixes = List.of(".nii", ".nii.gz", ".hdr", ".img.gz");
        for (int seed = 0; seed < 12; seed++) {
            Volume volume = NiftiFixture.volume(seed);
            Path file = folder.resolve("ours" + seed + suffixes.get(seed % 4));
            Nifti.write(file, volume);
            if (seed % 3 == 0) {
                NiftiHeader header = Nifti.readHeader(file);
                Nifti.write(file, volume, NiftiFixture.inVersion2(header));
            }
            arguments.add(file.toString());
            volumes.add(volume);
        }
        JsonNode all = oracle(arguments);
        for (int i = 0; i < volumes.size(); i++) {
            JsonNode expected = all.get(i);
            String what = "seed " + i + " " + expected.get("file");
            assertEquals("<f4", expected.get("dtype").asString(), what);
            assertEquals(
                    List.of(1, i % 3 == 0 ? 0 : 1),
                    expected.get("codes").valueStream().map(JsonNode::asInt).toList());
            assertTrue(volumes.get(i).grid().affine().isCloseTo(affine(expected), 1e-4), what);
            assertArrayEquals(volumes.get(i).voxels(), floats(doubles(expected.get("voxels"))), what);
        }
    }

    @Test
    void nibabelReadsOurLabels() {
        Volume volume = NiftiFixture.volume(5);
        byte[] voxels = new byte[volume.voxels().length];
        for (int i = 0; i < voxels.length; i++) {
            voxels[i] = new byte[] {0, 1, 2, 4}[i % 4];
        }
        Path file = folder.resolve("labels.nii.gz");
        Nifti.write(file, new LabelMap(volume.grid(), voxels, LabelSpace.BRATS_2018));
        JsonNode expected = oracle(List.of("read", file.toString())).get(0);
        assertEquals("|u1", expected.get("dtype").asString());
        double[] values = doubles(expected.get("voxels"));
        for (int i = 0; i < voxels.length; i++) {
            assertEquals(voxels[i], values[i]);
        }
    }
}
