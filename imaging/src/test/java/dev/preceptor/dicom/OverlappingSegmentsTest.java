package dev.preceptor.dicom;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.InvalidFileException;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.LabelClass;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Region;
import dev.preceptor.volume.Size;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The class of a voxel in several segments is that which belongs to exactly these. */
class OverlappingSegmentsTest {
    private static final Grid GRID = Grid.of(new Size(5, 4, 3), 1);
    private static final LabelClass ONE = new LabelClass("one");
    private static final LabelClass TWO = new LabelClass("two");
    private static final LabelClass THREE = new LabelClass("three");
    private static final Region A = new Region("A", Set.of(ONE, TWO), ONE);
    private static final Region B = new Region("B", Set.of(TWO, THREE), THREE);
    private static final LabelSpace CROSSING =
            new LabelSpace("CROSSING", Map.of(1, ONE, 2, TWO, 3, THREE), List.of(ONE, TWO, THREE), List.of(A, B));

    @TempDir
    private Path folder;

    private DicomSegmentation written(LabelSpace space, Map<Region, BitSet> masks) {
        DicomProvenance source = SourceSeries.on(GRID);
        EncodedFrames frames = new EncodedFrames(
                SegmentationType.BINARY, GRID.size().y(), GRID.size().x());
        List<Segment> segments = new ArrayList<>();
        int pixels = GRID.size().x() * GRID.size().y();
        masks.forEach((region, mask) -> {
            segments.add(new Segment(
                    segments.size() + 1,
                    SegmentationCodes.label(space, region),
                    region.name(),
                    SegmentationCodes.CATEGORY,
                    SegmentationCodes.type(space, region),
                    "MANUAL",
                    Optional.empty()));
            for (int slice = 0; slice < GRID.size().z(); slice++) {
                byte[] frame = new byte[pixels];
                for (int i = 0; i < pixels; i++) {
                    frame[i] = (byte) (mask.get(slice * pixels + i) ? 1 : 0);
                }
                frames.add(segments.size(), slice, frame);
            }
        });
        DataSet dataSet = new SegmentationAttributes(
                        segments, frames, source.slices(), source, new SegmentationAlgorithm("x", "1", ""))
                .dataSet(Clock.fixed(Instant.EPOCH, ZoneOffset.UTC));
        Path file = folder.resolve("x.dcm");
        DicomWriter.write(file, dataSet, frames.transferSyntax());
        return DicomSegmentation.read(file);
    }

    private static BitSet bits(int... voxels) {
        BitSet bits = new BitSet();
        for (int voxel : voxels) {
            bits.set(voxel);
        }
        return bits;
    }

    private static String refusal(LabelSpace space, DicomSegmentation segmentation) {
        return assertThrows(InvalidFileException.class, () -> segmentation.labels(space, GRID))
                .getMessage();
    }

    @Test
    void regionsThatCrossComeBackAsTheyWere() {
        SplittableRandom random = new SplittableRandom(1);
        Map<Region, BitSet> masks = new LinkedHashMap<>();
        for (Region region : List.of(B, A)) {
            BitSet mask = new BitSet();
            for (int i = 0; i < GRID.size().voxels(); i++) {
                mask.set(i, random.nextInt(3) == 0);
            }
            masks.put(region, mask);
        }
        LabelMap labels = written(CROSSING, masks).labels(CROSSING, GRID);
        assertEquals(masks.get(A), labels.mask(A));
        assertEquals(masks.get(B), labels.mask(B));
    }

    @Test
    void ofNestedRegionsTheInnermostDecidesAlsoWhereAnOuterOneIsMissing() {
        Map<Region, BitSet> masks = new LinkedHashMap<>();
        masks.put(Region.ET, bits(2, 3));
        masks.put(Region.TC, bits(1, 2));
        masks.put(Region.WT, bits(0, 1, 2, 3));
        byte[] expected = new byte[GRID.size().voxels()];
        System.arraycopy(new byte[] {2, 1, 4, 4}, 0, expected, 0, 4);
        assertArrayEquals(
                expected,
                written(LabelSpace.BRATS_2018, masks)
                        .labels(LabelSpace.BRATS_2018, GRID)
                        .voxels());
    }

    @Test
    void anOverlapOfWhichNoClassIsMadeIsRefusedWithBothNames() {
        Region whole = new Region("whole", Set.of(ONE, TWO, THREE), ONE);
        LabelSpace space = new LabelSpace(
                "PARTS", Map.of(1, ONE, 2, TWO, 3, THREE), List.of(ONE, TWO, THREE), List.of(whole, A, B));
        Map<Region, BitSet> masks = new LinkedHashMap<>();
        masks.put(A, bits(4, 5));
        masks.put(B, bits(5, 6));
        masks.put(whole, bits(4, 6));
        String message = refusal(space, written(space, masks));
        assertTrue(
                message.contains("\"A\"")
                        && message.contains("\"B\"")
                        && message.contains("no class of PARTS belongs to exactly A and B"),
                message);
        masks.put(whole, bits(4, 5, 6));
        LabelMap labels = written(space, masks).labels(space, GRID);
        assertEquals(masks.get(A), labels.mask(A));
        assertEquals(masks.get(B), labels.mask(B));
    }

    @Test
    void classesThatOverlapAreRefusedWithBothNames() {
        LabelSpace space = new LabelSpace("OWN", Map.of(1, ONE, 2, TWO));
        Map<Region, BitSet> masks = new LinkedHashMap<>();
        masks.put(Region.of("one", ONE), bits(4, 5));
        masks.put(Region.of("two", TWO), bits(5, 6));
        String message = refusal(space, written(space, masks));
        assertTrue(
                message.contains("one and two exclude each other")
                        || message.contains("two and one exclude each other"),
                message);
    }
}
