package dev.preceptor.cli;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

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

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    String device() {
        return device;
    }

    /** 0 for all cores. */
    int threads() {
        if (threads < 0) {
            throw new ParameterException(
                    spec.commandLine(), "--threads must be at least 1, or 0 for all cores, not " + threads);
        }
        return threads;
    }
}
