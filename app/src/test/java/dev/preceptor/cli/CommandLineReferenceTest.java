package dev.preceptor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.preceptor.base.AtomicFiles;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** {@code docs/reference/cli.md} has the help of every command; {@code -Dpreceptor.docs=write} writes the file. */
class CommandLineReferenceTest {
    private static final Path REFERENCE =
            Path.of(System.getProperty("preceptor.root", "..")).resolve("docs/reference/cli.md");

    private static final String INTRODUCTION = """
            # Command line

            Every command and option, as `./preceptor COMMAND --help` prints them. This page is generated; do not edit it.
            The [guide](../README.md) explains the commands with examples.
            """;

    @Test
    void theReferenceHasTheHelpOfEveryCommand() throws IOException {
        String reference = reference();
        if (System.getProperty("preceptor.docs", "").equals("write")) {
            AtomicFiles.writeString(REFERENCE, reference);
        }
        assertEquals(
                reference,
                Files.exists(REFERENCE) ? Files.readString(REFERENCE) : "",
                REFERENCE + " differs from the help texts; run this test with -Dpreceptor.docs=write to update it");
    }

    private static String reference() {
        CommandLine preceptor = Main.commandLine(new StringWriter(), new StringWriter());
        StringBuilder page = new StringBuilder(INTRODUCTION);
        append(page, preceptor);
        return page.toString();
    }

    private static void append(StringBuilder page, CommandLine command) {
        String help = command.getUsageMessage(CommandLine.Help.Ansi.OFF)
                .lines()
                .map(String::stripTrailing)
                .collect(Collectors.joining("\n"));
        page.append("\n## ").append(command.getCommandSpec().qualifiedName());
        page.append("\n\n```\n").append(help.strip()).append("\n```\n");
        command.getSubcommands().values().forEach(subcommand -> append(page, subcommand));
    }
}
