package dev.preceptor.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.support.descriptor.ClassSource;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;

/**
 * Writes the skipped tests and the reasons to the file in the system property {@code preceptor.skipped}. JUnit loads
 * this listener through its service file, several times in a process that runs one class after the other; the counts are those of the
 * process. The build prints the files of all modules at its end.
 */
public final class SkippedTests implements TestExecutionListener {
    private static final Map<String, Integer> SKIPPED = new TreeMap<>();
    private static final AtomicInteger FINISHED = new AtomicInteger();

    private TestPlan plan;

    @Override
    public void testPlanExecutionStarted(TestPlan testPlan) {
        plan = testPlan;
    }

    @Override
    public void executionSkipped(TestIdentifier test, String reason) {
        addSkipped(test, reason);
    }

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
        if (result.getStatus() == TestExecutionResult.Status.ABORTED) {
            addSkipped(test, result.getThrowable().map(Throwable::getMessage).orElse("no reason given"));
        } else if (test.isTest()) {
            FINISHED.incrementAndGet();
        }
    }

    private void addSkipped(TestIdentifier test, String reason) {
        long below = plan.getDescendants(test).stream()
                .filter(TestIdentifier::isTest)
                .count();
        String why = reason.replaceFirst("^(Assumption failed: )?(skipped: )?", "")
                .lines()
                .findFirst()
                .orElse("no reason given");
        synchronized (SKIPPED) {
            SKIPPED.merge(name(test) + ": " + why, (int) Math.max(1, below), Integer::sum);
        }
    }

    private static String name(TestIdentifier test) {
        return test.getSource()
                .map(source -> {
                    if (source instanceof MethodSource method) {
                        return simple(method.getClassName()) + "." + method.getMethodName();
                    }
                    return source instanceof ClassSource type ? simple(type.getClassName()) : test.getDisplayName();
                })
                .orElse(test.getDisplayName());
    }

    private static String simple(String className) {
        return className.substring(className.lastIndexOf('.') + 1).replace('$', '.');
    }

    @Override
    public void testPlanExecutionFinished(TestPlan testPlan) {
        String file = System.getProperty("preceptor.skipped", "");
        if (!file.isEmpty()) {
            write(Path.of(file));
        }
    }

    private void write(Path file) {
        String name = file.getFileName().toString().replaceFirst("\\.txt$", "");
        StringBuilder text = new StringBuilder();
        synchronized (SKIPPED) {
            int count = SKIPPED.values().stream().mapToInt(Integer::intValue).sum();
            text.append("%s: %d tests ran, %d skipped%n".formatted(name, FINISHED.get(), count));
            SKIPPED.forEach((what, times) -> text.append("  ")
                    .append(what)
                    .append(times > 1 ? " (" + times + " tests)" : "")
                    .append('\n'));
        }
        try {
            Files.createDirectories(file.getParent());
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
