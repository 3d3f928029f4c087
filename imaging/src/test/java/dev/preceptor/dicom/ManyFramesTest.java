package dev.preceptor.dicom;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.testing.DicomSlices;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The headers of a file with many frames are read in linear time. */
class ManyFramesTest {
    private static final int FRAMES = 20_000;
    private static final Duration TIME_LIMIT = Duration.ofSeconds(20);

    @TempDir
    private Path folder;

    private Path multiFrame(IntFunction<DataSetBuilder> frame) {
        List<DataSet> frames =
                IntStream.range(0, FRAMES).mapToObj(i -> frame.apply(i).build()).toList();
        Path file = folder.resolve("frames.dcm");
        DicomWriter.write(
                file,
                DicomSlices.header("1.1", "1.2", 0)
                        .integers(Tag.NUMBER_OF_FRAMES, FRAMES)
                        .items(Tag.PER_FRAME_FUNCTIONAL_GROUPS, frames)
                        .value(Tag.PIXEL_DATA, Vr.OW, new byte[24 * FRAMES])
                        .build());
        return file;
    }

    private static DataSet position(double z) {
        return DataSet.builder().decimals(Tag.IMAGE_POSITION, 0, 0, z).build();
    }

    private static DataSet orientation(double turn, double tilt) {
        return DataSet.builder()
                .decimals(
                        Tag.IMAGE_ORIENTATION,
                        Math.cos(turn),
                        Math.sin(turn),
                        0,
                        -Math.sin(turn) * Math.cos(tilt),
                        Math.cos(turn) * Math.cos(tilt),
                        Math.sin(tilt))
                .build();
    }

    private DicomSeries read(Path file) {
        return assertTimeoutPreemptively(
                TIME_LIMIT, () -> DicomFolder.at(file).series().get(0));
    }

    @Test
    void aSeriesWithAnOrientationForEachFrameIsRefused() {
        Path file = multiFrame(i -> DataSet.builder()
                .items(Tag.PLANE_POSITION, List.of(position(i)))
                .items(
                        Tag.PLANE_ORIENTATION,
                        List.of(orientation(i % 150 * Math.PI / 75, (double) (i / 150) * Math.PI / 150))));
        DicomSeries series = read(file);
        assertEquals(List.of(), series.images());
        String problem = series.problem().orElseThrow();
        assertTrue(problem.contains("more than 256 orientations, sizes and spacings"), problem);
        assertEquals(1, problem.lines().count());
    }

    @Test
    void aDynamicSeriesOfManyTimesIsSplit() {
        Path file = multiFrame(i -> DataSet.builder()
                .items(Tag.PLANE_POSITION, List.of(position(i % 2)))
                .items(
                        Tag.FRAME_CONTENT,
                        List.of(DataSet.builder()
                                .integers(Tag.TEMPORAL_POSITION_INDEX, i / 2 + 1)
                                .build())));
        List<DicomImage> images = read(file).images();
        assertEquals(FRAMES / 2, images.size());
        assertEquals("temporal position 1", images.get(0).distinction());
        assertEquals(2, images.get(FRAMES / 2 - 1).grid().size().z());
    }
}
