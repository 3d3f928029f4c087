package dev.preceptor.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
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
    private static final long PLENTY = 1L << 30;

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

    private Sample sample(Recipe with) {
        SampleStore store = new SampleStore(with, cache, PLENTY);
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

    /** What is made where no cache can be. */
    private Sample prepared() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "in the way");
        return new SampleStore(recipe, file.resolve("cache"), PLENTY).sample(subject);
    }

    @Nested
    class AnEntry {
        @Test
        void holdsWhatPreparingGives() throws IOException {
            Sample made = sample(recipe);
            assertEquals(1, entries().size());
            assertTrue(made.images().get(0).isDirect(), "mapped");
            assertSame(prepared(), made);
        }

        @Test
        void servesTheNextRunAsItIs() throws IOException {
            sample(recipe);
            Object before = Files.readAttributes(entries().get(0), "lastModifiedTime,fileKey");
            Sample again = sample(recipe);
            assertEquals(before, Files.readAttributes(entries().get(0), "lastModifiedTime,fileKey"));
            assertEquals(List.of(), notices);
            assertSame(prepared(), again);
        }

        @Test
        void isPrivateToItsPreprocessingAndSequences() throws IOException {
            sample(recipe);
            sample(TinyRuns.recipe("kd-net-small", "preprocessing.stride=2"));
            sample(TinyRuns.recipe("baseline-small"));
            assertEquals(List.of(), notices);
            assertEquals(3, entries().size());
        }

        @Test
        void isMadeAgainWhereAFileHasChanged() throws IOException {
            sample(recipe);
            Path image = subject.image(Sequence.T1CE).path();
            Volume volume = Nifti.readVolume(image);
            var time = Files.getLastModifiedTime(image);
            volume.voxels()[volume.voxels().length / 2] += 1;
            Nifti.write(image, volume);
            Files.setLastModifiedTime(image, time);
            assertSame(prepared(), sample(recipe));
            assertEquals(1, notices.size());
            assertTrue(notices.get(0).contains("was made from other files"), notices.toString());
            sample(recipe);
            assertEquals(List.of(), notices);
        }

        @Test
        void isMadeAgainWhereverABitOfItIsWrong() throws IOException {
            Sample right = prepared();
            sample(recipe);
            Path entry = entries().get(0);
            byte[] bytes = Files.readAllBytes(entry);
            for (int at : new int[] {3, 7, 20, 45, 55, 128, bytes.length / 2, bytes.length - 1}) {
                byte[] broken = bytes.clone();
                broken[at] ^= 4;
                Files.write(entry, broken);
                assertSame(right, sample(recipe));
                assertEquals(1, notices.size(), "byte " + at);
                assertTrue(notices.get(0).endsWith("it is made again"), notices.toString());
                assertEquals(ByteBuffer.wrap(bytes), ByteBuffer.wrap(Files.readAllBytes(entry)), "byte " + at);
            }
        }

        @Test
        void isMadeAgainWhereItIsTorn() throws IOException {
            Sample right = prepared();
            sample(recipe);
            Path entry = entries().get(0);
            byte[] bytes = Files.readAllBytes(entry);
            for (int length : new int[] {0, 50, 128, bytes.length - 1}) {
                Files.write(entry, Arrays.copyOf(bytes, length));
                assertSame(right, sample(recipe));
                assertEquals(1, notices.size(), length + " bytes");
            }
        }

        @Test
        void isMadeAgainWhereItIsCutWhileItIsRead() throws IOException {
            Sample right = prepared();
            int voxels = right.size().voxels();
            SampleStore store = new SampleStore(recipe, cache, PLENTY);
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
                                image.get(0, copy);
                                return copy;
                            })
                            .toList();
                });
                for (int c = 0; c < images.size(); c++) {
                    assertEquals(right.images().get(c), FloatBuffer.wrap(images.get(c)), length + " bytes");
                }
                store.tell(notices::add);
                assertEquals(1, notices.size(), notices.toString());
                assertTrue(notices.get(0).endsWith("it is made again"), notices.toString());
                notices.clear();
            }
        }

        @Test
        void thatIsCutTimeAndAgainIsRefusedInOneLine() {
            SampleStore store = new SampleStore(recipe, cache, PLENTY);
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
            assertTrue(refused.getMessage().startsWith(cache + ": something keeps cutting"), refused.getMessage());
        }

        @Test
        void isWholeWhoeverMakesItAtOnce() throws IOException {
            List<Sample> all = Parallel.map(
                    IntStream.range(0, 8).boxed().toList(),
                    8,
                    i -> new SampleStore(recipe, cache, PLENTY).sample(subject));
            Sample right = prepared();
            all.forEach(sample -> assertSame(right, sample));
            assertEquals(1, entries().size(), "and nothing is left aside");
            sample(recipe);
            assertEquals(List.of(), notices);
        }

        @Test
        void isMadeOnceHoweverManyThreadsAsk() throws IOException {
            SampleStore store = new SampleStore(recipe, cache, PLENTY);
            List<Sample> all = Parallel.map(IntStream.range(0, 8).boxed().toList(), 8, i -> store.sample(subject));
            assertEquals(
                    1, all.stream().map(System::identityHashCode).distinct().count());
        }
    }

    @Nested
    class WithoutACache {
        @Test
        void trainingGoesOnFromMemoryAndSaysSoOnce() throws IOException {
            cache = Files.writeString(folder.resolve("file"), "in the way").resolve("cache");
            SampleStore store = new SampleStore(recipe, cache, PLENTY);
            Sample first = store.sample(subject);
            assertEquals(System.identityHashCode(first), System.identityHashCode(store.sample(subject)), "kept");
            store.tell(notices::add);
            assertEquals(1, notices.size());
            assertTrue(notices.get(0).contains("are kept in memory"), notices.toString());
        }

        @Test
        void whatDoesNotFitInMemoryIsPreparedAgain() throws IOException {
            cache = Files.writeString(folder.resolve("file"), "in the way").resolve("cache");
            List<Subject> two =
                    Cohort.open(TinyRuns.cohort(folder.resolve("two"), 2)).subjects();
            SampleStore store = new SampleStore(recipe, cache, 1);
            Sample first = store.sample(two.get(0));
            store.sample(two.get(1));
            assertSame(first, store.sample(two.get(0)));
        }
    }
}
