package dev.preceptor.cohort;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.MismatchException;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.dicom.Tag;
import dev.preceptor.testing.DicomSlices;
import dev.preceptor.volume.Sequence;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which DICOM series is which sequence: certain by its header, confirmed by the user, or refused with all that was found. */
class DicomSubjectsTest {
    private static final double[] EVEN = {0, 2, 4};

    @TempDir
    private Path folder;

    private ImageSet only(SeriesChoice choice, Sequence... inputs) {
        List<ImageSet> sets = DicomSubjects.imageSets(folder, List.of(inputs), false, choice);
        assertEquals(1, sets.size());
        return sets.get(0);
    }

    private String refusal(SeriesChoice choice, Sequence... inputs) {
        String message = assertThrows(PreceptorException.class, () -> only(choice, inputs))
                .getMessage();
        DicomSlices.assertNobodyIsNamed(message, folder);
        assertFalse(message.contains("\n"), message);
        return message;
    }

    private void uncertain(String series) {
        DicomSlices.write(folder, "1.1", series, slice -> slice.text(Tag.SERIES_DESCRIPTION, "ax t1"), EVEN);
    }

    @Test
    void aCertainSeriesIsTaken() {
        DicomSlices.write(folder, "1.1", "1.2", slice -> slice, EVEN);
        DicomSlices.write(
                folder,
                "1.1",
                "1.3",
                slice -> slice.text(Tag.SERIES_DESCRIPTION, "dwi b1000").text(Tag.SERIES_NUMBER, "6"),
                EVEN);
        ImageSet set = only(SeriesChoice.NONE, Sequence.T1CE);
        assertEquals(Set.of(Sequence.T1CE), set.images().keySet());
        assertEquals("1.2", set.image(Sequence.T1CE).selector());
        assertEquals(3, set.volume(Sequence.T1CE).size().z());
    }

    @Test
    void anUncertainSeriesNeedsConfirmationAndSaysWhy() {
        uncertain("1.2");
        String message = refusal(SeriesChoice.NONE, Sequence.T1);
        assertTrue(message.contains("T1? (") && message.contains("nothing says whether contrast was given"), message);
        assertTrue(message.contains("--sequence T1"), message);
        SeriesChoice confirmed = new SeriesChoice(Optional.of(Sequence.T1), List.of());
        assertEquals("1.2", only(confirmed, Sequence.T1).image(Sequence.T1).selector());
    }

    private ImageSet any(SeriesChoice choice) {
        return DicomSubjects.imageSets(folder, List.of(Sequence.T1, Sequence.T1CE, Sequence.T2), true, choice)
                .get(0);
    }

    private static String fault(ImageSet set, Sequence sequence) {
        String message = assertThrows(PreceptorException.class, () -> set.image(sequence))
                .getMessage();
        assertEquals(
                Optional.of(message), set.faults().of(sequence).map(fault -> "subject " + set.id() + ": " + fault));
        assertFalse(message.contains("\n"), message);
        return message;
    }

    @Test
    void anUncertainSeriesIsNotMissingFromAModelOfAnySubset() {
        DicomSlices.write(folder, "1.1", "1.2", slice -> slice, EVEN);
        uncertain("1.3");
        ImageSet set = any(SeriesChoice.NONE);
        assertEquals(Set.of(Sequence.T1CE), set.images().keySet());
        String message = fault(set, Sequence.T1);
        assertTrue(
                message.contains("series 5 \"ax t1\" is T1? (")
                        && message.contains("nothing says whether contrast was given")
                        && message.contains("--series T1=1.3"),
                message);
        assertEquals(Optional.empty(), set.faults().of(Sequence.T2));
        SeriesChoice confirmed = new SeriesChoice(Optional.empty(), List.of(SeriesChoice.NamedSeries.of("T1=1.3")));
        ImageSet both = any(confirmed);
        assertEquals(Set.of(Sequence.T1, Sequence.T1CE), both.images().keySet());
        assertTrue(both.faults().isEmpty());
    }

    @Test
    void aSeriesThatCannotBeUsedIsNotMissingFromAModelOfAnySubset() {
        DicomSlices.write(folder, "1.1", "1.2", slice -> slice, EVEN);
        DicomSlices.write(
                folder,
                "1.1",
                "1.3",
                slice -> slice.text(Tag.SERIES_DESCRIPTION, "ax t2 tse")
                        .decimals(Tag.REPETITION_TIME, 4000)
                        .decimals(Tag.ECHO_TIME, 90)
                        .decimals(Tag.INVERSION_TIME, 0),
                0,
                2,
                4,
                8);
        String message = fault(any(SeriesChoice.NONE), Sequence.T2);
        assertTrue(
                message.contains("cannot be used: slices are missing")
                        && message.contains("ax t2 tse")
                        && message.contains("--series T2=UID"),
                message);
    }

    @Test
    void anUncertainSeriesBesideACertainOneIsNoFault() {
        DicomSlices.write(folder, "1.1", "1.2", slice -> slice, EVEN);
        DicomSlices.write(folder, "1.1", "1.3", slice -> slice.text(Tag.SERIES_DESCRIPTION, "t1 mprage post"), EVEN);
        ImageSet set = any(SeriesChoice.NONE);
        assertEquals("1.2", set.image(Sequence.T1CE).selector());
        assertTrue(set.faults().isEmpty());
    }

    @Test
    void twoSeriesThatFitAreNamedAndASeriesIsChosenByItsUid() {
        DicomSlices.write(folder, "1.1", "1.2", slice -> slice, EVEN);
        DicomSlices.write(folder, "1.1", "1.3", slice -> slice, EVEN);
        String message = refusal(SeriesChoice.NONE, Sequence.T1CE);
        assertTrue(
                message.contains("UID 1.2)") && message.contains("UID 1.3)") && message.contains("--series"), message);
        SeriesChoice chosen = new SeriesChoice(Optional.empty(), List.of(SeriesChoice.NamedSeries.of("1.3")));
        assertEquals("1.3", only(chosen, Sequence.T1CE).image(Sequence.T1CE).selector());
    }

    @Test
    void aSeriesIsNamedAndItsSequenceConfirmedAtOnce() {
        uncertain("1.2");
        uncertain("1.3");
        SeriesChoice both = new SeriesChoice(
                Optional.empty(),
                List.of(SeriesChoice.NamedSeries.of("T1=1.2"), SeriesChoice.NamedSeries.of("t1ce=1.3")));
        ImageSet set = only(both, Sequence.T1, Sequence.T1CE);
        assertEquals("1.2", set.image(Sequence.T1).selector());
        assertEquals("1.3", set.image(Sequence.T1CE).selector());
    }

    @Test
    void aSeriesThatIsNotThereIsRefusedWithThoseThatAre() {
        DicomSlices.write(folder, "1.1", "1.2", slice -> slice, EVEN);
        SeriesChoice wrong = new SeriesChoice(Optional.empty(), List.of(SeriesChoice.NamedSeries.of("9.9")));
        assertTrue(refusal(wrong, Sequence.T1CE).contains("none of its series"));
    }

    private static void cut(Path file, int bytes) throws IOException {
        byte[] whole = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(whole, Math.max(0, whole.length - bytes)));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 4})
    void aTruncatedSliceAtAnEndIsRefusedAndNotLeftOut(int slice) throws Exception {
        DicomSlices.write(folder, "1.1", "1.2", header -> header, 0, 2, 4, 6, 8);
        cut(folder.resolve("1.2-" + slice), 10);
        String message = refusal(SeriesChoice.NONE, Sequence.T1CE);
        assertTrue(message.contains("1.2-" + slice + ": ") && message.contains("fetch it again"), message);
        SeriesChoice chosen = new SeriesChoice(Optional.empty(), List.of(SeriesChoice.NamedSeries.of("1.2")));
        assertEquals(message, refusal(chosen, Sequence.T1CE));
        assertEquals(
                List.of(message), Cohort.open(folder).subjects().get(0).faults().lines());
    }

    @Test
    void aSliceOfWhichNothingArrivedIsRefused() throws Exception {
        DicomSlices.write(folder, "1.1", "1.2", header -> header, EVEN);
        Files.write(folder.resolve("slice.dcm"), new byte[0]);
        assertTrue(refusal(SeriesChoice.NONE, Sequence.T1CE).contains("slice.dcm: is too short"));
    }

    @Test
    void aDamagedSubjectAmongSeveralIsLeftOutWithItsReason() throws Exception {
        for (String id : List.of("a", "b")) {
            DicomSlices.write(folder.resolve(id), id + ".1", id + ".2", slice -> slice, EVEN);
        }
        cut(folder.resolve("b/b.2-2"), 10);
        List<ImageSet> sets = DicomSubjects.imageSets(folder, List.of(Sequence.T1CE), false, SeriesChoice.NONE);
        assertEquals(Set.of(Sequence.T1CE), sets.get(0).images().keySet());
        assertTrue(sets.get(1).faults().lines().get(0).contains("b.2-2: "));
    }

    @Test
    void aColourPictureBesideTheSeriesIsNoDamage() {
        DicomSlices.write(folder, "1.1", "1.2", slice -> slice, EVEN);
        DicomSlices.write(
                folder,
                "1.1",
                "1.3",
                slice -> slice.text(Tag.PHOTOMETRIC_INTERPRETATION, "RGB").integers(Tag.SAMPLES_PER_PIXEL, 3),
                0);
        assertEquals(
                Set.of(Sequence.T1CE),
                only(SeriesChoice.NONE, Sequence.T1CE).images().keySet());
    }

    @Test
    void descriptionAndTimesThatContradictEachOtherAreNoProposal() {
        DicomSlices.write(folder, "1.1", "1.2", slice -> slice.text(Tag.SERIES_DESCRIPTION, "t2 tse"), EVEN);
        assertTrue(refusal(SeriesChoice.NONE, Sequence.T2).contains("contradict"));
    }

    @Test
    void oneSliceOfASeriesIsRefused() {
        DicomSlices.write(folder, "1.1", "1.2", slice -> slice, EVEN);
        Path slice = folder.resolve("1.2-0");
        PreceptorException refusal = assertThrows(
                PreceptorException.class,
                () -> DicomSubjects.imageSets(slice, List.of(Sequence.T1CE), false, SeriesChoice.NONE));
        assertTrue(refusal.getMessage().contains("one slice"), refusal.getMessage());
    }

    @Test
    void seriesOfTwoStudiesInOneFolderAreRefused() {
        DicomSlices.write(folder, "1.1", "1.2", slice -> slice, EVEN);
        DicomSlices.write(folder, "2.1", "2.2", slice -> slice, EVEN);
        assertTrue(refusal(SeriesChoice.NONE, Sequence.T1CE).contains("2 studies"));
    }

    @Test
    void aCohortHasASubjectForEachFolderAndListsWhatItDoesNotUse() {
        for (String id : List.of("a", "b")) {
            Path subject = folder.resolve(id);
            DicomSlices.write(subject, id + ".1", id + ".2", slice -> slice, EVEN);
            DicomSlices.write(
                    subject, id + ".1", id + ".3", slice -> slice.text(Tag.SERIES_DESCRIPTION, "ax t1"), EVEN);
        }
        Cohort cohort = Cohort.open(folder);
        assertEquals(CohortLayout.DICOM, cohort.layout());
        assertEquals(
                List.of("a", "b"), cohort.subjects().stream().map(Subject::id).toList());
        assertEquals(Set.of(Sequence.T1CE), cohort.subjects().get(0).images().keySet());
        assertEquals(2, cohort.unused().size());
        assertTrue(
                cohort.unused().get(0).reason().contains("T1?"), cohort.unused().toString());
    }

    @Test
    void aSeriesOptionWithoutDicomIsRefused() {
        SeriesChoice chosen = new SeriesChoice(Optional.empty(), List.of(SeriesChoice.NamedSeries.of("1.2")));
        assertThrows(MismatchException.class, () -> chosen.requireDicom(folder));
    }
}
