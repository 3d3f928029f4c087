package dev.preceptor.cli;

import dev.preceptor.base.ErrorLine;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.util.Optional;

/**
 * Standard output or standard error. File names and texts from inputs may contain terminal commands, so this writer escapes
 * control characters as JSON does, except line ends and tabs; only the progress bar sends commands, with {@link #command}.
 * Unlike a {@link PrintWriter} it remembers why writing failed.
 */
final class Screen extends PrintWriter {
    private static final String ALLOWED = System.lineSeparator() + "\n\t";

    private final EscapingWriter escaping;

    private Screen(EscapingWriter escaping) {
        super(escaping, true);
        this.escaping = escaping;
    }

    /** A screen that writes to a writer, or that writer itself if it is a screen. */
    static Screen over(Writer out) {
        return out instanceof Screen screen ? screen : new Screen(new EscapingWriter(out));
    }

    /** Sends a command to the terminal, without escaping. */
    void command(String sequence) {
        synchronized (lock) {
            escaping.writeRaw(sequence);
        }
    }

    /** Flushes; then the reason why text could not be written, if any. */
    Optional<IOException> failure() {
        flush();
        return Optional.ofNullable(escaping.failure);
    }

    private static final class EscapingWriter extends Writer {
        private final Writer out;
        private IOException failure;

        EscapingWriter(Writer out) {
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

        void writeRaw(String sequence) {
            try {
                attempt(() -> out.write(sequence));
            } catch (IOException e) {
                // attempt has recorded the failure.
                return;
            }
        }

        private interface WriteCall {
            void run() throws IOException;
        }

        private void attempt(WriteCall call) throws IOException {
            try {
                call.run();
            } catch (IOException e) {
                failure = failure == null ? e : failure;
                throw e;
            }
        }
    }
}
