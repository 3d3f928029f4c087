package dev.preceptor.cli;

import com.sun.management.OperatingSystemMXBean;
import dev.preceptor.base.ErrorLine;
import dev.preceptor.base.JsonFiles;
import dev.preceptor.model.BuildInfo;
import dev.preceptor.tensor.Torch;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code preceptor doctor}: reports what this machine has and what Preceptor will use. */
@Command(
        name = "doctor",
        description = "Report Java, libtorch, cores, memory and GPU, and what Preceptor will use.",
        sortOptions = false)
final class DoctorCommand implements Callable<Integer> {
    private static final double GIB = 1L << 30;

    @Option(names = "--json", description = "Print JSON instead of text.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        Map<String, Object> findings = findings();
        if (json) {
            out.print(JsonFiles.text(findings));
        } else {
            findings.forEach((name, value) -> (value instanceof List<?> lines ? lines : List.of(value))
                    .forEach(
                            line -> out.println(String.format(Locale.ROOT, "%-14s %s", name.replace('_', ' '), line))));
        }
        out.flush();
        Optional<String> failure = Torch.failure();
        failure.ifPresent(
                line -> spec.commandLine().getErr().println("preceptor: error: " + ErrorLine.printable(line)));
        return failure.isPresent() ? 1 : 0;
    }

    private static Map<String, Object> findings() {
        Map<String, Object> findings = new LinkedHashMap<>();
        findings.put("preceptor", BuildInfo.VERSION + ", commit " + BuildInfo.COMMIT);
        findings.put("java", System.getProperty("java.version") + ", " + System.getProperty("java.vendor"));
        findings.put("system", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
        findings.put("cores", Runtime.getRuntime().availableProcessors());
        if (ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system) {
            findings.put(
                    "memory", gib(system.getTotalMemorySize()) + ", " + gib(system.getFreeMemorySize()) + " unused");
        }
        findings.put("java_heap", "up to " + gib(Runtime.getRuntime().maxMemory()) + "; tensors live outside it");
        if (Torch.failure().isPresent()) {
            findings.put("libtorch", "cannot be loaded");
            findings.put("missing", Torch.missingLibraries());
            return findings;
        }
        findings.put("libtorch", Torch.version() + ", " + Torch.cpuCapability() + " kernels");
        findings.put("native_cache", Torch.cacheFolder().toString());
        int gpus = Torch.cudaDevices();
        findings.put("gpu", gpus == 0 ? "none usable by this build of libtorch" : gpus + " CUDA device(s)");
        findings.put(
                "will_use",
                (gpus == 0 ? "cpu" : "cpu; cuda:0 with --device cuda:0") + ", " + Torch.threads()
                        + " threads per operation");
        return findings;
    }

    private static String gib(long bytes) {
        return String.format(Locale.ROOT, "%.1f GiB", bytes / GIB);
    }
}
