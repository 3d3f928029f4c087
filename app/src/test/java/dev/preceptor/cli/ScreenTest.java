package dev.preceptor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.preceptor.phantom.PhantomCohort;
import dev.preceptor.phantom.PhantomRecipe;
import java.io.FileWriter;
import java.io.IOException;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Escaping and failures of standard output and standard error. */
class ScreenTest {
    private static final String HOSTILE = "x\u001b]0;owned\u0007\u001b[2J\u009b\u202e\r";

    @TempDir
    private Path folder;

    @Test
    void standardOutputOnAFullDiskFailsInOneLine() throws IOException {
        assumeTrue(Files.exists(Path.of("/dev/full")), "skipped: no /dev/full here");
        Path cohort = folder.resolve("cohort");
        PhantomCohort.write(PhantomRecipe.defaults().withSize(32).withSubjects(1), cohort, 1, (id, done, total) -> {});
        for (String[] command : new String[][] {{"cohort", cohort.toString()}, {"train", "--help"}, {"--version"}}) {
            StringWriter err = new StringWriter();
            try (Writer full = new FileWriter("/dev/full", StandardCharsets.UTF_8)) {
                assertEquals(1, Main.run(Main.commandLine(full, err), command), command[0]);
            } catch (IOException e) {
                assertTrue(e.getMessage().contains("No space"), "the rest of the text cannot be written either");
            }
            assertEquals(
                    "preceptor: error: standard output cannot be written: No space left on device; some of the output is lost",
                    err.toString().strip());
        }
    }

    @Test
    void fileNamesSendNoCommandsToATerminal() throws IOException {
        Path hostile = Files.createDirectory(folder.resolve(HOSTILE + "\nnext"));
        Files.writeString(hostile.resolve("recipe.yaml"), "a: [");
        for (Run run : new Run[] {
            Run.of("cohort", hostile.toString()),
            Run.of("inspect", hostile.resolve("recipe.yaml").toString()),
            Run.of("train", hostile.resolve("recipe.yaml").toString(), "--cohort", "c", "--out", "o"),
            Run.of("predict", "--model", hostile.toString(), "--out", "o", hostile.toString()),
            Run.of("phantom", "--" + HOSTILE)
        }) {
            assertEscaped(run.out() + run.err());
            assertEquals(1, run.errorLines().size(), run.err());
            assertTrue(run.code() > 0);
        }
    }

    @Test
    void everyTextIsEscapedAndOnlyTheBarSendsCommands() {
        StringWriter written = new StringWriter();
        Screen screen = Screen.over(written);
        long seed = 20;
        Random random = new Random(seed);
        for (int i = 0; i < 2000; i++) {
            screen.print((char) random.nextInt(0x3000));
            screen.printf("%s", HOSTILE);
        }
        screen.flush();
        assertEscaped(written.toString());
        ProgressBar bar = new ProgressBar(Screen.over(written), 400, () -> 0);
        bar.start(HOSTILE, "subject", 0, 2);
        bar.update(2, HOSTILE);
        bar.line(HOSTILE);
        bar.close();
        String without = written.toString()
                .replace("\r\u001b[K", "")
                .replaceFirst("\r", "")
                .replace("\u001b[K", "");
        assertEscaped(without);
        assertTrue(written.toString().contains("\r\u001b[K"), "the bar is erased");
    }

    @Test
    void escapesAreThoseOfJson() {
        StringWriter written = new StringWriter();
        Screen.over(written).printf("\"%s\"%n", "a\u009bb\u007f").flush();
        assertEquals("\"a\\u009bb\\u007f\"", written.toString().strip());
    }

    @Test
    void helpMentionsOnlyOptionsOfTheCommand() {
        CommandLine all = Main.commandLine(new StringWriter(), new StringWriter());
        all.getSubcommands().forEach((name, command) -> {
            TreeSet<String> named = new TreeSet<>();
            Pattern.compile("(?<![\\w-])--[a-z][a-z-]*")
                    .matcher(Run.of(name, "--help").out())
                    .results()
                    .map(MatchResult::group)
                    .forEach(named::add);
            named.removeAll(command.getCommandSpec().optionsMap().keySet());
            assertEquals(new TreeSet<String>(), named, name + " --help");
        });
    }

    private static void assertEscaped(String text) {
        assertFalse(
                text.chars().anyMatch(c -> (Character.isISOControl(c) && c != '\n' && c != '\t') || c == '\u202e'),
                text);
    }
}
