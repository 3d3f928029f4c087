package dev.preceptor.cohort;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.Sequence;
import dev.preceptor.volume.Volume;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScanObserverTest {
    @TempDir
    private Path folder;

    private final Map<String, List<String>> seen = Collections.synchronizedMap(new TreeMap<>());

    private ScanObserver.OfSubject observe(Subject subject) {
        List<String> calls = new ArrayList<>();
        seen.put(subject.id(), calls);
        return new ScanObserver.OfSubject() {
            @Override
            public void image(Sequence sequence, Volume image, IntensityStatistics statistics) {
                calls.add(sequence.name());
            }

            @Override
            public void imageFault(Sequence sequence, String problem) {
                calls.add("faulty " + sequence);
            }

            @Override
            public void labels(LabelMap labels) {
                calls.add("labels");
            }

            @Override
            public void labelFault(String problem) {
                calls.add("faulty labels");
            }

            @Override
            public void done() {
                calls.add("done");
            }
        };
    }

    @Test
    void everyFileIsSeenOnceAndFaultyFilesAreNamed() throws IOException {
        CohortFixture fixture = CohortFixture.brats2021(folder, 3);
        fixture.delete("BraTS2021_00002", "seg");
        Files.write(fixture.file("BraTS2021_00003", "t1"), new byte[] {31, (byte) 139, 8});
        byte[] labels = new byte[CohortFixture.SIZE.voxels()];
        labels[7] = 9;
        fixture.replaceLabels("BraTS2021_00003", labels);
        CohortSummary.of(Cohort.open(folder), 3, this::observe, ScanCache.NONE);
        assertEquals(
                Map.of(
                        "BraTS2021_00001", List.of("FLAIR", "T1", "T1CE", "T2", "labels", "done"),
                        "BraTS2021_00002", List.of("FLAIR", "T1", "T1CE", "T2", "done"),
                        "BraTS2021_00003", List.of("FLAIR", "faulty T1", "T1CE", "T2", "faulty labels", "done")),
                seen);
    }

    @Test
    void anObserverChangesNothingOfTheSummary() {
        Cohort cohort = Cohort.open(CohortFixture.brats2021(folder, 2).root());
        assertEquals(
                CohortSummary.of(cohort).toJson(),
                CohortSummary.of(cohort, 2, this::observe, ScanCache.NONE).toJson());
    }
}
