package dev.preceptor.cli;

import picocli.CommandLine.Option;

/** Device and threads: the options of every command that runs a network. */
final class ComputeOptions {
    @Option(
            names = "--device",
            paramLabel = "NAME",
            defaultValue = "cpu",
            description =
                    "cpu, cuda:N, or cuda for the GPU of LOCAL_RANK with several processes (default ${DEFAULT-VALUE}).")
    private String device;

    @Option(
            names = "--threads",
            paramLabel = "N",
            defaultValue = "0",
            description = "Threads per operation (default: all cores, divided among the processes on this machine).")
    private int threads;

    String device() {
        return device;
    }

    int threads() {
        return threads;
    }
}
