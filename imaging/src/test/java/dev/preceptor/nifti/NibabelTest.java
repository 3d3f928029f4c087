package dev.preceptor.nifti;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.testing.Python;
import dev.preceptor.testing.TestFiles;
import dev.preceptor.volume.Affine;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.LabelSchema;
import dev.preceptor.volume.Volume;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Holds reader and writer against nibabel, where the Python in the property {@code preceptor.python} has it. */
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

    private static Affine affine(JsonNode said) {
        double[][] m = new double[4][];
        for (int i = 0; i < 4; i++) {
            m[i] = doubles(said.get("affine").get(i));
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
    void weReadWhatNibabelWritesInEveryDatatypeOrderVersionAndScaling() {
        JsonNode all = oracle(List.of("write", folder.toString()));
        assertEquals(40, all.size());
        for (JsonNode said : all) {
            String name = said.get("file").asString();
            Path file = Path.of(name);
            NiftiHeader header = Nifti.readHeader(file);
            assertEquals(said.get("shape").valueStream().map(JsonNode::asInt).toList(), header.shape(), name);
            assertTrue(header.affine().isCloseTo(affine(said), 1e-9), name);
            assertArrayEquals(
                    floats(doubles(said.get("voxels"))), Nifti.readVolume(file).voxels(), name);
        }
    }

    @Test
    void nibabelReadsWhatWeWriteWithTheSameVoxelsAndAffine() {
        List<String> arguments = new ArrayList<>(List.of("read"));
        List<Volume> volumes = new ArrayList<>();
        List<String> suffixes = List.of(".nii", ".nii.gz", ".hdr", ".img.gz");
        for (int seed = 0; seed < 12; seed++) {
            Volume volume = Example.volume(seed);
            Path file = folder.resolve("ours" + seed + suffixes.get(seed % 4));
            Nifti.write(file, volume);
            if (seed % 3 == 0) {
                NiftiHeader header = Nifti.readHeader(file);
                Nifti.write(file, volume, Example.inVersion2(header));
            }
            arguments.add(file.toString());
            volumes.add(volume);
        }
        JsonNode all = oracle(arguments);
        for (int i = 0; i < volumes.size(); i++) {
            JsonNode said = all.get(i);
            String what = "seed " + i + " " + said.get("file");
            assertEquals("<f4", said.get("dtype").asString(), what);
            assertEquals(
                    List.of(1, i % 3 == 0 ? 0 : 1),
                    said.get("codes").valueStream().map(JsonNode::asInt).toList());
            assertTrue(volumes.get(i).grid().affine().isCloseTo(affine(said), 1e-4), what);
            assertArrayEquals(volumes.get(i).voxels(), floats(doubles(said.get("voxels"))), what);
        }
    }

    @Test
    void nibabelReadsOurLabels() {
        Volume volume = Example.volume(5);
        byte[] voxels = new byte[volume.voxels().length];
        for (int i = 0; i < voxels.length; i++) {
            voxels[i] = new byte[] {0, 1, 2, 4}[i % 4];
        }
        Path file = folder.resolve("labels.nii.gz");
        Nifti.write(file, new LabelMap(volume.grid(), voxels, LabelSchema.BRATS_2018));
        JsonNode said = oracle(List.of("read", file.toString())).get(0);
        assertEquals("|u1", said.get("dtype").asString());
        double[] values = doubles(said.get("voxels"));
        for (int i = 0; i < voxels.length; i++) {
            assertEquals(voxels[i], values[i]);
        }
    }
}
