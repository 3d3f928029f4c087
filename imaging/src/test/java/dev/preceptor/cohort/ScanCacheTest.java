package dev.preceptor.cohort;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.preceptor.base.PrivateFolder;
import dev.preceptor.base.Sha256;
import dev.preceptor.nifti.Nifti;
import dev.preceptor.testing.FileReads;
import dev.preceptor.testing.NoiseVolumes;
import dev.preceptor.volume.LabelSpace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScanCacheTest {
    @TempDir
    private Path folder;

    private final List<String> notices = new ArrayList<>();
    private Path kept;
    private Cohort cohort;

    @BeforeEach
    void makeCohort() {
        kept = folder.resolve("kept");
        cohort =
                Cohort.open(CohortFixture.brats2021(folder.resolve("cohort"), 3).root());
    }

    private CohortSummary summary() {
        return summary(Duration.ZERO);
    }

    private CohortSummary summary(Duration settled) {
        return summary(Cohort.open(cohort.root()), settled);
    }

    private CohortSummary summary(Cohort opened, Duration settled) {
        return CohortSummary.of(opened, new ScanCache(Optional.of(kept), notices::add, settled, 0));
    }

    private List<Path> files() {
        try (Stream<Path> all = Files.walk(cohort.root())) {
            return all.filter(file -> file.toString().endsWith(".nii.gz"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path image() {
        return files().stream()
                .filter(file -> file.toString().endsWith("t1ce.nii.gz"))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void theSecondScanOpensNoImageAndFindsTheSame() {
        CohortSummary first = summary();
        Cohort opened = Cohort.open(cohort.root());
        FileReads reads = FileReads.during(() ->
                assertEquals(first.toJson(), summary(opened, Duration.ZERO).toJson()));
        files().forEach(file -> assertEquals(0, reads.of(file), file.toString()));
        assertEquals(first.contents(), summary().contents());
        assertEquals(first.foregroundMl(), summary().foregroundMl());
        assertEquals(first.toJson(), CohortSummary.of(cohort).toJson());
        assertEquals(List.of(), notices);
    }

    @Test
    void otherRegionsOfTheSameClassesAreMeasuredAnew() throws IOException {
        Path labelled = CohortFixture.nnunet(folder.resolve("labelled"), 1).root();
        Path json = labelled.resolve("dataset.json");
        String channels = "\"channel_names\": {\"0\": \"T1\", \"1\": \"T1ce\", \"2\": \"T2\", \"3\": \"Flair\"}";
        Files.writeString(json, "{" + channels + ", \"labels\": {\"lesion\": 1, \"core\": 2, \"rim\": 3}}");
        CohortSummary apart = summary(Cohort.open(labelled), Duration.ZERO);
        Files.writeString(
                json,
                "{" + channels + ", \"labels\": {\"lesion\": [1, 2], \"core\": [2], \"rim\": [3]},"
                        + " \"regions_class_order\": [1, 2, 3]}");
        Cohort opened = Cohort.open(labelled);
        CohortSummary nested = summary(opened, Duration.ZERO);
        assertEquals(CohortSummary.of(opened).toJson(), nested.toJson());
        assertNotEquals(
                apart.fingerprint().volumes().values().toString(),
                nested.fingerprint().volumes().values().toString());
        assertNotEquals(apart.fingerprint().hash(), nested.fingerprint().hash());
    }

    @Test
    void onlyTheSubjectWithAnotherFileIsReadAgain() {
        String before = summary().fingerprint().hash();
        Path changed = image();
        Nifti.write(changed, NoiseVolumes.of(CohortFixture.GRID, 5));
        Cohort opened = Cohort.open(cohort.root());
        FileReads reads = FileReads.during(() -> assertNotEquals(
                before, summary(opened, Duration.ZERO).fingerprint().hash()));
        for (Path file : files()) {
            assertEquals(file.getParent().equals(changed.getParent()), reads.of(file) > 0, file.toString());
        }
        assertEquals(CohortSummary.of(cohort).toJson(), summary().toJson());
    }

    @Test
    void aFileThatIsChangedInPlaceAndGivenItsSizeAndTimeAgainIsSeen() throws IOException {
        assumeTrue(PrivateFolder.isUnix(folder), "skipped: no Unix file system here");
        Path changed = image();
        String before = summary().fingerprint().hash();
        FileTime time = Files.getLastModifiedTime(changed);
        byte[] other = Files.readAllBytes(changed);
        // The checksum at the end of the stream.
        other[other.length - 5] ^= 1;
        Files.write(changed, other);
        Files.setLastModifiedTime(changed, time);
        assertNotEquals(before, summary().fingerprint().hash());
        assertTrue(summary().hasUnusable());
    }

    @Test
    void filesThatAreStillBeingWrittenAndSubjectsWithErrorsAreNotKept() throws IOException {
        summary(Duration.ofHours(1));
        assertTrue(Files.notExists(kept) || files(kept).isEmpty());
        Files.write(image(), new byte[2000]);
        assertTrue(summary().hasUnusable());
        FileReads reads = FileReads.during(this::summary);
        assertTrue(reads.of(image()) > 0);
    }

    @Test
    void aDamagedFileIsReportedAndMadeAnew() throws IOException {
        CohortSummary first = summary();
        Path file = files(kept).get(0);
        String whole = Files.readString(file);
        for (int length : new int[] {0, 10, whole.length() / 2, whole.length() - 1}) {
            notices.clear();
            Files.writeString(file, whole.substring(0, length));
            assertEquals(first.toJson(), summary().toJson());
            assertEquals(List.of(file + ": is damaged; the cohort is read again"), notices);
            assertEquals(whole, Files.readString(file));
        }
    }

    @Test
    void anotherHashInTheFileDoesNotPass() throws IOException {
        CohortSummary first = summary();
        Path file = files(kept).get(0);
        Files.writeString(file, Files.readString(file).replaceFirst("\"stamp\" : \"[0-9a-f]{4}", "\"stamp\" : \"0000"));
        assertEquals(first.toJson(), summary().toJson());
        assertEquals(1, notices.size());
    }

    @Test
    void aFolderThatOthersCanWriteToIsNotUsed() throws IOException {
        assumeTrue(PrivateFolder.isUnix(folder), "skipped: no Unix file system here");
        summary();
        Files.setPosixFilePermissions(kept, PosixFilePermissions.fromString("rwxrwxrwx"));
        FileReads reads = FileReads.during(this::summary);
        files().forEach(file -> assertTrue(reads.of(file) > 0, file.toString()));
        assertEquals(1, notices.size());
        assertTrue(notices.get(0).contains("can be written by other users"), notices.get(0));
    }

    @Test
    void aFolderThatCannotBeWrittenIsIgnoredWithAWord() throws IOException {
        Files.writeString(kept, "a file");
        CohortSummary first = summary();
        assertEquals(first.toJson(), CohortSummary.of(cohort).toJson());
        assertEquals(1, notices.size());
        assertTrue(notices.get(0).contains("the statistics of the cohort are not kept"), notices.get(0));
    }

    private final AtomicInteger labelReads = new AtomicInteger();

    private List<Set<Integer>> values(List<Path> labels, Duration settled) {
        labelReads.set(0);
        return new ScanCache(Optional.of(kept), notices::add, settled, 0).labelValues(cohort.root(), labels, file -> {
            labelReads.incrementAndGet();
            return Nifti.readLabelValues(file);
        });
    }

    private List<Path> labels() {
        return files().stream()
                .filter(file -> file.toString().endsWith("seg.nii.gz"))
                .toList();
    }

    @Test
    void theValuesOfALabelMapAreReadAgainOnlyIfItHasChanged() {
        List<Path> labels = labels();
        List<Set<Integer>> first = values(labels, Duration.ZERO);
        assertEquals(3, labelReads.get());
        assertEquals(labels.stream().map(Nifti::readLabelValues).toList(), first);
        assertEquals(first, values(labels, Duration.ZERO));
        assertEquals(0, labelReads.get());
        CohortFixture.writeForeign(labels.get(1), CohortFixture.labels(2, LabelSpace.BRATS_2023));
        assertEquals(Set.of(0, 1, 2, 3), values(labels, Duration.ZERO).get(1));
        assertEquals(1, labelReads.get());
        assertEquals(List.of(first.get(2)), values(labels.subList(2, 3), Duration.ZERO));
        assertEquals(0, labelReads.get());
        assertEquals(List.of(), notices);
    }

    @Test
    void valuesOfFilesThatAreStillBeingWrittenOrCannotBeReadAreNotKept() throws IOException {
        values(labels(), Duration.ofHours(1));
        values(labels(), Duration.ofHours(1));
        assertEquals(3, labelReads.get());
        Path damaged = labels().get(0);
        Files.write(damaged, new byte[2000]);
        for (int i = 0; i < 2; i++) {
            AtomicInteger tries = new AtomicInteger();
            new ScanCache(Optional.of(kept), notices::add, Duration.ZERO, 0)
                    .labelValues(cohort.root(), List.of(damaged), file -> {
                        tries.incrementAndGet();
                        return Set.of();
                    });
            assertEquals(1, tries.get());
        }
    }

    @Test
    void aDamagedFileOfValuesIsReportedAndMadeAnew() throws IOException {
        List<Set<Integer>> first = values(labels(), Duration.ZERO);
        Path file = files(kept).get(0);
        Files.writeString(file, Files.readString(file).replaceFirst("4", "3"));
        assertEquals(first, values(labels(), Duration.ZERO));
        assertEquals(List.of(file + ": is damaged; the cohort is read again"), notices);
        assertEquals(first, values(labels(), Duration.ZERO));
        assertEquals(0, labelReads.get());
    }

    @Test
    void aSchemaByKnownValuesIsTheSchemaByReadOnes() throws IOException {
        Path hospital = folder.resolve("hospital");
        for (int n = 1; n <= 2; n++) {
            new CohortFixture(hospital).legacySubject("", "patient" + n, n, ".nii.gz");
        }
        ScanCache cache = new ScanCache(Optional.of(kept), notices::add, Duration.ZERO, 0);
        Cohort read = Cohort.open(hospital);
        assertTrue(read.schemaReason().startsWith("by values"), read.schemaReason());
        for (int i = 0; i < 2; i++) {
            Cohort opened = Cohort.open(hospital, Optional.empty(), () -> {}, cache);
            assertEquals(read.schema(), opened.schema());
            assertEquals(read.schemaReason(), opened.schemaReason());
        }
        assertEquals(1, files(kept).size());
    }

    /** If this test fails, files that were written before would give other results: raise {@link ScanCache#FORMAT}. */
    @Test
    void whatIsKeptChangesWithTheFormatOnly() throws IOException {
        summary();
        String text = Files.readString(files(kept).get(0));
        String body = text.substring(text.indexOf('\n') + 1).replaceAll("\"stamp\" : \"[0-9a-f]+\"", "");
        assertEquals(2, ScanCache.FORMAT);
        assertEquals("a7b38f70bd6dd0e6b72928744de2808683d3163936b22216bc128a94cc11136f", Sha256.of(body));
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList();
        }
    }
}
