package dev.preceptor.viewer;

import static dev.preceptor.viewer.ColouredPixels.count;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.Shared;
import dev.preceptor.html.Palette;
import dev.preceptor.http.ServerSettings;
import dev.preceptor.infer.PredictionOptions;
import dev.preceptor.model.Models;
import dev.preceptor.nifti.Nifti;
import dev.preceptor.phantom.PhantomCohort;
import dev.preceptor.phantom.PhantomRecipe;
import dev.preceptor.service.SegmentationService;
import dev.preceptor.service.ServedModel;
import dev.preceptor.service.ServiceSettings;
import dev.preceptor.volume.Region;
import dev.preceptor.volume.Volume;
import java.awt.Rectangle;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.Dimension;
import org.openqa.selenium.Keys;
import org.openqa.selenium.Point;
import org.openqa.selenium.WebElement;

/** The page of {@code preceptor serve} in a real browser, with two models of 969 random weights. */
@Tag("peers")
class ServicePageTest {
    private static final String WATCH = "window.seen = [];"
            + "new MutationObserver(() => window.seen.push(document.getElementById('message').textContent))"
            + ".observe(document.getElementById('message'), {childList: true, characterData: true, subtree: true});";

    @TempDir
    private Path folder;

    private final List<ServedModel> models = new ArrayList<>();
    private SegmentationService service;
    private Chromium browser;

    @BeforeEach
    void start() {
        browser = new Chromium();
        for (String name : List.of("student", "teacher")) {
            Path file = folder.resolve(name + ".safetensors");
            Models.small(name.length() + name.charAt(0)).write(file);
            models.add(ServedModel.load(file, List.of(), PredictionOptions.DEFAULTS));
        }
        service = new SegmentationService(
                models,
                ServiceSettings.of(folder.resolve("data")),
                Optional.empty(),
                ServerSettings.local(0),
                ViewerPage.routes());
        browser.open(service.url());
    }

    @AfterEach
    void stop() {
        if (service != null) {
            service.close();
        }
        models.forEach(ServedModel::close);
        if (browser != null) {
            browser.close();
        }
    }

    private Path phantom() {
        Path cohort = folder.resolve("phantom");
        PhantomCohort.write(PhantomRecipe.defaults().withSubjects(1).withSize(64), cohort, 1, (id, done, total) -> {});
        try (var files = Files.walk(cohort)) {
            return files.filter(file -> file.toString().endsWith("_t1ce.nii.gz"))
                    .findFirst()
                    .orElseThrow();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private void send(Path image, String model) {
        browser.element("model").sendKeys(model);
        browser.element("files").sendKeys(image.toString());
        assertTrue(browser.text("chosen").startsWith(image.getFileName().toString()), browser.text("chosen"));
        browser.element("sequence").sendKeys("T1CE");
        browser.element("send").sendKeys(Keys.ENTER);
    }

    private void awaitResult(String title) {
        browser.await(
                title,
                () -> browser.element("panel").isDisplayed()
                        && browser.text("result-title").equals(title));
        browser.await("ready");
    }

    /** The first two views: axial and coronal. */
    private Rectangle upperViews() {
        WebElement canvas = browser.element("canvas");
        Point at = canvas.getLocation();
        Dimension size = canvas.getSize();
        return new Rectangle(at.x, at.y, size.width, size.height / 2);
    }

    private void assertOverlayIsSeen() {
        browser.slide("opacity", 100);
        BufferedImage seen = browser.screenshot();
        int pixels = 0;
        for (Region region : Region.BRATS) {
            pixels += count(seen, upperViews(), Palette.of(region, Region.BRATS));
        }
        assertTrue(pixels > 200, pixels + " pixels in the colours of regions");
    }

    private void assertNeitherErrorsNorForeignRequests() {
        assertEquals(List.of(), browser.errors());
        assertEquals(List.of(URI.create(service.url()).getAuthority()), browser.hosts());
    }

    @Test
    void anUploadIsFollowedLookedAtComparedAndDeleted() {
        browser.await("empty");
        Path image = phantom();
        browser.run(WATCH);
        send(image, "student");
        awaitResult("Job 1");
        String seen = browser.run("return window.seen.join('; ')").toString();
        assertTrue(seen.contains("Job 1 is running") || seen.contains("waits for its turn"), seen);
        assertOverlayIsSeen();
        assertEquals(
                List.of(200L, 200L, 200L, 200L),
                browser.run("return Promise.all([...document.querySelectorAll('#files-list a')]"
                        + ".map(async (link) => (await fetch(link.href)).status))"));

        send(image, "teacher");
        awaitResult("Job 2");
        browser.element("other").sendKeys("Job 1");
        browser.await("comparison", () -> browser.element("comparison-detail").isDisplayed());
        assertTrue(browser.text("agreement").contains("ET 0."), browser.text("agreement"));

        // In a list of choices letters choose.
        browser.run("document.getElementById('canvas').focus()");
        browser.press("j");
        awaitResult("Job 1");
        browser.elements("#jobs .delete").get(1).click();
        browser.confirm();
        browser.await("deleted", () -> browser.elements("#jobs li").size() == 1);
        assertNeitherErrorsNorForeignRequests();
    }

    private void open(String job) {
        browser.elements("#jobs [data-job='" + id(job) + "']").get(0).click();
    }

    private String id(String job) {
        return (String) browser.run(
                "return [...document.querySelectorAll('#jobs .open')].find("
                        + "(row) => row.querySelector('.name').textContent === arguments[0]).dataset.job",
                job);
    }

    /** Position, intensity and label under the crosshair in the slice with the most labels. */
    private String largestSlice() {
        browser.press("r");
        return browser.text("place-text");
    }

    /** An image that is accepted as a job, and in which the model finds that a value is not a number. */
    private Path damaged() {
        float[] values = new float[Heads.SIZE * Heads.SIZE * Heads.SIZE];
        values[0] = Float.NaN;
        Path file = folder.resolve("damaged.nii.gz");
        Nifti.write(file, new Volume(Heads.grid(false), values));
        return file;
    }

    private void awaitFailure(String job) {
        browser.await(job, () -> browser.text("message").startsWith(job + " failed"));
    }

    /** Opens a job, one file of which is on its way until {@link Chromium#release}. */
    private void openWithLate(String file, String job) {
        browser.holdBack(id(job) + "/" + file);
        open(job);
        browser.awaitHeldBack();
    }

    @Test
    void aFileThatArrivesLateIsNotShownUnderTheJobThatWasOpenedMeanwhile() {
        browser.await("empty");
        send(phantom(), "student");
        awaitResult("Job 1");
        send(Heads.image(folder.resolve("head.nii.gz"), false), "student");
        awaitResult("Job 2");
        String alone = largestSlice();

        for (String file : List.of("image", "labels")) {
            openWithLate(file, "Job 1");
            open("Job 2");
            awaitResult("Job 2");
            browser.release();
            assertEquals(alone, largestSlice(), file);
        }
        assertNeitherErrorsNorForeignRequests();
    }

    @Test
    void aFileThatArrivesLateIsNotShownInPlaceOfTheReasonWhyAnotherJobFailed() {
        browser.await("empty");
        send(phantom(), "student");
        awaitResult("Job 1");
        send(damaged(), "student");
        awaitFailure("Job 2");

        for (String file : List.of("image", "labels")) {
            openWithLate(file, "Job 1");
            open("Job 2");
            awaitFailure("Job 2");
            browser.release();
            assertOnlyTheFailureIsSeen();
        }

        open("Job 1");
        awaitResult("Job 1");
        browser.holdBack(id("Job 1") + "/uncertainty");
        browser.press("u");
        browser.awaitHeldBack();
        open("Job 2");
        awaitFailure("Job 2");
        browser.release();
        assertOnlyTheFailureIsSeen();
        browser.press("u");
        assertOnlyTheFailureIsSeen();
        assertNeitherErrorsNorForeignRequests();
    }

    @Test
    void theEndOfAJobIsShownIfAnOlderAnswerArrivesAfterItsEventOrTheEventIsLost() {
        browser.await("empty");
        Path image = Heads.image(folder.resolve("head.nii.gz"), false);
        browser.holdBack("/api/jobs/");
        send(image, "student");
        browser.await("the image", () -> (Boolean) browser.run("return window.held.length > 1"));
        browser.release();
        awaitResult("Job 1");

        browser.run("window.EventSource = class { addEventListener() {} close() {} }");
        send(image, "student");
        awaitResult("Job 2");
        assertNeitherErrorsNorForeignRequests();
    }

    private void assertOnlyTheFailureIsSeen() {
        assertTrue(browser.text("message").startsWith("Job 2 failed"), browser.text("message"));
        assertEquals("failed", browser.run("return document.documentElement.dataset.state"));
        assertEquals("", browser.text("place-text"));
        assertFalse(browser.element("panel").isDisplayed());
    }

    @Test
    void aJobThatArrivesLateIsNotComparedInPlaceOfTheOneChosenAfterIt() {
        browser.await("empty");
        Path image = phantom();
        send(Heads.image(folder.resolve("head.nii.gz"), false), "student");
        awaitResult("Job 1");
        send(image, "student");
        awaitResult("Job 2");
        send(image, "teacher");
        awaitResult("Job 3");

        browser.holdBack("/api/jobs/" + id("Job 1"));
        browser.choose("other", "Job 1, student");
        browser.awaitHeldBack();
        browser.choose("other", "Job 2, student");
        browser.await("comparison", () -> browser.element("comparison-detail").isDisplayed());
        String agreement = browser.text("agreement");
        browser.release();

        assertTrue(browser.element("comparison-detail").isDisplayed());
        assertEquals(agreement, browser.text("agreement"));
        assertFalse(browser.element("comparison-error").isDisplayed(), browser.text("comparison-error"));
        assertNeitherErrorsNorForeignRequests();
    }

    @Test
    void aDroppedFileThatIsNoImageFailsWithTheReasonOnThePage() {
        browser.await("empty");
        browser.run("const transfer = new DataTransfer();"
                + "transfer.items.add(new File(['no image at all'], 'Doe^Jane.nii.gz'));"
                + "window.dispatchEvent(new DragEvent('drop', {dataTransfer: transfer, cancelable: true}));");
        browser.await("dropped", () -> browser.text("chosen").contains("Doe"));
        browser.element("send").click();
        browser.await(
                "refused",
                () -> browser.element("intake-error").isDisplayed()
                        || browser.text("message").contains("failed"));
        String all = browser.text("intake-error") + browser.text("message");
        assertTrue(!all.isBlank() && !all.contains("Jane"), all);
    }

    @Test
    @Tag("shared")
    void aRealPatientIsUploadedAndSeen() {
        Path image = Shared.file("data/brats/BraTS2021_00006/BraTS2021_00006_t1ce.nii.gz");
        browser.await("empty");
        browser.run(WATCH);
        send(image, "student");
        awaitResult("Job 1");
        String seen = browser.run("return window.seen.join('; ')").toString();
        assertTrue(seen.contains("Job 1 is running: "), seen);
        assertOverlayIsSeen();
        assertNeitherErrorsNorForeignRequests();
    }
}
