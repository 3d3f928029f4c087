package dev.preceptor.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.InvalidFileException;
import dev.preceptor.cohort.SchemaDecision;
import dev.preceptor.html.Axis;
import dev.preceptor.html.Block;
import dev.preceptor.html.ColorRole;
import dev.preceptor.html.HtmlTable;
import dev.preceptor.html.HtmlWriter;
import dev.preceptor.html.Page;
import dev.preceptor.html.PairedPlot;
import dev.preceptor.html.Palette;
import dev.preceptor.html.Snippet;
import dev.preceptor.metrics.ConfusionCounts;
import dev.preceptor.metrics.Convention;
import dev.preceptor.metrics.Evaluation;
import dev.preceptor.metrics.EvaluationOptions;
import dev.preceptor.metrics.EvaluationText;
import dev.preceptor.metrics.RegionScore;
import dev.preceptor.nifti.Nifti;
import dev.preceptor.recipe.Recipe;
import dev.preceptor.table.Table;
import dev.preceptor.table.TableCell;
import dev.preceptor.volume.Grid;
import dev.preceptor.volume.LabelMap;
import dev.preceptor.volume.LabelSpace;
import dev.preceptor.volume.Region;
import dev.preceptor.volume.Size;
import dev.preceptor.volume.Volume;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("integration")
class ReportTest {
    private static final Grid GRID = Grid.of(new Size(24, 26, 20), 2);
    private static final String EVIL = "<script>alert('x')</script>&\"\u0007";
    /** Anything that a browser loads: an address that is neither a place on the page nor data. */
    private static final Pattern LOADED =
            Pattern.compile("(src|href|srcset|data|action)=\"(?!#|data:image/png)|url\\(|@import|https?://");

    @TempDir
    private Path folder;

    private static LabelMap cube(int from, int to) {
        byte[] labels = new byte[GRID.size().voxels()];
        for (int z = 6; z < 12; z++) {
            for (int y = 8; y < 16; y++) {
                for (int x = from; x < to; x++) {
                    labels[GRID.size().index(x, y, z)] = (byte) (x % 2 == 0 ? 4 : 2);
                }
            }
        }
        return new LabelMap(GRID, labels, LabelSpace.BRATS_2018);
    }

    private EvaluationReport evaluation(Convention convention) {
        for (int subject = 0; subject < 14; subject++) {
            String name = "S" + (10 + subject) + ".nii.gz";
            Nifti.write(folder.resolve("truth").resolve(name), cube(6, 14));
            Nifti.write(folder.resolve("guess").resolve(name), cube(6, 7 + subject % 7));
        }
        Path guess = folder.resolve("guess");
        Path truth = folder.resolve("truth");
        EvaluationOptions options =
                EvaluationOptions.DEFAULT.withSchema(LabelSpace.BRATS_2018).withConvention(convention);
        return new EvaluationReport(Evaluation.of(guess, truth, options), guess, truth, Optional.empty());
    }

    @Nested
    class APage {
        @Test
        void escapesEveryNameAndText() {
            Map<String, LabelMap> candidates = Map.of(EVIL, cube(6, 10));
            Volume image = new Volume(GRID, new float[GRID.size().voxels()]);
            Table table = new Table(
                    EVIL,
                    List.of(Table.Column.words(EVIL)),
                    List.of(Table.row(TableCell.of(EVIL).withDetail(EVIL).withMark(EVIL))));
            Map<String, Double> values = Map.of(EVIL, 0.5);
            String html = new Page(
                            EVIL,
                            EVIL,
                            EVIL,
                            List.of(new Page.Fact(EVIL, EVIL)),
                            List.of(EVIL),
                            List.of(new Page.Section(
                                    EVIL,
                                    List.of(
                                            new HtmlTable(table),
                                            new Snippet(EVIL, EVIL),
                                            new Block.Details(EVIL, true, List.of(new Block.Warning(EVIL))),
                                            new PairedPlot(
                                                    EVIL,
                                                    true,
                                                    3,
                                                    List.of(new PairedPlot.Group(EVIL, ColorRole.STUDENT, values))),
                                            Gallery.of(
                                                    List.of(EVIL),
                                                    id -> new Gallery.Patient(
                                                            id, EVIL, image, cube(6, 9), candidates))))))
                    .html();
            assertFalse(html.contains("alert('x')"), "a name was not escaped");
            assertFalse(html.contains("\u0007"));
            assertEquals(1, html.split("<script>", -1).length - 1, "only the script of the page");
            assertTrue(html.contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;&quot;\ufffd"));
        }

        @Test
        void loadsNothing() {
            String html = evaluation(Convention.BRATS_LEGACY).page().html();
            assertFalse(LOADED.matcher(html).find(), "the page loads something");
            assertTrue(html.contains("<style>") && html.contains("<script>"));
        }

        @Test
        void hasTheSameBytesForTheSameContent() {
            EvaluationReport report = evaluation(Convention.BRATS_LEGACY);
            assertEquals(report.page().html(), report.page().html());
        }
    }

    @Nested
    class AnEvaluation {
        @Test
        void showsTheWorstFirstAndCountsThoseLeftOut() {
            String html = evaluation(Convention.BRATS_LEGACY).page().html();
            int worst = html.indexOf("<strong>S10</strong>");
            int better = html.indexOf("<strong>S15</strong>");
            assertTrue(worst > 0 && better > worst, worst + " and " + better);
            assertEquals(EvaluationGallery.DRAWN, html.split("class=\"case\"", -1).length - 1);
            assertTrue(html.contains("the 2 better ones are left out"));
        }

        @Test
        void namesTheDiceThatItShows() {
            assertTrue(evaluation(Convention.BRATS_LEGACY)
                    .page()
                    .html()
                    .contains("<caption>Scores under BRATS_LEGACY, volumetric Dice, over 14 subjects</caption>"));
            assertTrue(evaluation(Convention.SLICE_MTCM)
                    .page()
                    .html()
                    .contains("<caption>Scores under SLICE_MTCM, slice Dice (MTCM), over 14 subjects</caption>"));
        }

        @Test
        void saysOverHowManySubjectsAMeanIsWhereSomeAreUndefined() {
            evaluation(Convention.NNUNET);
            Nifti.write(folder.resolve("truth/S10.nii.gz"), cube(6, 6));
            Nifti.write(folder.resolve("guess/S10.nii.gz"), cube(6, 6));
            EvaluationOptions options =
                    EvaluationOptions.DEFAULT.withSchema(LabelSpace.BRATS_2018).withConvention(Convention.NNUNET);
            Path guess = folder.resolve("guess");
            Path truth = folder.resolve("truth");
            String html = new EvaluationReport(Evaluation.of(guess, truth, options), guess, truth, Optional.empty())
                    .page()
                    .html();
            assertTrue(html.matches(
                    "(?s).*>volumetric Dice</th><td [^>]*>0\\.\\d{3} \u00b1 0\\.\\d{3} \\(13 of 14\\)<.*"));
            assertTrue(html.matches("(?s).*volumetric Dice &amp; 0\\.\\d{3} \\$\\\\pm\\$ 0\\.\\d{3} \\(13 of 14\\).*"));
            assertTrue(html.matches("(?s).*>Specificity</th><td [^>]*>\\d\\.\\d{3} \u00b1 \\d\\.\\d{3}<.*"));
        }

        private static Evaluation ofDice(double... dice) {
            List<Evaluation.Case> cases = Arrays.stream(dice)
                    .mapToObj(one -> {
                        RegionScore score = new RegionScore(one, 5, 1, 1, 2, 2, new ConfusionCounts(1, 0, 0, 1));
                        return new Evaluation.Case(
                                "S" + one,
                                Path.of("S" + one),
                                Path.of("R" + one),
                                Map.of(Region.WT, score, Region.TC, score, Region.ET, score));
                    })
                    .toList();
            return new Evaluation(
                    Convention.BRATS_LEGACY,
                    SchemaDecision.asGiven(LabelSpace.BRATS_2018),
                    cases,
                    List.of(),
                    List.of());
        }

        private String page(Evaluation evaluation) {
            return new EvaluationReport(evaluation, folder, folder, Optional.empty())
                    .page()
                    .html();
        }

        @Test
        void hasTheDeviationOfTheTerminal() {
            Evaluation two = ofDice(0.6, 0.8);
            String terminal = EvaluationText.of(two);
            assertTrue(terminal.matches("(?s).*\nWT +0\\.7000 +0\\.1414 .*"), terminal);
            assertTrue(page(two).contains(">0.700 \u00b1 0.141<"));
        }

        @Test
        void hasNoDeviationOfOneSubject() {
            Evaluation one = ofDice(0.6);
            String terminal = EvaluationText.of(one);
            assertTrue(terminal.matches("(?s).*\nWT +0\\.6000 +NaN .*"), terminal);
            assertTrue(page(one).contains(">0.600<"));
        }

        @Test
        void isWrittenBesideTheScores() {
            Path file = evaluation(Convention.BRATS_LEGACY).write(folder.resolve("out"));
            assertEquals(folder.resolve("out/report/index.html"), file);
            assertTrue(Files.exists(file));
        }
    }

    @Nested
    class ATable {
        private final Table table = new Table(
                "Dice & co",
                List.of(Table.Column.words("network_a"), Table.Column.numbers("50 %")),
                List.of(
                        Table.row(
                                TableCell.of("kd_net").withMark("LEAKAGE: 1 of 2"),
                                new TableCell.Mean(0.8123, 0.05, 3)),
                        Table.row(TableCell.of("none"), TableCell.of(Double.NaN, 3))));

        @Test
        void canBeSortedByKeyboard() {
            HtmlWriter page = new HtmlWriter();
            new HtmlTable(table).render(page);
            String html = page.finish();
            assertTrue(
                    html.contains(
                            "<th scope=\"col\" class=\"number\" aria-sort=\"none\"><button type=\"button\">50 %</button></th>"));
            assertTrue(html.contains("data-order=\"0.8123\""), html);
            assertTrue(html.contains("data-order=\"NaN\""), html);
        }
    }

    @Nested
    class ARun {
        @Test
        void isReportedFromItsFolder() throws IOException {
            Recipe.load("kd-net-small", List.of()).write(folder.resolve("recipe.yaml"));
            Files.writeString(
                    folder.resolve("run.json"),
                    "{\"state\": \"finished\", \"cohort\": \"somewhere\", \"split\": {\"training\": [\"S1\"]}}");
            Files.writeString(
                    folder.resolve("metrics.jsonl"),
                    line(1, "1.5") + line(2, "1.25") + line(3, "\"NaN\"") + line(4, "1.75"));
            String html = Files.readString(RunReport.write(folder));
            assertTrue(html.contains("<figcaption>kd</figcaption>"), "a panel for each term");
            assertTrue(html.contains("1.2500"), "the lowest loss");
            assertTrue(html.contains("lambda 0.75"), "the numbers of the recipe");
            assertTrue(html.contains("S1"));
        }

        @ParameterizedTest
        @CsvSource({
            "TOTAL, 1, 0.5000, the total loss",
            "SUPERVISED, 2, 0.2000, the supervised term of the loss",
            "DICE, 3, 0.1000, one minus the mean Dice"
        })
        void showsTheEpochThatItsMonitorSelects(String monitor, int epoch, String loss, String name)
                throws IOException {
            Recipe.load("kd-net-small", List.of("validation.monitor=" + monitor))
                    .write(folder.resolve("recipe.yaml"));
            Files.writeString(folder.resolve("run.json"), "{\"state\": \"finished\", \"split\": {}}");
            Files.writeString(
                    folder.resolve("metrics.jsonl"),
                    validated(1, 0.5, 0.4, 0.6) + validated(2, 0.9, 0.2, 0.7) + validated(3, 0.8, 0.3, 0.9));
            String html = Files.readString(RunReport.write(folder));
            assertTrue(html.matches("(?s).*>" + loss + "</td>\\s*<td[^>]*>" + epoch + "</td>.*"), html);
            assertTrue(html.contains("The monitored loss is " + name), html);
        }

        private String validated(int epoch, double total, double supervised, double dice) {
            return "{\"role\":\"student\",\"epoch\":" + epoch + ",\"training\":{\"loss\":2.0,\"gt\":1.0},"
                    + "\"validation\":{\"loss\":" + total + ",\"gt\":" + supervised + ",\"dice_WT\":" + dice + "}}\n";
        }

        @Test
        void leavesOutALineThatIsNotCompleteYet() throws IOException {
            Files.writeString(folder.resolve("metrics.jsonl"), line(1, "1.5") + line(2, "1.25") + "{\"role\": \"stu");
            assertEquals(2, TrainingLog.in(folder).epochs().size());
        }

        @Test
        void isRefusedIfItsLogIsBroken() throws IOException {
            Files.writeString(folder.resolve("metrics.jsonl"), line(1, "1.5") + "{\"role\": \n");
            InvalidFileException e = assertThrows(InvalidFileException.class, () -> TrainingLog.in(folder));
            assertTrue(e.getMessage().contains("line 2"), e.getMessage());
        }

        private String line(int epoch, String loss) {
            return "{\"role\":\"student\",\"epoch\":" + epoch + ",\"learning_rate\":0.001,\"seconds\":2.0,"
                    + "\"training\":{\"loss\":2.0,\"kd\":0.5},\"validation\":{\"loss\":" + loss
                    + ",\"dice_WT\":0.5}}\n";
        }
    }

    @Test
    void regionsHaveOneColourInPicturesAndOnPages() {
        String html = evaluation(Convention.BRATS_LEGACY).page().html();
        Volume image = new Volume(GRID, new float[GRID.size().voxels()]);
        BufferedImage picture =
                new SlicePicture("P", Map.of("T1CE", image), cube(6, 14), Map.of("a", cube(6, 12))).draw();
        int[] pixels = picture.getRGB(0, 0, picture.getWidth(), picture.getHeight(), null, 0, picture.getWidth());
        for (Region region : Region.BRATS) {
            int colour = Palette.of(region, Region.BRATS).getRGB();
            String rule = String.format(
                    ".%s { --region: #%06x; }", region.name().toLowerCase(Locale.ROOT), colour & 0xffffff);
            assertTrue(html.contains(rule), "the page lacks " + rule);
            assertTrue(Arrays.stream(pixels).anyMatch(pixel -> pixel == colour), "the picture lacks " + region);
        }
    }

    @Test
    void recipesThatDifferAreDescribedWithTheirNames() {
        Map<String, Recipe> recipes = new LinkedHashMap<>();
        recipes.put("slow", Recipe.load("baseline-small", List.of("optimization.learningRate=0.001")));
        recipes.put("fast", Recipe.load("baseline-small", List.of("optimization.learningRate=0.01")));
        String text = RecipeText.of(recipes);
        assertTrue(text.contains("In slow: Adam (learning rate 0.001"), text);
        assertTrue(text.contains("In fast: Adam (learning rate 0.01"), text);
        assertEquals(1, text.split("Volumes were", -1).length - 1, "common settings are described once: " + text);
    }

    @Test
    void whatSelectsTheWeightsIsDescribed() {
        String total = RecipeText.of(Recipe.load("kd-net-small", List.of()));
        assertTrue(total.contains("the weights with the lowest validation loss were taken"), total);
        String supervised = RecipeText.of(Recipe.load("kd-net-balanced-small", List.of()));
        assertTrue(
                supervised.contains("the weights with the lowest supervised validation loss were taken"), supervised);
        String dice = RecipeText.of(Recipe.load("mtcm-kd-small", List.of("validation.monitor=DICE")));
        assertTrue(dice.contains("the weights with the highest mean Dice of the validation subjects"), dice);
    }

    @Test
    void networksOfTeachersThatDifferFromTheStudentsAreDescribed() {
        String same = RecipeText.of(Recipe.load("kd-net-small", List.of()));
        assertTrue(same.contains("Networks: unet, with widths [16,32,64], skips 2."), same);
        String other =
                RecipeText.of(Recipe.load("kd-net-small", List.of("teacherNetwork={name: resunet, widths: [32, 64]}")));
        assertTrue(
                other.contains(
                        "Network of the student: unet, with widths [16,32,64], skips 2; of the teachers: resunet,"
                                + " with widths [32,64]."),
                other);
        String trained = RecipeText.of(Recipe.load("kd-net-small", List.of("teacherModels=runs/teacher")));
        assertTrue(trained.contains("; the teachers have those of their model files."), trained);
    }

    @Test
    void anOutlineIsOneClosedLineAroundARegion() {
        float[] field = new float[8 * 8];
        for (int i : List.of(27, 28, 35, 36)) {
            field[i] = 1;
        }
        String path = Outline.of(Contour.of(field, 8, 8, 0.5f));
        assertEquals(1, path.chars().filter(c -> c == 'M').count(), path);
        assertTrue(path.endsWith("Z"), path);
    }

    @Test
    void ticksAreRoundAndTheAxisHoldsTheValues() {
        Axis axis = Axis.around(0.93, 1.31, 3);
        assertTrue(axis.low() <= 0.93 && axis.high() >= 1.31);
        assertEquals(
                List.of("0.8", "1.0", "1.2", "1.4"),
                axis.ticks().stream().map(axis::label).toList());
        assertEquals(Axis.UNIT, Axis.around(Double.NaN, 1, 3));
        assertEquals(0, Axis.around(2, 2, 3).low(), "an axis of equal values starts at 0");
    }
}
