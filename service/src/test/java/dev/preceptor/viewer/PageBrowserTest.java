package dev.preceptor.viewer;

import static dev.preceptor.viewer.ColouredPixels.count;
import static dev.preceptor.viewer.ColouredPixels.half;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.Shared;
import dev.preceptor.html.Palette;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Region;
import java.awt.Color;
import java.awt.Rectangle;
import java.awt.image.BufferedImage;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.Dimension;
import org.openqa.selenium.Keys;
import org.openqa.selenium.Point;
import org.openqa.selenium.WebElement;

/** The page of {@code preceptor view} in a real browser. */
@Tag("peers")
class PageBrowserTest {
    private static final Color FIRST_ONLY = new Color(0x56b4e9);
    private static final Color SECOND_ONLY = new Color(0xf0a53a);

    private static Chromium browser;

    @TempDir
    private Path folder;

    private final List<AutoCloseable> opened = new ArrayList<>();

    /** The only hosts to which requests may go. */
    private final Set<String> hosts = new TreeSet<>();

    @BeforeAll
    static void start() {
        browser = new Chromium();
    }

    @AfterAll
    static void stop() {
        if (browser != null) {
            browser.close();
        }
    }

    @AfterEach
    void neitherErrorsNorForeignRequests() throws Exception {
        List<String> errors = browser.errors();
        Set<String> asked = new TreeSet<>(browser.hosts());
        for (int i = opened.size() - 1; i >= 0; i--) {
            opened.get(i).close();
        }
        assertEquals(List.of(), errors);
        assertEquals(hosts, asked);
    }

    private ViewServer serve(Path image, List<Path> labels, Optional<Path> uncertainty) {
        ServedCopies copies = ServedCopies.create();
        opened.add(copies);
        List<LabelOverlay> overlays = labels.stream()
                .map(file -> LabelOverlay.read(file, Optional.of(LabelSpace.BRATS_2018), Heads.grid(false)))
                .toList();
        ViewServer server =
                ViewServer.open(new ViewedFiles(new ViewedImage("head", image), overlays, uncertainty), copies, 0);
        opened.add(server);
        hosts.add(URI.create(server.url()).getAuthority());
        return server;
    }

    private void show(Path image, Path... labels) {
        browser.open(serve(image, List.of(labels), Optional.empty()).url());
        browser.await("ready");
    }

    private static Rectangle canvas() {
        WebElement canvas = browser.element("canvas");
        Point at = canvas.getLocation();
        Dimension size = canvas.getSize();
        return new Rectangle(at.x, at.y, size.width, size.height);
    }

    /** The axial view is the upper left of the four. */
    private static Rectangle axial() {
        Rectangle all = canvas();
        return new Rectangle(all.x, all.y, (int) (all.width * 0.49), (int) (all.height * 0.48));
    }

    private static BufferedImage opaque() {
        browser.slide("opacity", 100);
        browser.awaitFrame();
        return browser.screenshot();
    }

    @Test
    void labelsAreSeenInTheColoursOfTheReports() {
        show(Heads.image(folder.resolve("t1ce.nii.gz"), false), Heads.labels(folder.resolve("seg.nii.gz"), false, 0));

        BufferedImage seen = opaque();

        assertTrue(count(seen, axial(), Palette.of(Region.ET, Region.BRATS)) > 200, "pixels of ET");
        assertTrue(count(seen, axial(), Palette.of(Region.WT, Region.BRATS)) > 400, "pixels of oedema");
        assertEquals(
                List.of("NCR", "ED", "ET"),
                browser.elements("#labels label").stream()
                        .map(WebElement::getText)
                        .toList());
        assertTrue(browser.text("regions").contains("ET 0.51 mL"), browser.text("regions"));
        assertTrue(browser.text("place-text").endsWith("ET"), browser.text("place-text"));

        browser.elements("#labels input[data-label='4']").get(0).click();
        browser.awaitFrame();
        seen = browser.screenshot();
        assertEquals(0, count(seen, axial(), Palette.of(Region.ET, Region.BRATS)), "a hidden label is not seen");
        assertTrue(count(seen, axial(), Palette.of(Region.WT, Region.BRATS)) > 150, "the others stay");
    }

    @Test
    void theRightOfThePatientStandsOnTheLeftHoweverTheVoxelsAreStored() {
        for (boolean isMirrored : new boolean[] {false, true}) {
            Path image = Heads.image(folder.resolve(isMirrored + "-t1ce.nii.gz"), isMirrored);
            show(image, Heads.labels(folder.resolve(isMirrored + "-seg.nii.gz"), isMirrored, 0));

            BufferedImage seen = opaque();

            assertTrue(
                    count(seen, half(axial(), true), Palette.of(Region.WT, Region.BRATS)) > 400,
                    "on the left, " + isMirrored);
            assertEquals(
                    0,
                    count(seen, half(axial(), false), Palette.of(Region.WT, Region.BRATS)),
                    "on the right, " + isMirrored);
            assertTrue(browser.text("place-text").startsWith("R "), browser.text("place-text"));
        }
    }

    @Test
    void twoLabelMapsAreComparedWithTheirDifferenceOverTheImage() {
        Path second = Heads.labels(folder.resolve("teacher.nii.gz"), false, 4);
        show(
                Heads.image(folder.resolve("t1ce.nii.gz"), false),
                Heads.labels(folder.resolve("student.nii.gz"), false, 0),
                second);

        BufferedImage seen = opaque();

        // Cubes of 8 and of 4 voxels, moved by two: Dice is 6/8 and 2/4.
        assertTrue(browser.text("agreement").contains("WT 0.750"), browser.text("agreement"));
        assertTrue(browser.text("agreement").contains("ET 0.500"), browser.text("agreement"));
        int first = count(seen, axial(), FIRST_ONLY);
        int other = count(seen, axial(), SECOND_ONLY);
        assertTrue(first > 50 && other > 50, first + " pixels of the first alone, " + other + " of the second");
        assertTrue(
                browser.text("difference-legend").contains("First only: student, 1.02 mL"),
                browser.text("difference-legend"));

        browser.press("c");
        browser.awaitFrame();
        assertTrue(
                count(browser.screenshot(), axial(), Palette.of(Region.ET, Region.BRATS)) > 100,
                "the first label map alone");
        browser.press("c", "c");
        browser.awaitFrame();
        assertEquals(
                0, count(browser.screenshot(), axial(), Palette.of(Region.ET, Region.BRATS)), "the difference again");
    }

    @Test
    void aLabelMapThatArrivesLateIsNotComparedUnderTheNameOfTheOneChosenAfterIt() {
        show(
                Heads.image(folder.resolve("t1ce.nii.gz"), false),
                Heads.labels(folder.resolve("student.nii.gz"), false, 0),
                Heads.labels(folder.resolve("near.nii.gz"), false, 4),
                Heads.labels(folder.resolve("far.nii.gz"), false, 8));
        String near = browser.element("other").getDomProperty("value");
        browser.choose("other", "far");
        browser.await("far", () -> browser.text("agreement").contains("WT 0.500"));

        browser.holdBack(near);
        browser.choose("other", "near");
        browser.awaitHeldBack();
        browser.choose("other", "far");
        browser.await("far", () -> browser.element("comparison-detail").isDisplayed());
        browser.release();

        assertTrue(browser.text("agreement").contains("WT 0.500"), browser.text("agreement"));
        // Choosing a region counts in the map itself: cubes of 8 voxels, moved by four.
        browser.choose("difference-region", "WT");
        assertTrue(
                browser.text("difference-legend").contains("Second only: far, 2.05 mL"),
                browser.text("difference-legend"));
    }

    @Test
    void uncertaintyLiesOverTheImageWhereItIsAskedFor() {
        Path image = Heads.image(folder.resolve("t1ce.nii.gz"), false);
        Path labels = Heads.labels(folder.resolve("seg.nii.gz"), false, 0);
        browser.open(serve(image, List.of(labels), Optional.of(Heads.uncertainty(folder.resolve("u.nii.gz"))))
                .url());
        browser.await("ready");
        Color bright = new Color(0xf0f921);
        assertEquals(0, count(browser.screenshot(), axial(), bright));

        browser.press("u");
        browser.await("uncertainty", () -> browser.text("place-text").endsWith("bit"));
        browser.slide("uncertainty-opacity", 100);
        browser.awaitFrame();

        assertTrue(count(browser.screenshot(), axial(), bright) > 100);
    }

    @Test
    void everythingIsReachedAndDoneWithTheKeyboard() {
        show(Heads.image(folder.resolve("t1ce.nii.gz"), false), Heads.labels(folder.resolve("seg.nii.gz"), false, 0));
        List<String> reached =
                Stream.generate(browser::tab).limit(24).distinct().toList();
        assertTrue(
                reached.containsAll(Set.of(
                        "help-open",
                        "theme",
                        "planes",
                        "cut",
                        "crosshair",
                        "go-largest",
                        "reset",
                        "canvas",
                        "labels-shown",
                        "outline",
                        "1",
                        "2",
                        "4",
                        "opacity",
                        "window-low",
                        "window-high")),
                reached.toString());

        browser.press("2");
        assertTrue(browser.elements("input[value='axial']").get(0).isSelected());
        browser.press("l");
        assertFalse(browser.element("labels-shown").isSelected());
        browser.press("o");
        assertTrue(browser.element("outline").isSelected());
        browser.press("-");
        assertEquals("35", browser.element("opacity").getDomProperty("value"));

        browser.run("document.getElementById('canvas').focus()");
        String before = browser.text("place-text");
        browser.press(Keys.ARROW_LEFT);
        assertFalse(before.equals(browser.text("place-text")), "the crosshair moves: " + before);
        browser.press(Keys.ARROW_RIGHT);
        assertEquals(before, browser.text("place-text"));
        browser.press("g");

        browser.press("?");
        assertTrue(browser.element("help").isDisplayed());
        browser.element("keys-on").click();
        browser.press(Keys.ESCAPE);
        browser.press("l");
        assertFalse(browser.element("labels-shown").isSelected(), "single keys are off");
        browser.run("localStorage.clear()");
    }

    @Test
    void coloursAreDarkWhereTheReaderWantsThem() {
        show(Heads.image(folder.resolve("t1ce.nii.gz"), false));
        String light = (String) browser.run("return getComputedStyle(document.body).backgroundColor");
        browser.press("t");
        assertEquals("rgb(15, 19, 24)", browser.run("return getComputedStyle(document.body).backgroundColor"));
        browser.press("t");
        assertEquals(light, browser.run("return getComputedStyle(document.body).backgroundColor"));
        assertTrue(browser.elements("header .purpose").get(0).getText().contains("Not a medical device"));
        browser.run("localStorage.clear()");
    }

    @Test
    void imagesAreShownFromAnyNiftiFile() throws Exception {
        Path plain = Heads.image(folder.resolve("plain.nii"), false);
        show(plain, Heads.labels(folder.resolve("plain_seg.nii"), false, 0));
        assertTrue(count(opaque(), axial(), Palette.of(Region.ET, Region.BRATS)) > 200);

        byte[] bytes = Files.readAllBytes(plain);
        byte[] header = java.util.Arrays.copyOf(bytes, 352);
        // The magic of a pair, whose voxels begin at byte 0 of the other file.
        header[345] = 'i';
        java.nio.ByteBuffer.wrap(header).order(java.nio.ByteOrder.LITTLE_ENDIAN).putFloat(108, 0);
        Files.write(folder.resolve("pair.hdr"), java.util.Arrays.copyOf(header, 348));
        Files.write(folder.resolve("pair.img"), java.util.Arrays.copyOfRange(bytes, 352, bytes.length));
        show(folder.resolve("pair.hdr"));
        assertTrue(browser.text("place-text").contains("intensity"), browser.text("place-text"));
    }

    @Test
    void withoutTheSecretThePageAsksForIt() {
        ViewServer server = serve(Heads.image(folder.resolve("t1ce.nii.gz"), false), List.of(), Optional.empty());
        browser.clearCookies();
        browser.open(server.url().replaceFirst("#.*", ""));
        browser.await("login");
        browser.element("token").sendKeys("wrong", Keys.ENTER);
        browser.await("wrong token", () -> browser.element("login-error").isDisplayed());
        assertEquals("Wrong token", browser.text("login-error"));
        browser.element("token").clear();
        browser.element("token").sendKeys(server.url().replaceFirst(".*token=", ""), Keys.ENTER);
        browser.await("ready");
        assertEquals(
                1,
                browser.errors().stream().filter(line -> line.contains("401")).count(),
                "the browser itself reports the refusal");
    }

    @Test
    @Tag("shared")
    void aRealPatientIsSeenWithItsTumour() {
        Path patient = Shared.file("data/brats/BraTS2021_00006");
        show(patient.resolve("BraTS2021_00006_t1ce.nii.gz"), patient.resolve("BraTS2021_00006_seg.nii.gz"));

        BufferedImage seen = opaque();

        assertTrue(count(seen, axial(), Palette.of(Region.ET, Region.BRATS)) > 200);
        assertTrue(browser.text("regions").contains("WT 138 mL"), browser.text("regions"));
    }
}
