package dev.preceptor.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.cohort.Cohort;
import dev.preceptor.cohort.CohortFixture;
import dev.preceptor.cohort.CohortSummary;
import dev.preceptor.cohort.ScanCache;
import dev.preceptor.cohort.Subject;
import dev.preceptor.phantom.PhantomCohort;
import dev.preceptor.phantom.PhantomRecipe;
import dev.preceptor.volume.Sequence;
import dev.preceptor.volume.Volume;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

@Tag("integration")
class CohortPageTest {
    /** Anything that a browser loads: an address that is neither a place on the page nor data. */
    private static final Pattern LOADED =
            Pattern.compile("(src|href|srcset|data|action)=\"(?!#|data:image/png)|url\\(|@import|https?://");

    @TempDir
    private Path folder;

    private static CohortPage page(Cohort cohort, int threads) {
        return CohortPage.of(cohort, threads, ScanCache.NONE);
    }

    private static String html(Path cohort) {
        return page(Cohort.open(cohort), 2).page().html();
    }

    /** The visible part of the page as XML, which it is although HTML need not be. */
    private static Document parsed(String html) throws Exception {
        String body = html.substring(html.indexOf("<body>"), html.lastIndexOf("<script>")) + "</body>";
        return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new InputSource(new StringReader(body)));
    }

    private static int count(String html, String part) {
        return html.split(Pattern.quote(part), -1).length - 1;
    }

    @Test
    void theSubjectsAndRegionsOfPhantomsAreShown() throws Exception {
        Path cohort = folder.resolve("phantoms");
        PhantomCohort.write(PhantomRecipe.defaults().withSize(32).withSubjects(3), cohort, 2, (id, done, total) -> {});
        String html = html(cohort);
        for (Subject subject : Cohort.open(cohort).subjects()) {
            assertTrue(html.contains("<strong>" + subject.id() + "</strong>"), subject.id());
        }
        for (String part : new String[] {"WT, ml", "TC, ml", "ET, ml", "BRATS_2018", "BraTS folders", ">R</text>"}) {
            assertTrue(html.contains(part), part);
        }
        assertTrue(html.contains(
                CohortSummary.of(Cohort.open(cohort)).fingerprint().hash()));
        assertEquals(12, count(html, "data:image/png"));
        assertTrue(html.contains("class=\"outline wt\""));
        assertEquals(12, count(html, "class=\"outlines\""), "the box that hides outlines finds those of every slice");
        parsed(html);
    }

    @Test
    void theRegionsAreThoseOfTheLabelSpaceUnderTheirOwnNames() throws Exception {
        Path root = CohortFixture.nnunet(folder.resolve("c"), 2).root();
        Files.writeString(
                root.resolve("dataset.json"),
                "{\"channel_names\": {\"0\": \"CT\", \"1\": \"PET\", \"2\": \"DWI\", \"3\": \"ADC\"},"
                        + " \"labels\": {\"background\": 0, \"rim & <halo>\": 1, \"fibrosis\": 2, \"clot\": 3},"
                        + " \"file_ending\": \".nii.gz\"}");
        String html = html(root);
        parsed(html);
        for (String part : new String[] {"rim &amp; &lt;halo&gt;, ml", "fibrosis, ml", "clot, ml", ">PET<", ">ADC<"}) {
            assertTrue(html.contains(part), part);
        }
        assertTrue(html.contains("class=\"outline region-0\"") && html.contains("class=\"outline region-2\""));
        String text = parsed(html).getDocumentElement().getTextContent();
        assertFalse(text.matches("(?s).*\\b(WT|TC|ET|tumou?r)\\b.*"), "a word of BraTS is on the page");
    }

    @Test
    void thePageLoadsNothingAndSaysThatItShowsPatients() {
        String html = html(CohortFixture.brats2021(folder.resolve("c"), 2).root());
        assertFalse(LOADED.matcher(html).find(), "the page loads something");
        String foot = html.substring(html.indexOf("<footer>"));
        assertTrue(foot.contains("This page contains slices of patients"), foot);
    }

    @Test
    void theSameCohortGivesTheSameBytesOnAnyNumberOfThreads() {
        Cohort cohort =
                Cohort.open(CohortFixture.brats2021(folder.resolve("c"), 5).root());
        assertEquals(page(cohort, 1).page().html(), page(cohort, 4).page().html());
    }

    @Test
    void idsAreShownAsTheyAreAndNeverAsMarkup() throws Exception {
        CohortFixture fixture = CohortFixture.brats2021(folder.resolve("c"), 1);
        String evil = "<img src=x onerror=alert(1)>&\"'";
        fixture.legacySubject("", evil, 2, ".nii.gz");
        fixture.delete(evil, "t2");
        String html = html(fixture.root());
        assertFalse(html.contains("<img"), "an id was not escaped");
        assertTrue(html.contains("&lt;img src=x onerror=alert(1)&gt;&amp;&quot;&#39;"));
        NodeList ids = parsed(html).getElementsByTagName("strong");
        assertTrue(
                IntStream.range(0, ids.getLength())
                        .anyMatch(i -> ids.item(i).getTextContent().equals(evil)),
                "the mosaic names the subject");
    }

    @Test
    void whatASubjectLacksAndWhatIsFaultyIsSaidInWords() throws Exception {
        CohortFixture fixture = CohortFixture.brats2021(folder.resolve("c"), 4);
        fixture.delete("BraTS2021_00001", "t2").delete("BraTS2021_00002", "seg");
        Files.write(fixture.file("BraTS2021_00003", "flair"), new byte[] {31, (byte) 139, 8, 0, 1});
        fixture.replaceLabels("BraTS2021_00004", bytes(9));
        Files.write(fixture.root().resolve("stray.nii"), new byte[10]);
        CohortPage page = page(Cohort.open(fixture.root()), 2);
        String html = page.page().html();
        Document document = parsed(html);
        assertEquals("present present present absent present", states(document, "BraTS2021_00001"));
        assertEquals("present present present present absent", states(document, "BraTS2021_00002"));
        assertEquals("faulty present present present present", states(document, "BraTS2021_00003"));
        assertEquals("present present present present faulty", states(document, "BraTS2021_00004"));
        assertEquals(
                page.summary().problems().size(), count(html, "<dd><span class=\"mark"), "every line of the summary");
        assertTrue(html.contains("2, and 1 faulty label map"), "labelled");
        assertTrue(html.contains("no labels"), "in the mosaic");
        assertTrue(html.contains("stray.nii"), "unused files");
    }

    /** The words in the row of a subject: FLAIR, T1, T1CE, T2, labels. */
    private static String states(Document document, String subject) {
        NodeList rows = document.getElementsByTagName("tr");
        for (int i = 0; i < rows.getLength(); i++) {
            String text = rows.item(i).getTextContent();
            boolean isOfMatrix = text.startsWith(subject) && text.matches(".*[\u25cf\u25cb\u2715].*");
            if (isOfMatrix) {
                return text.substring(subject.length())
                        .replaceAll("[\u25cf\u25cb\u2715]", " ")
                        .strip();
            }
        }
        return "no row of " + subject;
    }

    private static byte[] bytes(int value) {
        byte[] labels = new byte[CohortFixture.SIZE.voxels()];
        labels[200] = (byte) value;
        return labels;
    }

    @Test
    void aSubjectOfOtherIntensitiesIsNamedWithItsFigure() {
        CohortFixture fixture = CohortFixture.brats2021(folder.resolve("c"), 8);
        Volume usual = CohortFixture.volume(5, Sequence.T1);
        float[] bright = usual.voxels().clone();
        for (int i = 0; i < bright.length; i++) {
            bright[i] *= 40;
        }
        fixture.replace("BraTS2021_00005", "t1", new Volume(usual.grid(), bright));
        String html = html(fixture.root());
        assertEquals(1, count(html, "<ul class=\"outliers\">"));
        assertTrue(html.contains("<strong>BraTS2021_00005</strong>: median "), html);
        assertTrue(html.contains(">A \u2192</text>"), "its line is beyond the axis");
    }

    @Test
    void subjectsOnOtherGridsAreNamed() {
        CohortFixture fixture = CohortFixture.brats2021(folder.resolve("c"), 2);
        String html = html(fixture.root());
        assertTrue(html.contains("12 \u00d7 10 \u00d7 8"), "the size");
        assertTrue(html.contains(">LPS<"), "the orientation");
    }

    @Test
    void thePageOfTwoHundredSubjectsIsBounded() throws IOException {
        Path root = folder.resolve("c");
        CohortFixture.brats2021(root, 2);
        Path pattern = root.resolve("BraTS2021_00001");
        for (int n = 3; n <= 200; n++) {
            String id = String.format("BraTS2021_%05d", n);
            Path subject = Files.createDirectory(root.resolve(id));
            for (String end :
                    new String[] {"_t1.nii.gz", "_t1ce.nii.gz", "_t2.nii.gz", "_flair.nii.gz", "_seg.nii.gz"}) {
                Files.createLink(subject.resolve(id + end), pattern.resolve(pattern.getFileName() + end));
            }
        }
        String html = html(root);
        assertEquals(CohortPage.MAX_SLICES, count(html, "data:image/png"));
        assertEquals(CohortPage.MAX_SUBJECTS, count(html, "class=\"case\""));
        assertTrue(html.contains("60 of 200 subjects are shown"));
        assertTrue(html.contains("BraTS2021_00200"), "every subject is in the list of files");
        assertTrue(html.length() < 12_000_000, html.length() + " characters");
    }

    @Test
    void theFileIsReplacedWhole() throws IOException {
        Path file = folder.resolve("page.html");
        Files.writeString(file, "before");
        page(Cohort.open(CohortFixture.brats2021(folder.resolve("c"), 1).root()), 1)
                .write(file);
        assertTrue(Files.readString(file).endsWith("</html>\n"));
    }
}
