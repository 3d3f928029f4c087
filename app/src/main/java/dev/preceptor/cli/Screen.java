package dev.preceptor.cli;

import dev.preceptor.base.ErrorLine;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.util.Optional;

/**
 * Standard output or standard error: the one way of text to a terminal. Names of files and texts from inputs may hold
 * commands to terminals; whatever is printed here has its control characters spelled out, as JSON spells them, except line
 * ends and tabs. The progress bar alone sends commands. What fails to be written is remembered, as a {@link PrintWriter}
 * does not.
 */
final class Screen extends PrintWriter {
    private static final String ALLOWED = System.lineSeparator() + "\n\t";

    private final Clean clean;

    private Screen(Clean clean) {
        super(clean, true);
        this.clean = clean;
    }

    /** A screen over whatever takes the text; the same if it is one. */
    static Screen over(Writer out) {
        return out instanceof Screen screen ? screen : new Screen(new Clean(out));
    }

    /** Sends a command to the terminal. */
    void command(String sequence) {
        synchronized (lock) {
            clean.pass(sequence);
        }
    }

    /** Why text was lost, if any was; flushes first. */
    Optional<IOException> failure() {
        flush();
        return Optional.ofNullable(clean.failure);
    }

    private static final class Clean extends Writer {
        private final Writer out;
        private IOException failure;

        Clean(Writer out) {
            this.out = out;
        }

        @Override
        public void write(char[] text, int offset, int length) throws IOException {
            attempt(() -> out.write(ErrorLine.printable(new String(text, offset, length), ALLOWED)));
        }

        @Override
        public void flush() throws IOException {
            attempt(out::flush);
        }

        @Override
        public void close() throws IOException {
            attempt(out::close);
        }

        void pass(String sequence) {
            try {
                attempt(() -> out.write(sequence));
            } catch (IOException e) {
                // It is remembered, and the text that follows fails as well.
                return;
            }
        }

        private interface Step {
            void run() throws IOException;
        }

        private void attempt(Step step) throws IOException {
            try {
                step.run();
            } catch (IOException e) {
                failure = failure == null ? e : failure;
                throw e;
            }
        }
    }
}
