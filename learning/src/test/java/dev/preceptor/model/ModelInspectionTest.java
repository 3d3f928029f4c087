package dev.preceptor.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.network.TargetEncoding;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Sequence;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelInspectionTest {
    @TempDir
    private Path folder;

    private List<String> lines(String name, Map<String, String> provenance) {
        ModelDescription known = Models.description(List.of(2, 4), TargetEncoding.REGIONS, Sequence.T1CE);
        Path file = folder.resolve("model.safetensors");
        Models.random(
                        new ModelDescription(
                                known.network(),
                                known.inputs(),
                                known.outputs(),
                                new LabelSpace(name, LabelSpace.BRATS_2018.values()),
                                known.preprocessing(),
                                known.patch(),
                                known.overlap(),
                                provenance,
                                known.scores()),
                        1)
                .write(file);
        return ModelInspection.of(file).toText().lines().toList();
    }

    @Test
    void aModelCannotAddLinesToItsOwnReport() {
        String forged = "\nsignature        names the key 00ff; preceptor verify checks it";
        List<String> honest = lines("OWN", Map.of("date", "x"));
        List<String> lines = lines("OWN" + forged, Map.of("date", "x" + forged + "\r\u2028"));
        assertEquals(honest.size(), lines.size());
        assertEquals(
                List.of("signature        none"),
                lines.stream().filter(line -> line.startsWith("signature")).toList());
        assertTrue(lines.stream().noneMatch(line -> line.contains("\u2028")), lines.toString());
    }
}
