package dev.preceptor.study;

import dev.preceptor.base.AtomicFiles;
import dev.preceptor.base.DaemonThreads;
import dev.preceptor.base.ErrorLine;
import dev.preceptor.base.PreceptorException;
import dev.preceptor.run.TrainingEvent;
import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;

/**
 * Runs a trial in a process of its own, because the number of threads of libtorch is process-wide. The process writes a
 * checkpoint and ends when its standard input is closed: when the study is stopped, or is killed.
 */
public final class TrialProcess {
    private static final int STOPPED = 3;
    private static final int FAILED = 1;
    private static final long PATIENCE_SECONDS = 300;
    private static final String ERROR = "preceptor: error: ";

    private TrialProcess() {}

    /**
     * Starts a process for a trial and waits for it.
     *
     * @param log file to which its output is appended
     * @param heapMib its Java heap in MiB
     * @param whileWaiting called several times a second until the process ends
     * @return false if a stop was requested before the end
     * @throws PreceptorException with the error line of the process if the trial fails
     */
    static boolean run(Path job, Path log, long heapMib, Runnable whileWaiting, BooleanSupplier stopRequested) {
        Process process = start(job, log, heapMib);
        boolean isStopping = false;
        try {
            while (!process.waitFor(100, TimeUnit.MILLISECONDS)) {
                whileWaiting.run();
                if (!isStopping && stopRequested.getAsBoolean()) {
                    process.getOutputStream().close();
                    isStopping = true;
                }
            }
        } catch (IOException e) {
            throw new PreceptorException(log + ": its process cannot be stopped: " + AtomicFiles.reason(e), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PreceptorException("interrupted", e);
        } finally {
            // Alive only after a failure here: a trial that nobody waits for would hold its lock.
            process.destroy();
        }
        int code = process.exitValue();
        if (code == 0) {
            return true;
        }
        if (code == STOPPED || stopRequested.getAsBoolean()) {
            return false;
        }
        throw new PreceptorException(lastError(log, "its process ended with code " + code + "; see " + log));
    }

    private static Process start(Path job, Path log, long heapMib) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(argument -> !argument.matches("-Xmx.*|-Xms.*|-javaagent.*|-agentlib.*|-agentpath.*"))
                .forEach(command::add);
        command.addAll(List.of(
                "-Xmx" + heapMib + "m",
                "-cp",
                System.getProperty("java.class.path"),
                TrialProcess.class.getName(),
                job.toString()));
        File output = log.toFile();
        try {
            return new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(output))
                    .start();
        } catch (IOException e) {
            throw new PreceptorException("a process for " + job + " cannot be started: " + AtomicFiles.reason(e), e);
        }
    }

    private static String lastError(Path log, String otherwise) {
        try {
            List<String> lines = Files.readAllLines(log);
            String last = lines.isEmpty() ? "" : lines.get(lines.size() - 1);
            return last.startsWith(ERROR) ? last.substring(ERROR.length()) : otherwise;
        } catch (IOException e) {
            return otherwise;
        }
    }

    /** Runs the trial of a job file, the only argument. */
    public static void main(String[] arguments) {
        AtomicBoolean stop = new AtomicBoolean();
        CountDownLatch ended = new CountDownLatch(1);
        DaemonThreads.of("end-of-input", () -> awaitEndOfInput(stop)).start();
        // Ctrl-C reaches every process of the terminal: this one writes its checkpoint before it ends.
        Runtime.getRuntime().addShutdownHook(new Thread(() -> finish(stop, ended), "stop"));
        int code = run(arguments, stop);
        ended.countDown();
        System.exit(code);
    }

    private static int run(String[] arguments, AtomicBoolean stop) {
        try {
            return TrialRun.run(TrialJob.read(Path.of(arguments[0])), new Log(), stop::get) ? 0 : STOPPED;
        } catch (RuntimeException | OutOfMemoryError | LinkageError | StackOverflowError e) {
            e.printStackTrace(System.out);
            System.out.println(ERROR + ErrorLine.of(e));
            System.out.flush();
            return FAILED;
        }
    }

    private static void awaitEndOfInput(AtomicBoolean stop) {
        try {
            while (System.in.read() >= 0) {
                continue;
            }
        } catch (IOException e) {
            System.out.println("standard input cannot be read: " + AtomicFiles.reason(e));
        }
        stop.set(true);
    }

    private static void finish(AtomicBoolean stop, CountDownLatch ended) {
        stop.set(true);
        try {
            ended.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Prints progress on standard output, which is the log. */
    private static final class Log implements WorkListener {
        @Override
        public void began(String part) {
            System.out.println(ErrorLine.printable(part));
        }

        @Override
        public void advanced(String part, String subject, int done, int total) {
            if (done == total) {
                System.out.println(ErrorLine.printable(part) + ": " + total);
            }
        }

        @Override
        public void trained(TrainingEvent event) {
            if (event instanceof TrainingEvent.EpochEnded ended) {
                System.out.println(
                        ended.role() + " epoch " + ended.epoch() + " " + ended.training() + " " + ended.validation());
            } else if (event instanceof TrainingEvent.Notice notice) {
                System.out.println(ErrorLine.printable(notice.line()));
            }
        }
    }
}
