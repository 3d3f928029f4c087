package dev.preceptor.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.Parallel;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.cohort.Cohort;
import dev.preceptor.cohort.Subject;
import dev.preceptor.data.Sample;
import dev.preceptor.data.Samples;
import dev.preceptor.nifti.Nifti;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.train.TinyRuns;
import dev.preceptor.volume.Sequence;
import dev.preceptor.volume.Volume;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("integration")
class SampleStoreTest {
    private static final long CAPACITY = 1L << 30;

    @TempDir
    private Path folder;

    private final Recipe recipe = TinyRuns.recipe("kd-net-small");
    private final List<String> notices = new ArrayList<>();
    private Path cache;
    private Subject subject;

    @BeforeEach
    void makeSubject() {
        subject = Cohort.open(TinyRuns.cohort(folder.resolve("cohort"), 1))
                .subjects()
                .get(0);
        cache = folder.resolve("cache");
    }

    private Sample sample(Recipe current) {
        SampleStore store = new SampleStore(current, cache, CAPACITY);
        Sample sample = store.sample(subject);
        notices.clear();
        store.tell(notices::add);
        return sample;
    }

    private List<Path> entries() throws IOException {
        try (Stream<Path> files = Files.list(cache)) {
            return files.toList();
        }
    }

    private static void assertSame(Sample expected, Sample found) {
        assertEquals(expected.size(), found.size());
        assertEquals(expected.images(), found.images());
        assertEquals(expected.classes(), found.classes());
        assertEquals(expected.foreground(), found.foreground());
    }

    /** The sample of a store whose cache folder cannot be written. */
    private Sample uncached() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "not a folder");
        return new SampleStore(recipe, file.resolve("cache"), CAPACITY).sample(subject);
    }

    @Nested
    class AnEntry {
        @Test
        void equalsThePreprocessedSubject() throws IOException {
            Sample cached = sample(recipe);
            assertEquals(1, entries().size());
            assertTrue(cached.images().get(0).orElseThrow().isDirect(), "memory-mapped");
            assertSame(uncached(), cached);
        }

        @Test
        void isReusedByTheNextRun() throws IOException {
            sample(recipe);
            Object before = Files.readAttributes(entries().get(0), "lastModifiedTime,fileKey");
            Sample second = sample(recipe);
            assertEquals(before, Files.readAttributes(entries().get(0), "lastModifiedTime,fileKey"));
            assertEquals(List.of(), notices);
            assertSame(uncached(), second);
        }

        @Test
        void dependsOnThePreprocessingAndTheSequences() throws IOException {
            sample(recipe);
            sample(TinyRuns.recipe("kd-net-small", "preprocessing.stride=2"));
            sample(TinyRuns.recipe("baseline-small"));
            assertEquals(List.of(), notices);
            assertEquals(3, entries().size());
        }

        @Test
        void isReplacedIfAFileHasChanged() throws IOException {
            sample(recipe);
            Path image = subject.image(Sequence.T1CE).files().get(0);
            Volume volume = Nifti.readVolume(image);
            var time = Files.getLastModifiedTime(image);
            volume.voxels()[volume.voxels().length / 2] += 1;
            Nifti.write(image, volume);
            Files.setLastModifiedTime(image, time);
            assertSame(uncached(), sample(recipe));
            assertEquals(1, notices.size());
            assertTrue(notices.get(0).contains("was made from other files"), notices.toString());
            sample(recipe);
            assertEquals(List.of(), notices);
        }

        @Test
        void isReplacedIfAnyBitIsWrong() throws IOException {
            Sample expected = uncached();
            sample(recipe);
            Path entry = entries().get(0);
            byte[] bytes = Files.readAllBytes(entry);
            for (int at : new int[] {3, 7, 20, 45, 55, 128, bytes.length / 2, bytes.length - 1}) {
                byte[] broken = bytes.clone();
                broken[at] ^= 4;
                Files.write(entry, broken);
                assertSame(expected, sample(recipe));
                assertEquals(1, notices.size(), "byte " + at);
                assertTrue(notices.get(0).endsWith("it is replaced"), notices.toString());
                assertEquals(ByteBuffer.wrap(bytes), ByteBuffer.wrap(Files.readAllBytes(entry)), "byte " + at);
            }
        }

        @Test
        void isReplacedIfItIsIncomplete() throws IOException {
            Sample expected = uncached();
            sample(recipe);
            Path entry = entries().get(0);
            byte[] bytes = Files.readAllBytes(entry);
            for (int length : new int[] {0, 50, 128, bytes.length - 1}) {
                Files.write(entry, Arrays.copyOf(bytes, length));
                assertSame(expected, sample(recipe));
                assertEquals(1, notices.size(), length + " bytes");
            }
        }

        @Test
        void isReplacedIfItIsTruncatedWhileItIsRead() throws IOException {
            Sample expected = uncached();
            int voxels = expected.size().voxels();
            SampleStore store = new SampleStore(recipe, cache, CAPACITY);
            Samples samples = store.samples(List.of(subject));
            samples.sample(0);
            for (long length : new long[] {0, 130, 4096}) {
                try (FileChannel entry = FileChannel.open(entries().get(0), StandardOpenOption.WRITE)) {
                    entry.truncate(length);
                }
                List<float[]> images = samples.reading(() -> {
                    Sample sample = samples.sample(0);
                    return sample.images().stream()
                            .map(image -> {
                                float[] copy = new float[voxels];
                                image.orElseThrow().get(0, copy);
                                return copy;
                            })
                            .toList();
                });
                for (int c = 0; c < images.size(); c++) {
                    assertEquals(
                            expected.images().get(c).orElseThrow(), FloatBuffer.wrap(images.get(c)), length + " bytes");
                }
                store.tell(notices::add);
                assertEquals(1, notices.size(), notices.toString());
                assertTrue(notices.get(0).endsWith("it is replaced"), notices.toString());
                notices.clear();
            }
        }

        @Test
        void thatIsTruncatedRepeatedlyIsRefusedInOneLine() {
            SampleStore store = new SampleStore(recipe, cache, CAPACITY);
            Samples samples = store.samples(List.of(subject));
            PreceptorException refused = assertThrows(
                    PreceptorException.class,
                    () -> samples.reading(() -> {
                        samples.sample(0);
                        try (FileChannel entry = FileChannel.open(entries().get(0), StandardOpenOption.WRITE)) {
                            return entry.truncate(100).size();
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                    }));
            assertTrue(
                    refused.getMessage().startsWith(cache + ": another program keeps truncating"),
                    refused.getMessage());
        }

        @Test
        void isCompleteIfSeveralStoresWriteItAtOnce() throws IOException {
            List<Sample> all = Parallel.map(
                    IntStream.range(0, 8).boxed().toList(),
                    8,
                    i -> new SampleStore(recipe, cache, CAPACITY).sample(subject));
            Sample expected = uncached();
            all.forEach(sample -> assertSame(expected, sample));
            assertEquals(1, entries().size(), "no temporary files are left");
            sample(recipe);
            assertEquals(List.of(), notices);
        }

        @Test
        void isWrittenOnceForSeveralThreads() throws IOException {
            SampleStore store = new SampleStore(recipe, cache, CAPACITY);
            List<Sample> all = Parallel.map(IntStream.range(0, 8).boxed().toList(), 8, i -> store.sample(subject));
            assertEquals(
                    1, all.stream().map(System::identityHashCode).distinct().count());
        }
    }

    @Nested
    class PreparedAhead {
        private List<Subject> subjects() {
            return Cohort.open(TinyRuns.cohort(folder.resolve("many"), 15)).subjects();
        }

        @Test
        void subjectsWithoutAnEntryGetTheOneThatTheFirstAccessWouldWrite() throws IOException {
            List<Subject> subjects = subjects();
            SampleStore store = new SampleStore(recipe, cache, CAPACITY);
            Sample lazy = store.sample(subjects.get(3));
            List<Subject> missing = store.missing(subjects);
            assertEquals(14, missing.size());
            assertTrue(store.prepare(missing, 4, () -> false));
            assertEquals(List.of(), store.missing(subjects));
            assertEquals(15, entries().size());
            SampleStore next = new SampleStore(recipe, cache, CAPACITY);
            assertEquals(List.of(), next.missing(subjects));
            assertSame(lazy, next.sample(subjects.get(3)));
            cache = folder.resolve("other");
            assertSame(new SampleStore(recipe, cache, CAPACITY).sample(subjects.get(7)), next.sample(subjects.get(7)));
            store.tell(notices::add);
            assertEquals(List.of(), notices);
        }

        @Test
        void aStopIsHeardBetweenGroups() throws IOException {
            List<Subject> subjects = subjects();
            SampleStore store = new SampleStore(recipe, cache, CAPACITY);
            assertFalse(store.prepare(subjects, 1, () -> true));
            assertEquals(12, entries().size());
        }

        @Test
        void withoutAFolderToWriteToItEnds() throws IOException {
            cache = Files.writeString(folder.resolve("file"), "not a folder").resolve("cache");
            SampleStore store = new SampleStore(recipe, cache, CAPACITY);
            assertTrue(store.prepare(subjects(), 2, () -> false));
            store.tell(notices::add);
            assertEquals(1, notices.size(), notices.toString());
        }
    }

    @Nested
    class WithoutACache {
        @Test
        void samplesAreKeptInMemoryAndReportedOnce() throws IOException {
            cache = Files.writeString(folder.resolve("file"), "not a folder").resolve("cache");
            SampleStore store = new SampleStore(recipe, cache, CAPACITY);
            Sample first = store.sample(subject);
            assertEquals(
                    System.identityHashCode(first), System.identityHashCode(store.sample(subject)), "the same object");
            store.tell(notices::add);
            assertEquals(1, notices.size());
            assertTrue(notices.get(0).contains("are kept in memory"), notices.toString());
        }

        @Test
        void entriesThatExistAreReadAfterAWriteHasFailed() throws IOException {
            List<Subject> two =
                    Cohort.open(TinyRuns.cohort(folder.resolve("two"), 2)).subjects();
            sample(recipe);
            Sample before = new SampleStore(recipe, cache, CAPACITY).sample(two.get(0));
            // A folder in the place of an entry, which no write replaces.
            String name = SampleKey.name(two.get(1), recipe.sequences(), recipe);
            Files.createDirectories(cache.resolve(name + ".sample").resolve("folder"));
            SampleStore store = new SampleStore(recipe, cache, CAPACITY);
            store.sample(two.get(1));
            Sample after = store.sample(two.get(0));
            assertTrue(after.images().get(0).orElseThrow().isDirect(), "memory-mapped");
            assertSame(before, after);
            store.tell(notices::add);
            assertTrue(notices.get(notices.size() - 1).contains("are kept in memory"), notices.toString());
        }

        @Test
        void aSampleThatDoesNotFitInMemoryIsPreprocessedAgain() throws IOException {
            cache = Files.writeString(folder.resolve("file"), "not a folder").resolve("cache");
            List<Subject> two =
                    Cohort.open(TinyRuns.cohort(folder.resolve("two"), 2)).subjects();
            SampleStore store = new SampleStore(recipe, cache, 1);
            Sample first = store.sample(two.get(0));
            store.sample(two.get(1));
            assertSame(first, store.sample(two.get(0)));
        }
    }
}
