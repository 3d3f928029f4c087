package dev.preceptor.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.metrics.Convention;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class StudyFilesTest {
    @TempDir
    private static Path shared;

    private static Study study;
    private static StudyResult result;

    @TempDir
    private Path folder;

    @BeforeAll
    static void compare() {
        study = StudyFixture.study(shared);
        result = StudyFixture.result(study);
    }

    @Test
    void comparisonsKeepTheirBytes() throws IOException {
        StudyFiles.write(result, folder);
        assertEquals(expected("comparison.md"), Files.readString(folder.resolve("comparison.md")));
        assertEquals(expected("comparison.csv"), Files.readString(folder.resolve("comparison.csv")));
        assertEquals(result, StudyResult.read(folder.resolve("study.json")));
    }

    @Test
    void theTerminalKeepsItsBytes() throws IOException {
        assertEquals(expected("terminal.txt"), StudyFiles.text(result));
    }

    @Test
    void theReportShowsTheSameTablesAndMarksLeakage() {
        StudyGallery gallery =
                new StudyGallery(result, folder, folder.resolve("none"), Optional.empty(), Optional.empty());
        String html = new StudyReport(study, result, gallery).page().html();
        for (String part : new String[] {
            "<caption>Volumetric Dice, paired by subject</caption>",
            "taught <span class=\"mark\">LEAKAGE: 1 of 6</span> - alone",
            "<caption>Trials</caption>",
            "1 of 12 trials failed",
            "other - alone leaves out seed 2 in 3 of 6 subjects",
            "44 %<span class=\"detail\">[18 %, 67 %]</span>"
        }) {
            assertTrue(html.contains(part), "the report lacks " + part);
        }
    }

    @Test
    void severalScansOfAPatientAreWarnedAboutWhereverTheStatisticsAre() {
        StudyResult sessions = StudyFixture.result(study, "sub-1_ses-%d");
        String warning =
                "6 scored subjects of 1 patient: means, intervals and tests count each scan as a patient of its own";
        assertTrue(sessions.warnings().get(sessions.warnings().size() - 1).startsWith(warning));
        assertTrue(StudyFiles.text(sessions).contains("\n" + warning));
        StudyGallery gallery =
                new StudyGallery(sessions, folder, folder.resolve("none"), Optional.empty(), Optional.empty());
        String html = new StudyReport(study, sessions, gallery).page().html();
        assertTrue(html.contains(warning), html);
        assertTrue(html.contains("6 subjects of 1 patient, each in a held-out fold"), html);
    }

    @ParameterizedTest
    @EnumSource(names = {"BRATS_LEGACY", "SLICE_MTCM"})
    void everyDiceSaysWhichOneItIs(Convention convention) throws IOException {
        StudyResult scored =
                StudyFixture.result(StudyFixture.study(folder, "convention: " + convention + "\nsubject: taught\n"));
        StudyFiles.write(scored, folder);
        String written = Files.readString(folder.resolve("comparison.md")) + StudyFiles.text(scored);
        assertTrue(written.contains("WT slice Dice (MTCM)"), written);
        assertEquals(convention != Convention.SLICE_MTCM, written.contains("WT volumetric Dice"), written);
        Matcher plain = Pattern.compile(".*(?<![Ss]lice |[Vv]olumetric )Dice.*").matcher(written);
        assertFalse(plain.find(), () -> "neither slice nor volumetric: " + plain.group());
        assertTrue(StudyFiles.text(scored).contains("convention " + convention), written);
        for (String file : List.of("comparison.csv", "controls.csv")) {
            List<String> lines = Files.readAllLines(folder.resolve(file));
            assertTrue(lines.get(0).endsWith(",convention"), lines.get(0));
            lines.subList(1, lines.size()).forEach(line -> assertTrue(line.endsWith("," + convention), line));
        }
    }

    @Test
    void sliceDiceIsShownOnceWhereItIsTheDiceOfTheConvention() throws IOException {
        StudyResult scored = StudyFixture.result(StudyFixture.study(folder, "convention: SLICE_MTCM\n"));
        StudyFiles.write(scored, folder);
        String markdown = Files.readString(folder.resolve("comparison.md"));
        assertEquals(1, markdown.split("## Slice Dice", -1).length - 1, markdown);
        assertEquals(1, markdown.split("taught .* - alone \\| WT slice Dice", -1).length - 1, markdown);
        StudyGallery gallery =
                new StudyGallery(scored, folder, folder.resolve("none"), Optional.empty(), Optional.empty());
        String html = new StudyReport(study, scored, gallery).page().html();
        assertEquals(1, html.split("<caption>Slice Dice \\(MTCM\\) under", -1).length - 1);
    }

    @Test
    void theBuildsThatScoredTheTrialsAreNamed() {
        assertEquals(List.of("1, commit c", "1, commit d"), result.software());
        StudyGallery gallery =
                new StudyGallery(result, folder, folder.resolve("none"), Optional.empty(), Optional.empty());
        String html = new StudyReport(study, result, gallery).page().html();
        assertTrue(html.contains("Software: Preceptor 1, commit c and 1, commit d"), html);
        String warning = "the trials were scored by 2 builds of Preceptor (1, commit c and 1, commit d)";
        assertTrue(html.contains(warning), html);
        assertTrue(StudyFiles.text(result).contains(warning), StudyFiles.text(result));
    }

    @Test
    void aResultFromBeforeBuildsWereListedIsRead() throws IOException {
        StudyFiles.write(result, folder);
        Path file = folder.resolve("study.json");
        String json = Files.readString(file);
        Files.writeString(file, json.replaceAll("\\s*\"software\" : \\[[^\\]]*\\],", ""));
        assertEquals(List.of(), StudyResult.read(file).software());
    }

    @Test
    void controlsOfAnEarlierResultAreRemovedWithTheArmOfInterest() {
        Study withSubject = TinyStudies.study(folder, "subject: taught\n" + StudyFixture.YAML);
        Path controls = folder.resolve("controls.csv");
        StudyFiles.write(StudyFixture.result(withSubject), folder);
        assertTrue(Files.exists(controls));
        StudyFiles.write(result, folder);
        assertFalse(Files.exists(controls));
    }

    private static String expected(String name) throws IOException {
        try (InputStream in = StudyFilesTest.class.getResourceAsStream(name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
