package dev.preceptor.parallel;

import dev.preceptor.base.PreceptorException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Rank, world size and rendezvous address of a process, from the environment variables of torchrun: {@code RANK},
 * {@code WORLD_SIZE}, {@code LOCAL_RANK}, {@code LOCAL_WORLD_SIZE}, {@code MASTER_ADDR}, {@code MASTER_PORT}. Preceptor's own
 * variables: {@code PRECEPTOR_SECRET}, by which the ranks authenticate each other; {@code PRECEPTOR_PORT}, which replaces
 * {@code MASTER_PORT}; {@code PRECEPTOR_BIND}, the address that rank 0 listens on if it is not {@code MASTER_ADDR};
 * {@code PRECEPTOR_JOIN_SECONDS}, the time limit of the rendezvous.
 *
 * @param rank of this process, from 0
 * @param size the world size
 * @param localRank rank among the processes of this machine, if given
 * @param localSize number of processes on this machine, if given
 * @param host of rank 0
 * @param port of rank 0
 * @param joinTimeout how long the rendezvous waits for all ranks
 * @param secret of the run; if absent, rank 0 writes one into the folder of the run
 * @param bind the address that rank 0 listens on, if not {@code host}
 */
public record DistributedEnvironment(
        int rank,
        int size,
        OptionalInt localRank,
        OptionalInt localSize,
        String host,
        int port,
        Duration joinTimeout,
        Optional<RunSecret> secret,
        Optional<String> bind) {
    /** The file in the folder of a run that holds its secret until all ranks have connected. */
    public static final String SECRET_FILE = ".secret";

    /** A single process, without a rendezvous. */
    public static final DistributedEnvironment SINGLE_PROCESS = new DistributedEnvironment(
            0,
            1,
            OptionalInt.empty(),
            OptionalInt.empty(),
            "",
            0,
            Duration.ofSeconds(120),
            Optional.empty(),
            Optional.empty());

    private static final int MAX_SIZE = 4096;

    /**
     * Reads the environment of a process.
     *
     * @param environment its environment variables; without {@code RANK} and {@code WORLD_SIZE} it is a single process
     * @throws PreceptorException naming a variable that is missing, not a number or out of range
     */
    public static DistributedEnvironment of(Map<String, String> environment) {
        if (!isSet(environment, "WORLD_SIZE") && !isSet(environment, "RANK")) {
            return SINGLE_PROCESS;
        }
        int size = number(environment, "WORLD_SIZE", 1, MAX_SIZE);
        int rank = number(environment, "RANK", 0, size - 1);
        if (size == 1) {
            return SINGLE_PROCESS;
        }
        return new DistributedEnvironment(
                rank,
                size,
                optional(environment, "LOCAL_RANK", 0, size - 1),
                optional(environment, "LOCAL_WORLD_SIZE", 1, size),
                text(environment, "MASTER_ADDR"),
                port(environment),
                Duration.ofSeconds(optional(environment, "PRECEPTOR_JOIN_SECONDS", 1, 86_400)
                        .orElse((int) SINGLE_PROCESS.joinTimeout.toSeconds())),
                isSet(environment, "PRECEPTOR_SECRET")
                        ? Optional.of(RunSecret.of(text(environment, "PRECEPTOR_SECRET")))
                        : Optional.empty(),
                isSet(environment, "PRECEPTOR_BIND")
                        ? Optional.of(text(environment, "PRECEPTOR_BIND"))
                        : Optional.empty());
    }

    private static int port(Map<String, String> environment) {
        if (isSet(environment, "PRECEPTOR_PORT")) {
            return number(environment, "PRECEPTOR_PORT", 1, 65535);
        }
        if (environment.getOrDefault("TORCHELASTIC_USE_AGENT_STORE", "").equals("True")) {
            throw new PreceptorException(
                    "torchrun itself listens at MASTER_PORT; set PRECEPTOR_PORT to another free port"
                            + " before torchrun starts the ranks");
        }
        return number(environment, "MASTER_PORT", 1, 65535);
    }

    private static boolean isSet(Map<String, String> environment, String name) {
        return !environment.getOrDefault(name, "").isBlank();
    }

    private static String text(Map<String, String> environment, String name) {
        if (!isSet(environment, name)) {
            throw new PreceptorException("RANK or WORLD_SIZE is set, so this is one of several processes, but " + name
                    + " is not set; set RANK, WORLD_SIZE, MASTER_ADDR and MASTER_PORT, or none of them");
        }
        return environment.get(name).strip();
    }

    private static int number(Map<String, String> environment, String name, int min, int max) {
        String text = text(environment, name);
        try {
            int value = Integer.parseInt(text);
            if (value >= min && value <= max) {
                return value;
            }
        } catch (NumberFormatException e) {
            throw invalid(name, min, max, text, e);
        }
        throw invalid(name, min, max, text, null);
    }

    private static PreceptorException invalid(String name, int min, int max, String text, Throwable cause) {
        return new PreceptorException(
                "the environment variable " + name + " must be a whole number from " + min + " to " + max + ", not \""
                        + text + "\"",
                cause);
    }

    private static OptionalInt optional(Map<String, String> environment, String name, int min, int max) {
        return isSet(environment, name) ? OptionalInt.of(number(environment, name, min, max)) : OptionalInt.empty();
    }

    /** Whether this process is rank 0, which writes all results. */
    public boolean isLeader() {
        return rank == 0;
    }

    /** This rank as messages name it. */
    String name() {
        return "rank " + rank + " of " + size;
    }

    /** Host and port of rank 0, as messages name them. */
    String rendezvousAddress() {
        return host + ":" + port;
    }
}
