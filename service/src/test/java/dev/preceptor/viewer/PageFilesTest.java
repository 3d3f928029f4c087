package dev.preceptor.viewer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.Sha256;
import dev.preceptor.html.Palette;
import dev.preceptor.volume.LabelClass;
import dev.preceptor.volume.Region;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The files of the page fit together, without a browser. */
class PageFilesTest {
    private static final Path PAGE = Path.of("src/main/resources/dev/preceptor/viewer/page");

    private static List<Path> own() throws IOException {
        try (Stream<Path> files = Files.list(PAGE)) {
            return files.filter(Files::isRegularFile).sorted().toList();
        }
    }

    private static String scripts() throws IOException {
        StringBuilder text = new StringBuilder();
        for (Path file : own()) {
            if (file.toString().endsWith(".js")) {
                text.append(Files.readString(file)).append('\n');
            }
        }
        return text.toString();
    }

    private static Set<String> found(String pattern, String text) {
        return Pattern.compile(pattern)
                .matcher(text)
                .results()
                .map(match -> match.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void noFileOfThePageNamesAnotherHost() throws IOException {
        for (Path file : own()) {
            String text = Files.readString(file);
            assertEquals(Set.of(), found("((?:https?|wss?):?//[^\\s\"'`)]+)", text), file.toString());
            assertEquals(Set.of(), found("[\"'`(](//[a-z][^\\s\"'`)]*)", text), file.toString());
        }
    }

    @Test
    void niivueIsTheFileOfTheVersionThatWasTried() throws IOException {
        String licence = Files.readString(PAGE.resolve("niivue/LICENSE.txt"));
        assertTrue(licence.startsWith("NiiVue 0.69.0,"), licence);
        assertTrue(
                licence.contains("SHA-256 of niivue.js: " + Sha256.of(PAGE.resolve("niivue/niivue.js"))),
                "service/update-viewer.sh writes the checksum");
        assertTrue(licence.contains("BSD 2-Clause License"));
    }

    @Test
    void whatScriptsLookForIsOnThePage() throws IOException {
        String page = Files.readString(PAGE.resolve("index.html"));
        Set<String> ids = found("\\sid=\"([^\"]+)\"", page);
        String scripts = scripts();
        Set<String> wanted = found("(?:byId|click)\\('([^']+)'\\)", scripts);
        wanted.addAll(found("aria-(?:labelledby|describedby)=\"([^\"]+)\"", page));
        wanted.addAll(found("\\sfor=\"([^\"]+)\"", page));
        wanted.addAll(found("href=\"#([^\"]+)\"", page));
        wanted.removeAll(ids);
        assertEquals(Set.of(), wanted);
        for (String list : found("for \\(const id of \\[([^\\]]+)\\]\\)", scripts)) {
            assertTrue(ids.containsAll(found("'([^']+)'", list)), list);
        }
    }

    @Test
    void everyControlOfThePageHasAName() throws IOException {
        String page = Files.readString(PAGE.resolve("index.html"));
        Matcher controls =
                Pattern.compile("<(?:input|select|progress)\\b[^>]*>").matcher(page);
        List<String> nameless = new ArrayList<>();
        while (controls.find()) {
            String control = controls.group();
            boolean isWrapped =
                    page.lastIndexOf("<label", controls.start()) > page.lastIndexOf("</label>", controls.start());
            String id = control.replaceFirst("(?s).*\\sid=\"([^\"]+)\".*", "$1");
            if (!isWrapped && !control.contains("aria-label") && !page.contains("for=\"" + id + "\"")) {
                nameless.add(control);
            }
        }
        assertEquals(List.of(), nameless);
    }

    @Test
    void scriptsCallWhatTheInterfaceDescribes() throws IOException {
        String described;
        try (InputStream in = PageFilesTest.class.getResourceAsStream("/dev/preceptor/service/openapi.yaml")) {
            described = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
        Set<String> paths = found("(?m)^  (/[^\\s:]*):", described);
        // Of preceptor view alone.
        paths.add("/api/view");
        Set<String> called = found("['`](/api/[^'`?]*)", scripts()).stream()
                .map(path -> path.replaceAll("\\$\\{[^}]*}", "{id}"))
                .collect(Collectors.toCollection(TreeSet::new));
        assertTrue(called.size() >= 7, called.toString());
        called.removeAll(paths);
        assertEquals(Set.of(), called);
    }

    @Test
    void coloursAreThoseOfTheReports() throws IOException {
        String palette = Files.readString(PAGE.resolve("palette.js"));
        for (String name : found("\\b([A-Z]{2,4}): '#", palette)) {
            Region region = new Region(name, Set.of(LabelClass.ET), LabelClass.ET);
            assertTrue(palette.contains(name + ": '" + hex(region, List.of(region)) + "'"), name);
        }
        List<Region> nameless = IntStream.range(0, 64)
                .mapToObj(i -> Region.of("structure " + i, LabelClass.ET))
                .toList();
        String expected = nameless.stream().map(region -> hex(region, nameless)).collect(Collectors.joining(" "));
        String byPlace =
                palette.replaceFirst("(?s).*BY_PLACE = `([^`]*)`.*", "$1").strip();
        assertEquals(expected, byPlace.replaceAll("\\s+", " "));
    }

    private static String hex(Region region, List<Region> all) {
        return String.format(Locale.ROOT, "#%06x", Palette.of(region, all).getRGB() & 0xffffff);
    }
}
