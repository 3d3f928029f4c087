package dev.preceptor.cli;

import dev.preceptor.base.ErrorLine;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.function.LongSupplier;

/**
 * Shows the progress of a task. On a terminal it redraws one line at most ten times per second; elsewhere it prints a line
 * every fifteen seconds. The rate is an exponential average with a time constant of ten seconds; the remaining time follows
 * from the mean rate since {@link #start}. Not thread-safe.
 */
final class ProgressBar implements AutoCloseable {
    private static final double TERMINAL_INTERVAL = 0.1;
    private static final double PLAIN_INTERVAL = 15;
    private static final double RATE_TIME_CONSTANT = 10;
    private static final int WIDEST_BAR = 30;
    /** The terminal command that erases the rest of the line. */
    private static final String ERASE = "\u001b[K";

    private final Screen out;
    private final int columns;
    private final LongSupplier nanos;

    private String what = "";
    private String unit = "";
    private long total = 1;
    private long first;
    private long done;
    private double started;
    private double drawn;
    private double counted;
    private long countedDone;
    private double rate;
    private boolean onLine;

    /**
     * A bar on a stream.
     *
     * @param columns width of the terminal; 0 if the stream is not a terminal
     * @param nanos a clock such as {@link System#nanoTime()}
     */
    ProgressBar(PrintWriter out, int columns, LongSupplier nanos) {
        this.out = Screen.over(out);
        this.columns = columns;
        this.nanos = nanos;
    }

    /** A bar on standard error; the launcher sets {@code preceptor.columns} if that is a terminal. */
    static ProgressBar on(PrintWriter err) {
        return new ProgressBar(err, Integer.getInteger("preceptor.columns", 0), System::nanoTime);
    }

    /**
     * Starts a task.
     *
     * @param what name of the task
     * @param unit what is counted, in the singular
     * @param first number of units done before, for instance in a resumed run
     * @param total number of units of the whole task
     */
    void start(String what, String unit, long first, long total) {
        this.what = what;
        this.unit = unit;
        this.total = Math.max(total, 1);
        this.first = first;
        this.done = first;
        started = now();
        drawn = columns > 0 ? started - TERMINAL_INTERVAL : started;
        counted = started;
        countedDone = first;
        rate = 0;
    }

    /**
     * Reports progress.
     *
     * @param reached number of units done
     * @param detail text after the bar
     */
    void update(long reached, String detail) {
        done = reached;
        double now = now();
        double since = now - counted;
        if (since >= 0.5 && done > countedDone) {
            double latest = (done - countedDone) / since;
            double decay = rate == 0 ? 0 : Math.exp(-since / RATE_TIME_CONSTANT);
            rate = decay * rate + (1 - decay) * latest;
            counted = now;
            countedDone = done;
        }
        if (now - drawn >= (columns > 0 ? TERMINAL_INTERVAL : PLAIN_INTERVAL) || (columns > 0 && done == total)) {
            drawn = now;
            draw(detail);
        }
    }

    /** Reports progress and a new total. */
    void update(long reached, long total, String detail) {
        this.total = Math.max(total, 1);
        update(reached, detail);
    }

    /** Prints a permanent line. */
    void line(String text) {
        clear();
        out.println(ErrorLine.printable(text));
        out.flush();
    }

    /** Erases the bar. */
    @Override
    public void close() {
        clear();
        out.flush();
    }

    private void draw(String detail) {
        String count = done + "/" + total;
        String tail = " " + count + (detail.isEmpty() ? "" : "  " + detail) + pace();
        if (columns == 0) {
            out.println(ErrorLine.printable(what + tail));
        } else {
            int room = Math.min(WIDEST_BAR, columns - 1 - what.length() - tail.length() - 1);
            String bar = room >= 6 ? " " + bar(room) : "";
            String text = what + bar + tail;
            out.command("\r");
            out.print(ErrorLine.printable(text.substring(0, Math.min(text.length(), columns - 1))));
            out.command(ERASE);
            onLine = true;
        }
        out.flush();
    }

    private String pace() {
        StringBuilder text = new StringBuilder();
        if (rate > 0) {
            text.append("  ")
                    .append(
                            rate >= 1
                                    ? String.format(Locale.ROOT, "%.1f %s/s", rate, unit)
                                    : String.format(Locale.ROOT, "%.1f s/%s", 1 / rate, unit));
        }
        if (done > first && done < total) {
            text.append("  ETA ").append(duration((now() - started) / (done - first) * (total - done)));
        }
        return text.toString();
    }

    private String bar(int width) {
        int halves = (int) Math.min(2L * width, Math.round(2.0 * width * done / total));
        StringBuilder bar = new StringBuilder("━".repeat(halves / 2));
        if (halves % 2 == 1) {
            bar.append('╸');
        }
        return bar.append("─".repeat(width - bar.length())).toString();
    }

    private void clear() {
        if (onLine) {
            out.command("\r");
            out.command(ERASE);
            onLine = false;
        }
    }

    private double now() {
        return nanos.getAsLong() / 1e9;
    }

    /** A duration as text: 42 s, 3:07 or 1:02:03. */
    static String duration(double seconds) {
        long whole = Math.round(seconds);
        if (whole < 60) {
            return whole + " s";
        }
        return whole < 3600
                ? String.format(Locale.ROOT, "%d:%02d", whole / 60, whole % 60)
                : String.format(Locale.ROOT, "%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60);
    }
}
