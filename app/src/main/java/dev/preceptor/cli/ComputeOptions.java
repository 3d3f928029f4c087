package dev.preceptor.cli;

import picocli.CommandLine.Option;

/** Where networks run and on how many threads: the options of every command that runs one. */
final class ComputeOptions {
    @Option(
            names = "--device",
            paramLabel = "NAME",
            defaultValue = "cpu",
            description = "cpu or cuda:0 (default ${DEFAULT-VALUE}).")
    private String device;

    @Option(
            names = "--threads",
            paramLabel = "N",
            defaultValue = "0",
            description = "Threads an operation may use (default: all cores).")
    private int threads;

    String device() {
        return device;
    }

    int threads() {
        return threads;
    }
}
