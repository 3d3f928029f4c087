package dev.preceptor.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.augment.Augmenter;
import dev.preceptor.base.RandomSource;
import dev.preceptor.base.RandomStreams;
import dev.preceptor.data.HostBatch;
import dev.preceptor.data.PreprocessedSubject;
import dev.preceptor.data.Sample;
import dev.preceptor.html.Palette;
import dev.preceptor.phantom.PhantomGenerator;
import dev.preceptor.phantom.PhantomRecipe;
import dev.preceptor.phantom.PhantomSubject;
import dev.preceptor.phantom.PhantomVariant;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.volume.Box;
import dev.preceptor.volume.Region;
import dev.preceptor.volume.Sequence;
import dev.preceptor.volume.Size;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Draws the picture in docs/guide/augmentation.md: one slice of a phantom under each transform, at the strong end of its default
 * range.
 * With {@code -Dpreceptor.docs=DIR} it is written there.
 */
@Tag("integration")
class AugmentationPictureTest {
    private static final String DOCS = System.getProperty("preceptor.docs", "");

    /** The document has a large head in it, the test a small one, for drawing takes long. */
    private static final int EDGE = DOCS.isEmpty() ? 40 : 120;

    private static final int SIZE = DOCS.isEmpty() ? 56 : 160;
    private static final int DEPTH = DOCS.isEmpty() ? 20 : 64;
    private static final int GAP = 8;
    private static final int HEAD = 24;
    private static final int COLUMNS = 4;
    private static final List<Sequence> SEQUENCES = List.of(Sequence.FLAIR, Sequence.T1CE, Sequence.T2, Sequence.T1);

    private static Map<String, List<String>> changes() {
        Map<String, List<String>> changes = new LinkedHashMap<>();
        changes.put("unchanged", List.of());
        changes.put("rotation", strong("rotation", 25));
        changes.put("scaling 0.75", strong("scaling", 0.75));
        changes.put("scaling 1.35", strong("scaling", 1.35));
        changes.put("elastic", strong("elastic", 0.25));
        changes.put("motion", strong("motion", 5, "perSequence=1"));
        changes.put("ghosting", strong("ghosting", 0.8, "perSequence=1"));
        changes.put("spike", strong("spike", 0.5, "perSequence=1"));
        changes.put("bias field", strong("biasField", 0.3));
        changes.put("noise", strong("noise", 0.1));
        changes.put("blur", strong("blur", 1, "perSequence=1"));
        changes.put("brightness 1.25", strong("brightness", 1.25));
        changes.put("contrast 0.75", strong("contrast", 0.75));
        changes.put("low resolution", strong("lowResolution", 0.5, "perSequence=1"));
        changes.put("inverted gamma 1.5", strong("gammaInverted", 1.5));
        changes.put("gamma 0.7", strong("gamma", 0.7));
        return changes;
    }

    private static List<String> strong(String change, double strength, String... more) {
        List<String> overrides = new ArrayList<>(List.of("probability=1", "from=" + strength, "to=" + strength));
        overrides.addAll(List.of(more));
        return overrides.stream()
                .map(setting -> "augmentation." + change + "." + setting)
                .toList();
    }

    @Test
    void everyTransformChangesTheImage(@TempDir Path folder) throws IOException {
        Sample sample = sample();
        Map<String, HostBatch> patches = new LinkedHashMap<>();
        changes().forEach((name, overrides) -> patches.put(name, patch(sample, overrides)));
        HostBatch dropped = patch(sample, List.of("augmentation.sequenceDropout=0.5"));
        float[] plain = patches.get("unchanged").images();
        patches.forEach((name, hostBatch) -> {
            if (!name.equals("unchanged")) {
                assertNotEquals(Arrays.hashCode(plain), Arrays.hashCode(hostBatch.images()), name);
            }
        });
        BufferedImage sheet = sheet(patches, dropped);
        Path file = (DOCS.isEmpty() ? folder : Path.of(DOCS)).resolve("augmentation.png");
        assertTrue(ImageIO.write(sheet, "png", file.toFile()));
        assertEquals(sheet.getWidth(), ImageIO.read(file.toFile()).getWidth());
    }

    private static Sample sample() {
        PhantomSubject phantom = new PhantomGenerator(PhantomRecipe.defaults()
                        .withVariant(PhantomVariant.UNIFORM)
                        .withSubjects(1)
                        .withSize(SIZE)
                        .withSeed(3))
                .subject(0);
        PreprocessedSubject preprocessedSubject = Recipe.load(
                        "baseline",
                        List.of("preprocessing.crop=BRAIN", "preprocessing.size=[]", "preprocessing.stride=1"))
                .preprocessing()
                .prepare(SEQUENCES.stream().map(phantom.volumes()::get).toList());
        return Sample.of(
                phantom.id(),
                preprocessedSubject.grid().size(),
                preprocessedSubject.images(),
                preprocessedSubject.classes(phantom.annotated()));
    }

    private static HostBatch patch(Sample sample, List<String> overrides) {
        Augmenter augmenter = new Augmenter(Recipe.load("baseline", overrides).augmentation(), List.of(0, 1, 2, 3));
        Box box = Box.centred(sample.size(), new Size(EDGE, EDGE, DEPTH));
        return HostBatch.of(
                List.of(new HostBatch.Crop(sample, box, false, false, false)),
                augmenter,
                List.of(new RandomSource(new RandomStreams(11).stream("picture"))),
                Optional.empty());
    }

    private static BufferedImage sheet(Map<String, HostBatch> patches, HostBatch dropped) {
        int rows = (patches.size() + COLUMNS - 1) / COLUMNS + 1;
        BufferedImage sheet =
                new BufferedImage(COLUMNS * (EDGE + GAP) + GAP, rows * (EDGE + HEAD) + GAP, BufferedImage.TYPE_INT_RGB);
        Graphics2D canvas = sheet.createGraphics();
        canvas.setColor(Palette.GROUND);
        canvas.fillRect(0, 0, sheet.getWidth(), sheet.getHeight());
        VectorFont vectorFont = VectorFont.load();
        int panel = 0;
        for (Map.Entry<String, HostBatch> entry : patches.entrySet()) {
            panel(sheet, canvas, vectorFont, panel++, entry.getKey(), entry.getValue(), 0);
        }
        panel = (rows - 1) * COLUMNS;
        for (int c = 0; c < SEQUENCES.size(); c++) {
            panel(sheet, canvas, vectorFont, panel++, "dropout: " + SEQUENCES.get(c), dropped, c);
        }
        canvas.dispose();
        return sheet;
    }

    private static void panel(
            BufferedImage sheet,
            Graphics2D canvas,
            VectorFont vectorFont,
            int number,
            String name,
            HostBatch hostBatch,
            int sequence) {
        int left = GAP + number % COLUMNS * (EDGE + GAP);
        int top = HEAD + number / COLUMNS * (EDGE + HEAD);
        canvas.setColor(Palette.TEXT);
        canvas.fill(vectorFont.text(name, 13, left, top - 6));
        Size size = hostBatch.size();
        int z = size.z() / 2;
        for (int x = 0; x < EDGE; x++) {
            for (int y = 0; y < EDGE; y++) {
                int at = (x * size.y() + y) * size.z() + z;
                float value = hostBatch.images()[sequence * size.voxels() + at];
                int grey = value == 0 ? Palette.GROUND.getRed() : (int) Math.max(0, Math.min(255, 90 + 55 * value));
                boolean outline = isOutline(hostBatch, x, y, z);
                // The input grows towards the left and the back: the patient faces up, with the right side on the left.
                sheet.setRGB(
                        left + x,
                        top + y,
                        outline ? Palette.of(Region.WT, Region.BRATS).getRGB() : new Color(grey, grey, grey).getRGB());
            }
        }
    }

    private static boolean isOutline(HostBatch hostBatch, int x, int y, int z) {
        if (label(hostBatch, x, y, z) == 0) {
            return false;
        }
        return label(hostBatch, x - 1, y, z) == 0
                || label(hostBatch, x + 1, y, z) == 0
                || label(hostBatch, x, y - 1, z) == 0
                || label(hostBatch, x, y + 1, z) == 0;
    }

    private static int label(HostBatch hostBatch, int x, int y, int z) {
        Size size = hostBatch.size();
        boolean inside = x >= 0 && y >= 0 && x < size.x() && y < size.y();
        return inside ? hostBatch.classes()[(x * size.y() + y) * size.z() + z] : 0;
    }
}
