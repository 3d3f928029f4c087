package dev.preceptor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.model.Models;
import dev.preceptor.network.TargetEncoding;
import dev.preceptor.testing.TestFiles;
import dev.preceptor.volume.Sequence;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImportCommandTest {
    private static final String WEIGHTS =
            TestFiles.of("learning", "golden/import.safetensors").toString();

    @TempDir
    private Path folder;

    private Path like;
    private Path out;

    @BeforeEach
    void writeModel() {
        like = folder.resolve("like.safetensors");
        out = folder.resolve("out.safetensors");
        Models.random(Models.description(List.of(2, 4, 8), TargetEncoding.REGIONS, Sequence.T1CE), 3)
                .write(like);
    }

    private Run run(Path names) {
        return Run.of(
                "import",
                "--weights",
                WEIGHTS,
                "--like",
                like.toString(),
                "--names",
                names.toString(),
                "--ignore",
                "expected.*",
                "--out",
                out.toString());
    }

    @Test
    void weightsOfPyTorchBecomeAModelOrAreRefusedInOneLine() throws IOException {
        Path names = Files.writeString(
                folder.resolve("names.json"),
                "{\"encoder.*.*.*.*\": \"net.down.*.unit*.*.*\", \"head.*\": \"net.out.*\"}");
        Run refused = run(names);
        assertEquals(1, refused.code());
        assertEquals(1, refused.errorLines().size(), refused.err());
        assertTrue(refused.err().contains("16 missing (decoder."), refused.err());
        assertTrue(!Files.exists(out));

        Files.writeString(
                names,
                "{\"encoder.*.*.*.*\": \"net.down.*.unit*.*.*\", \"decoder.*.*.*.*\": \"net.up.*.unit*.*.*\","
                        + " \"head.*\": \"net.out.*\"}");
        Run made = run(names);
        assertEquals(0, made.code(), made.err());
        assertEquals(out.toString(), made.out().strip());
        assertTrue(made.err().contains("arrays were converted to float32"), made.err());
        assertTrue(Run.of("inspect", out.toString()).out().contains("imported import.safetensors"));

        Run again = run(names);
        assertEquals(1, again.code());
        assertTrue(again.err().contains("exists; give --out another name"), again.err());
    }
}
