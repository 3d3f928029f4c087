package dev.preceptor.parallel;

import dev.preceptor.base.PreceptorException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Which of how many processes this one is and where they meet, in the words of torchrun: {@code RANK} of
 * {@code WORLD_SIZE}, {@code LOCAL_RANK} of {@code LOCAL_WORLD_SIZE} on this machine, and rank 0 listens at
 * {@code MASTER_ADDR:MASTER_PORT}. Own variables: {@code PRECEPTOR_SECRET}, which the ranks prove to each other to know;
 * {@code PRECEPTOR_PORT}, used instead of {@code MASTER_PORT}; {@code PRECEPTOR_BIND}, the address that rank 0 listens on where
 * it is not that of {@code MASTER_ADDR}; {@code PRECEPTOR_JOIN_SECONDS}.
 *
 * @param rank from 0
 * @param size of the whole
 * @param localRank among the processes of this machine, where it is said
 * @param localSize processes of this machine, where it is said
 * @param host of rank 0
 * @param port of rank 0
 * @param patience how long to wait for the others at the start
 * @param secret of the run; without it rank 0 leaves one in the folder of the run
 * @param bind the address that rank 0 listens on, if not that of {@code host}
 */
public record DistributedEnvironment(
        int rank,
        int size,
        OptionalInt localRank,
        OptionalInt localSize,
        String host,
        int port,
        Duration patience,
        Optional<RunSecret> secret,
        Optional<String> bind) {
    /** Name of the file in the folder of a run that holds its secret until all ranks have connected. */
    public static final String SECRET_FILE = ".secret";

    /** One process that needs nobody. */
    public static final DistributedEnvironment ALONE = new DistributedEnvironment(
            0,
            1,
            OptionalInt.empty(),
            OptionalInt.empty(),
            "",
            0,
            Duration.ofSeconds(120),
            Optional.empty(),
            Optional.empty());

    private static final int MOST = 4096;

    /**
     * The launch that a process was started with.
     *
     * @param environment its environment variables; without {@code RANK} and {@code WORLD_SIZE} it is alone
     * @throws PreceptorException if one is missing, no number or out of range, naming it
     */
    public static DistributedEnvironment of(Map<String, String> environment) {
        if (!given(environment, "WORLD_SIZE") && !given(environment, "RANK")) {
            return ALONE;
        }
        int size = number(environment, "WORLD_SIZE", 1, MOST);
        int rank = number(environment, "RANK", 0, size - 1);
        if (size == 1) {
            return ALONE;
        }
        return new DistributedEnvironment(
                rank,
                size,
                optional(environment, "LOCAL_RANK", 0, size - 1),
                optional(environment, "LOCAL_WORLD_SIZE", 1, size),
                text(environment, "MASTER_ADDR"),
                port(environment),
                Duration.ofSeconds(optional(environment, "PRECEPTOR_JOIN_SECONDS", 1, 86_400)
                        .orElse((int) ALONE.patience.toSeconds())),
                given(environment, "PRECEPTOR_SECRET")
                        ? Optional.of(RunSecret.of(text(environment, "PRECEPTOR_SECRET")))
                        : Optional.empty(),
                given(environment, "PRECEPTOR_BIND")
                        ? Optional.of(text(environment, "PRECEPTOR_BIND"))
                        : Optional.empty());
    }

    private static int port(Map<String, String> environment) {
        if (given(environment, "PRECEPTOR_PORT")) {
            return number(environment, "PRECEPTOR_PORT", 1, 65535);
        }
        if (environment.getOrDefault("TORCHELASTIC_USE_AGENT_STORE", "").equals("True")) {
            throw new PreceptorException(
                    "torchrun listens at MASTER_PORT itself; set PRECEPTOR_PORT to another free port"
                            + " before torchrun starts the ranks");
        }
        return number(environment, "MASTER_PORT", 1, 65535);
    }

    private static boolean given(Map<String, String> environment, String name) {
        return !environment.getOrDefault(name, "").isBlank();
    }

    private static String text(Map<String, String> environment, String name) {
        if (!given(environment, name)) {
            throw new PreceptorException("the environment says this is one of several processes, but " + name
                    + " is not set; set RANK, WORLD_SIZE, MASTER_ADDR and MASTER_PORT, or none of them");
        }
        return environment.get(name).strip();
    }

    private static int number(Map<String, String> environment, String name, int least, int most) {
        String text = text(environment, name);
        try {
            int value = Integer.parseInt(text);
            if (value >= least && value <= most) {
                return value;
            }
        } catch (NumberFormatException e) {
            throw bad(name, least, most, text, e);
        }
        throw bad(name, least, most, text, null);
    }

    private static PreceptorException bad(String name, int least, int most, String text, Throwable cause) {
        return new PreceptorException(
                "the environment variable " + name + " must be a whole number from " + least + " to " + most
                        + ", not \"" + text + "\"",
                cause);
    }

    private static OptionalInt optional(Map<String, String> environment, String name, int least, int most) {
        return given(environment, name) ? OptionalInt.of(number(environment, name, least, most)) : OptionalInt.empty();
    }

    /** Whether this process writes the results. */
    public boolean leads() {
        return rank == 0;
    }

    /** This rank in the words of messages. */
    String name() {
        return "rank " + rank + " of " + size;
    }

    /** Where the processes meet. */
    String meetingPoint() {
        return host + ":" + port;
    }
}
