package dev.preceptor.viewer;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.logging.Level;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;

/** A Chromium without a window, with WebGL in software, as Debian packages it. */
final class Chromium implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(180);
    private static final Pattern REQUEST =
            Pattern.compile("\"method\":\"Network\\.requestWillBeSent\".*?\"request\":\\{.*?\"url\":\"([^\"]+)\"");

    private final ChromeDriver driver;

    /** Starts one, or skips the test where there is none. */
    Chromium() {
        Optional<Path> browser = onPath("chromium");
        Optional<Path> server = onPath("chromedriver");
        assumeTrue(
                browser.isPresent() && server.isPresent(),
                "skipped: no chromium and chromedriver on the PATH (Debian: chromium, chromium-driver)");
        LoggingPreferences logs = new LoggingPreferences();
        logs.enable(LogType.BROWSER, Level.ALL);
        logs.enable(LogType.PERFORMANCE, Level.ALL);
        ChromeOptions options = new ChromeOptions();
        options.setBinary(browser.get().toString());
        options.addArguments(
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--enable-unsafe-swiftshader",
                "--window-size=1300,860");
        options.setCapability("goog:loggingPrefs", logs);
        driver = new ChromeDriver(
                new ChromeDriverService.Builder()
                        .usingDriverExecutable(new File(server.get().toString()))
                        .build(),
                options);
        // Software needs long for a frame while other tests run beside it.
        driver.manage().timeouts().scriptTimeout(PATIENCE);
    }

    private static Optional<Path> onPath(String name) {
        return Stream.of(System.getenv("PATH").split(File.pathSeparator))
                .map(folder -> Path.of(folder, name))
                .filter(Files::isExecutable)
                .findFirst();
    }

    void open(String url) {
        // From another page, so that a change of the fragment alone loads it again.
        driver.get("about:blank");
        driver.get(url);
    }

    void clearCookies() {
        driver.manage().deleteAllCookies();
    }

    /** Waits until the page is in a state; fails with the message on the page if it fails. */
    void await(String state) {
        await(state, () -> {
            String now = (String) run("return document.documentElement.dataset.state");
            if (now != null && now.equals("failed") && !state.equals("failed")) {
                throw new AssertionError("the page failed: " + text("message"));
            }
            return state.equals(now);
        });
    }

    /** Waits until something holds. */
    void await(String what, Supplier<Boolean> holds) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!holds.get()) {
            if (System.nanoTime() > end) {
                throw new AssertionError(
                        "not within " + PATIENCE + ": " + what + "; the page says: " + text("message"));
            }
            try {
                Thread.sleep(150);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError(e);
            }
        }
    }

    /** Waits until the page has drawn what was changed. */
    void awaitFrame() {
        driver.executeAsyncScript("const done = arguments[0];"
                + "requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 50)));");
    }

    WebElement element(String id) {
        return driver.findElement(By.id(id));
    }

    List<WebElement> elements(String selector) {
        return driver.findElements(By.cssSelector(selector));
    }

    String text(String id) {
        return element(id).getText();
    }

    Object run(String script, Object... arguments) {
        return driver.executeScript(script, arguments);
    }

    /** From now on holds answers back whose address contains a text; they wait for {@link #release}. */
    void holdBack(String part) {
        run(
                "window.heldPart = arguments[0]; window.held = window.held ?? [];"
                        + "if (!window.realFetch) { window.realFetch = window.fetch;"
                        + "  window.fetch = async (address, ...rest) => {"
                        + "    const answer = await window.realFetch(address, ...rest);"
                        + "    if (window.heldPart && String(address).includes(window.heldPart)) {"
                        + "      await new Promise((resolve) => { window.held.push(resolve); }); }"
                        + "    return answer; }; }",
                part);
    }

    void awaitHeldBack() {
        await("an answer is held back", () -> (Boolean) run("return window.held.length > 0"));
    }

    /** Hands out the answers that are held back, and waits until the page has read them. */
    void release() {
        driver.executeAsyncScript("window.heldPart = null; window.held.splice(0).forEach((resolve) => resolve());"
                + "setTimeout(arguments[0], 1000);");
    }

    /** Presses a key on what has the focus. */
    void press(CharSequence... keys) {
        driver.switchTo().activeElement().sendKeys(keys);
        awaitFrame();
    }

    /** The id or the name of what has the focus after the next press of Tab. */
    String tab() {
        driver.switchTo().activeElement().sendKeys(Keys.TAB);
        return (String)
                run("const a = document.activeElement; return a.id || a.name || a.dataset.label || a.className;");
    }

    /** Moves a slider. */
    void slide(String id, int value) {
        run(
                "const slider = document.getElementById(arguments[0]); slider.value = arguments[1];"
                        + "slider.dispatchEvent(new Event('input'));",
                id,
                value);
        awaitFrame();
    }

    /** Chooses an entry of a list by its text. */
    void choose(String id, String text) {
        run(
                "const list = document.getElementById(arguments[0]);"
                        + "list.value = [...list.options].find((option) => option.text === arguments[1]).value;"
                        + "list.dispatchEvent(new Event('change'));",
                id,
                text);
    }

    /** Answers the question of the page with yes. */
    void confirm() {
        driver.switchTo().alert().accept();
    }

    BufferedImage screenshot() {
        try {
            return ImageIO.read(new ByteArrayInputStream(driver.getScreenshotAs(OutputType.BYTES)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Errors on the console since the last call. */
    List<String> errors() {
        return driver.manage().logs().get(LogType.BROWSER).getAll().stream()
                .filter(entry -> entry.getLevel().intValue() >= Level.SEVERE.intValue())
                .map(LogEntry::getMessage)
                .toList();
    }

    /** The hosts, with ports, to which requests went since the last call. */
    List<String> hosts() {
        List<String> hosts = new ArrayList<>();
        for (LogEntry entry : driver.manage().logs().get(LogType.PERFORMANCE)) {
            Matcher request = REQUEST.matcher(entry.getMessage());
            if (request.find() && request.group(1).startsWith("http")) {
                hosts.add(URI.create(request.group(1)).getAuthority());
            }
        }
        return hosts.stream().distinct().toList();
    }

    @Override
    public void close() {
        driver.quit();
    }
}
