package dev.preceptor.parallel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.PreceptorException;
import dev.preceptor.testing.Ports;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class DistributedEnvironmentTest {
    private static final Map<String, String> TORCHRUN = Map.of(
            "RANK", "1",
            "WORLD_SIZE", "4",
            "LOCAL_RANK", "1",
            "LOCAL_WORLD_SIZE", "2",
            "MASTER_ADDR", "node-1",
            "MASTER_PORT", "29500");

    @Test
    void isReadFromTheVariablesOfTorchrun() {
        assertEquals(
                new DistributedEnvironment(
                        1,
                        4,
                        OptionalInt.of(1),
                        OptionalInt.of(2),
                        "node-1",
                        29500,
                        Duration.ofSeconds(120),
                        Optional.empty(),
                        Optional.empty()),
                DistributedEnvironment.of(TORCHRUN));
    }

    @Test
    void isASingleProcessWithoutThemOrWithWorldSizeOne() {
        assertEquals(DistributedEnvironment.SINGLE_PROCESS, DistributedEnvironment.of(Map.of("MASTER_ADDR", "node-1")));
        assertEquals(
                DistributedEnvironment.SINGLE_PROCESS,
                DistributedEnvironment.of(Map.of("RANK", "0", "WORLD_SIZE", "1")));
    }

    @Test
    void namesTheVariableThatIsMissingOrWrong() {
        for (String name : new String[] {"RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT"}) {
            Map<String, String> variables = new HashMap<>(TORCHRUN);
            variables.remove(name);
            assertRefused(variables, name + " is not set");
        }
        assertRefused(with("RANK", "4"), "RANK must be a whole number from 0 to 3, not \"4\"");
        assertRefused(with("MASTER_PORT", "high"), "MASTER_PORT must be a whole number from 1 to 65535, not \"high\"");
    }

    @Test
    void aSecretIsNeverPrintedAndAShortOneIsRefused() {
        DistributedEnvironment environment = DistributedEnvironment.of(with("PRECEPTOR_SECRET", "sixteen letters!"));
        assertEquals(Optional.of(RunSecret.of("sixteen letters!")), environment.secret());
        assertFalse(environment.toString().contains("sixteen"), environment.toString());
        assertRefused(with("PRECEPTOR_SECRET", "short"), "has 5 characters, at least 16 are needed");
    }

    @Test
    void preceptorPortIsUsedWhereTorchrunListensAtMasterPort() {
        Map<String, String> variables = with("TORCHELASTIC_USE_AGENT_STORE", "True");
        assertRefused(variables, "set PRECEPTOR_PORT to another free port");
        variables.put("PRECEPTOR_PORT", "29600");
        assertEquals(29600, DistributedEnvironment.of(variables).port());
    }

    private static Map<String, String> with(String name, String value) {
        Map<String, String> variables = new HashMap<>(TORCHRUN);
        variables.put(name, value);
        return variables;
    }

    private static void assertRefused(Map<String, String> variables, String expected) {
        String message = assertThrows(PreceptorException.class, () -> DistributedEnvironment.of(variables))
                .getMessage();
        assertTrue(message.contains(expected), message);
    }

    @Nested
    class WithoutOtherRanks {
        @Test
        void aRankThatCannotReachRank0NamesTheAddress() throws IOException {
            int port = Ports.free();
            assertEquals(
                    "rank 1 of 2 cannot reach rank 0 at MASTER_ADDR:MASTER_PORT, 127.0.0.1:" + port
                            + ", within 1 s: Connection refused; start rank 0 there, or correct the address",
                    failure(1, port));
        }

        @Test
        void rank0NamesTheMissingRanks() throws IOException {
            int port = Ports.free();
            assertEquals(
                    "not all of the 2 ranks joined at 127.0.0.1:" + port
                            + " within 1 s; missing ranks: 1; start them, or set PRECEPTOR_JOIN_SECONDS to wait longer",
                    failure(0, port));
        }

        @Test
        void rank0NamesAPortInUse() throws IOException {
            try (ServerSocket taken = new ServerSocket(0)) {
                String message = failure(0, taken.getLocalPort());
                assertTrue(
                        message.startsWith("rank 0 cannot listen at MASTER_ADDR:MASTER_PORT, 127.0.0.1:"
                                + taken.getLocalPort() + ": "),
                        message);
            }
        }

        @Test
        void rank0ListensOnEveryInterfaceOnlyIfRequested() throws IOException {
            int port = Ports.free();
            String wildcard = failure(0, "0.0.0.0", port);
            assertTrue(
                    wildcard.startsWith("MASTER_ADDR is 0.0.0.0, which is not the address of a machine; "), wildcard);
            String notLocal = failure(0, "192.0.2.1", port);
            assertTrue(
                    notLocal.endsWith("; set PRECEPTOR_BIND to the address of this machine that the others reach"),
                    notLocal);
        }

        private String failure(int rank, int port) {
            return failure(rank, "127.0.0.1", port);
        }

        private String failure(int rank, String host, int port) {
            DistributedEnvironment environment = new DistributedEnvironment(
                    rank,
                    2,
                    OptionalInt.empty(),
                    OptionalInt.empty(),
                    host,
                    port,
                    Duration.ofSeconds(1),
                    Optional.of(RunSecret.of("a secret of these tests")),
                    Optional.empty());
            return assertThrows(
                            PreceptorException.class, () -> Communicator.join(environment, Path.of("unused"), false))
                    .getMessage();
        }
    }
}
