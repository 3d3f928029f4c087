package dev.preceptor.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.PreceptorException;
import dev.preceptor.base.Settings;
import dev.preceptor.model.ModelFile;
import dev.preceptor.run.TrainingEvent;
import dev.preceptor.volume.Sequence;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Tests the demo with networks too small and trainings too short for good scores. */
@Tag("integration")
class DemoTest {
    private static final List<String> TINY = List.of(
            "network.widths=[2,4]",
            "network.skips=1",
            "sampling.patch=[16,16,16]",
            "sampling.stepsPerEpoch=2",
            "optimization.epochs=1");

    @Test
    void trainsPredictsAndScoresAPhantomCohort(@TempDir Path folder) throws IOException {
        Path out = folder.resolve("demo");
        Listener listener = new Listener();
        Optional<Demo.Result> result = Demo.run(options(out), listener, () -> false);
        assertTrue(result.isPresent());
        assertEquals(
                List.of(Sequence.T1CE),
                ModelFile.read(result.get().student()).description().inputs());
        assertEquals(1, result.get().pictures().size());
        assertTrue(Files.size(result.get().pictures().get(0)) > 10_000);
        for (String name : List.of("teacher", "baseline", "student")) {
            assertTrue(
                    result.get().table().toText().contains(name),
                    result.get().table().toText());
            JsonNode summary = Settings.JSON.readTree(
                    Files.readString(out.resolve("scores").resolve(name + "-1").resolve("summary.json")));
            assertEquals(1, summary.get("metric_per_case").size(), "only the unseen subject is scored");
        }
        assertFalse(listener.parts.isEmpty());
        for (Path run : runs(out)) {
            JsonNode split = Settings.JSON
                    .readTree(Files.readString(run.resolve("run.json")))
                    .get("split");
            assertFalse(split.toString().contains("BraTS2021_90002"), "the unseen subject is in the split: " + split);
        }
    }

    @Test
    void refusesAFolderThatIsNotEmpty(@TempDir Path folder) throws IOException {
        Files.writeString(folder.resolve("precious.txt"), "mine");
        PreceptorException refused =
                assertThrows(PreceptorException.class, () -> Demo.run(options(folder), new Listener(), () -> false));
        assertTrue(refused.getMessage().contains("is not empty"), refused.getMessage());
    }

    private static List<Path> runs(Path out) throws IOException {
        try (Stream<Path> runs = Files.list(out.resolve("runs"))) {
            return runs.toList();
        }
    }

    private static DemoOptions options(Path out) {
        return new DemoOptions(
                out, Optional.empty(), List.of(1L), 2, 1, "kd-net-small", "baseline-small", TINY, "cpu", 1);
    }

    private static final class Listener implements WorkListener {
        private final List<String> parts = Collections.synchronizedList(new ArrayList<>());

        @Override
        public void began(String part) {
            parts.add(part);
        }

        @Override
        public void advanced(String part, String what, int done, int total) {
            parts.add(part);
        }

        @Override
        public void trained(TrainingEvent event) {
            parts.add(event.getClass().getSimpleName());
        }
    }
}
