package dev.preceptor.cli;

import picocli.CommandLine.Option;

/** Where networks run and on how many threads: the options of every command that runs one. */
final class ComputeOptions {
    @Option(
            names = "--device",
            paramLabel = "NAME",
            defaultValue = "cpu",
            description =
                    "cpu, or cuda:N; with several processes cuda, for the GPU of LOCAL_RANK (default ${DEFAULT-VALUE}).")
    private String device;

    @Option(
            names = "--threads",
            paramLabel = "N",
            defaultValue = "0",
            description = "Threads an operation may use (default: all cores, or this process's part of them).")
    private int threads;

    String device() {
        return device;
    }

    int threads() {
        return threads;
    }
}
