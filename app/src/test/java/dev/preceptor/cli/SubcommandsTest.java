package dev.preceptor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class SubcommandsTest {
    /** Runs a call as {@link Main#main} does, with the commands that it needs only. */
    private static Run lazily(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine root = Subcommands.addFor(new CommandLine(new PreceptorCommand()), arguments);
        int code = Main.run(Main.configured(root, out, err), arguments);
        return new Run(code, out.toString(), err.toString());
    }

    @Test
    void aCallThatAddsOnlyTheCommandsItNeedsGivesTheSameOutput() {
        List<String[]> calls = new ArrayList<>(List.of(
                new String[] {},
                new String[] {"--help"},
                new String[] {"-h"},
                new String[] {"--version"},
                new String[] {"-V"},
                new String[] {"--debug"},
                new String[] {"--debug", "verify"},
                new String[] {"--help", "predict"},
                new String[] {"predikt"},
                new String[] {"--no-such-option"},
                new String[] {"predict", "--no-such-option"},
                new String[] {"inspect", "/no/such/file"},
                new String[] {"inspect", "/no/such/file", "--debug", "--version"}));
        Main.commandLine(new StringWriter(), new StringWriter())
                .getSubcommands()
                .keySet()
                .forEach(command -> calls.add(new String[] {command, "--help"}));
        for (String[] call : calls) {
            assertEquals(Run.of(call), lazily(call), String.join(" ", call));
        }
    }
}
