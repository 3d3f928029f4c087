package dev.preceptor.report;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.MismatchException;
import dev.preceptor.html.Palette;
import dev.preceptor.volume.Affine;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Region;
import dev.preceptor.volume.Size;
import dev.preceptor.volume.Volume;
import java.awt.Color;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("integration")
class SlicePictureTest {
    private static final Size SIZE = new Size(24, 28, 20);

    private static Volume ball(Affine affine) {
        float[] voxels = new float[SIZE.voxels()];
        for (int i = 0; i < voxels.length; i++) {
            double x = i % SIZE.x() - 11.5;
            double y = i / SIZE.x() % SIZE.y() - 13.5;
            double z = i / (SIZE.x() * SIZE.y()) - 9.5;
            voxels[i] = x * x + y * y + z * z < 80 ? 100 : 0;
        }
        return new Volume(new Grid(SIZE, affine), voxels);
    }

    private static LabelMap box(Affine affine, int x0, int x1, int z0, int z1) {
        byte[] labels = new byte[SIZE.voxels()];
        for (int z = z0; z < z1; z++) {
            for (int y = 11; y < 17; y++) {
                for (int x = x0; x < x1; x++) {
                    labels[SIZE.index(x, y, z)] = 4;
                }
            }
        }
        return new LabelMap(new Grid(SIZE, affine), labels, LabelSpace.BRATS_2018);
    }

    @Test
    void theRightOfThePatientIsOnTheLeftInEveryOrderOfVoxels() {
        Affine ras = Affine.scaling(2, 2, 2);
        Affine las = Affine.translation(46, 0, 0).times(Affine.scaling(-2, 2, 2));
        // x = 14..18 counted to the right, and the same place counted to the left
        LabelMap right = box(ras, 14, 18, 6, 9);
        LabelMap same = box(las, 24 - 18, 24 - 14, 6, 9);
        SlicePlane a = SliceSelection.of(ball(ras), right, List.of()).plane(View.AXIAL, 200);
        SlicePlane b = SliceSelection.of(ball(las), same, List.of()).plane(View.AXIAL, 200);
        float[] shareA = a.sample(right.grid(), i -> right.voxels()[i]);
        float[] shareB = b.sample(same.grid(), i -> same.voxels()[i]);
        assertArrayEquals(shareA, shareB, 1e-4f);
        double centre = 0;
        double weight = 0;
        for (int i = 0; i < shareA.length; i++) {
            centre += shareA[i] * (i % 200);
            weight += shareA[i];
        }
        assertTrue(
                weight > 0 && centre / weight < 100,
                "the lesion on the right of the patient is drawn at " + centre / weight);
    }

    @Test
    void theSliceWithMostTumourIsShown() {
        Affine affine = Affine.scaling(1, 1, 3);
        LabelMap labels = box(affine, 10, 14, 4, 5);
        SliceSelection sliceSelection = SliceSelection.of(ball(affine), labels, List.of());
        assertEquals(12, sliceSelection.slice()[2], 1e-9);
    }

    @Test
    void thePixelsAreSquareInMillimetres() {
        Affine thick = Affine.scaling(1, 1, 3);
        Volume ball = ball(thick);
        SlicePlane plane =
                SliceSelection.of(ball, box(thick, 10, 14, 4, 8), List.of()).plane(View.CORONAL, 300);
        float[] head = plane.sample(ball.grid(), i -> ball.voxels()[i] > 0 ? 1 : 0);
        int widest = 0;
        int tallest = 0;
        for (int row = 0; row < plane.height(); row++) {
            widest += head[row * plane.width() + plane.width() / 2] > 0.5 ? 1 : 0;
        }
        for (int column = 0; column < plane.width(); column++) {
            tallest += head[plane.height() / 2 * plane.width() + column] > 0.5 ? 1 : 0;
        }
        assertEquals(3, (double) widest / tallest, 0.3);
    }

    @Test
    void aPictureIsWrittenWithAColumnForEachCandidate(@TempDir Path folder) throws Exception {
        Affine affine = Affine.scaling(2, 2, 2);
        LabelMap reference = box(affine, 10, 14, 6, 9);
        Path one = folder.resolve("one.png");
        Path two = folder.resolve("two.png");
        new SlicePicture("P", Map.of("T1CE", ball(affine)), reference, Map.of("a", reference)).write(one);
        new SlicePicture("P", Map.of("T1CE", ball(affine)), reference, Map.of("a", reference, "b", reference))
                .write(two);
        BufferedImage narrow = ImageIO.read(one.toFile());
        BufferedImage wide = ImageIO.read(two.toFile());
        assertEquals(312, wide.getWidth() - narrow.getWidth());
        try (Stream<Path> files = Files.list(folder)) {
            assertEquals(2, files.count());
        }
    }

    @Test
    void aSliceHasTheSameGreysAndOutlinesInAPictureAndOnAPage() {
        Affine affine = Affine.scaling(2, 2, 2);
        LabelMap labels = box(affine, 10, 14, 6, 9);
        SliceDrawing drawing = new SliceDrawing(
                SliceSelection.of(ball(affine), labels, List.of()).plane(View.AXIAL, 100));
        BufferedImage page = drawing.image(ball(affine), Color.BLACK);
        BufferedImage picture = drawing.image(ball(affine), Palette.GROUND);
        assertEquals(1, page.getRaster().getNumBands(), "one channel for a grey ground");
        int middle = page.getHeight() / 2;
        assertEquals(255, page.getRaster().getSample(50, middle, 0), "the brightest is white");
        assertEquals(0xffffffff, picture.getRGB(50, middle));
        assertEquals(0, page.getRaster().getSample(0, 0, 0), "the darkest has the colour of the ground");
        assertEquals(Palette.GROUND.getRGB(), picture.getRGB(0, 0));
        SliceDrawing.RegionSlice region = drawing.region(labels, Region.WT);
        assertEquals(Outline.of(region.contour()), region.svgPath());
        assertTrue(region.svgPath().endsWith("Z"), region.svgPath());
    }

    @Test
    void anEmptyReferenceIsDrawnAsTheImageWithoutRegions() {
        Affine affine = Affine.scaling(2, 2, 2);
        BufferedImage empty = picture(box(affine, 10, 10, 6, 9));
        BufferedImage full = picture(box(affine, 10, 14, 6, 9));
        assertEquals(full.getWidth(), empty.getWidth());
        assertTrue(colored(full) > colored(empty), "the outlines of " + colored(full) + " pixels are missing");
        assertTrue(count(empty, 0xffffff) > 1000, "the image is white in the middle");
    }

    private static BufferedImage picture(LabelMap labels) {
        return new SlicePicture("P", Map.of("T1CE", ball(labels.grid().affine())), labels, Map.of("a", labels)).draw();
    }

    /** The pixels in the colours of regions. */
    private static int colored(BufferedImage image) {
        return Region.BRATS.stream()
                .mapToInt(region ->
                        count(image, Palette.of(region, Region.BRATS).getRGB() & 0xffffff))
                .sum();
    }

    private static int count(BufferedImage image, int color) {
        int count = 0;
        for (int y = 0; y < image.getHeight(); y++) {
            for (int x = 0; x < image.getWidth(); x++) {
                count += (image.getRGB(x, y) & 0xffffff) == color ? 1 : 0;
            }
        }
        return count;
    }

    @Test
    void candidatesOnAnotherGridAreRefused() {
        LabelMap reference = box(Affine.scaling(2, 2, 2), 10, 14, 6, 9);
        LabelMap other = box(Affine.scaling(1, 1, 1), 10, 14, 6, 9);
        assertThrows(
                MismatchException.class,
                () -> new SlicePicture(
                        "P", Map.of("T1CE", ball(Affine.scaling(1, 1, 1))), reference, Map.of("a", other)));
    }

    @Test
    void aContourLiesWhereTheFieldCrossesTheLevel() {
        float[] field = new float[25];
        for (int y = 1; y < 4; y++) {
            for (int x = 1; x < 4; x++) {
                field[y * 5 + x] = 1;
            }
        }
        Rectangle2D bounds = Contour.of(field, 5, 5, 0.5f).getBounds2D();
        assertEquals(new Rectangle2D.Double(1, 1, 3, 3), bounds);
    }

    @Test
    void lettersHaveTheirSizeAndStandOnTheBaseline() {
        VectorFont vectorFont = VectorFont.load();
        Rectangle2D h = vectorFont.text("H", 100, 0, 0).getBounds2D();
        assertEquals(0, h.getMaxY(), 0.5);
        assertEquals(-73, h.getMinY(), 2);
        assertEquals(vectorFont.width("ab", 10), vectorFont.width("a", 10) + vectorFont.width("b", 10), 1e-9);
    }
}
