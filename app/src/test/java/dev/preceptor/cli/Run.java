package dev.preceptor.cli;

import java.io.StringWriter;
import java.util.List;

/** The result of a command that ran in this JVM. */
record Run(int code, String out, String err) {
    static Run of(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = Main.run(Main.commandLine(out, err), arguments);
        return new Run(code, out.toString(), err.toString());
    }

    List<String> errorLines() {
        return err.lines().toList();
    }
}
