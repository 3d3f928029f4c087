package dev.preceptor.parallel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.preceptor.base.PreceptorException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("integration")
class StoreServerTest {
    private static final RunSecret SECRET = RunSecret.of("a secret of these tests");

    private int port;
    private StoreServer server;

    @BeforeEach
    void open() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        server = new StoreServer(new InetSocketAddress("127.0.0.1", port), SECRET);
    }

    @AfterEach
    void close() {
        server.close();
    }

    private StoreClient client(RunSecret secret) {
        DistributedEnvironment environment = new DistributedEnvironment(
                1,
                2,
                OptionalInt.empty(),
                OptionalInt.empty(),
                "127.0.0.1",
                port,
                Duration.ofSeconds(20),
                Optional.of(secret),
                Optional.empty());
        return StoreClient.connect(
                environment, new StoreClient.SecretSource(() -> Optional.of(secret), Path.of("unused")));
    }

    private Socket unauthenticated() throws IOException {
        Socket socket = new Socket("127.0.0.1", port);
        socket.setSoTimeout(20_000);
        return socket;
    }

    /** Seconds until the server closes the connection. */
    private static double secondsToEnd(Socket socket) {
        long begin = System.nanoTime();
        try {
            socket.getInputStream().readAllBytes();
        } catch (IOException e) {
            assertFalse(e instanceof SocketTimeoutException, "the connection is still open");
        }
        return (System.nanoTime() - begin) / 1e9;
    }

    @Test
    void ranksReadTheValuesOfOtherRanks() {
        try (StoreClient one = client(SECRET);
                StoreClient two = client(SECRET)) {
            one.set("a", new byte[] {1, 2});
            assertArrayEquals(new byte[] {1, 2}, two.get("a").orElseThrow());
            assertArrayEquals(new byte[] {1, 2}, server.get("a").orElseThrow());
            one.set("empty", new byte[0]);
            assertEquals(0, two.get("empty").orElseThrow().length);
            assertTrue(two.get("b").isEmpty());
            assertEquals(3, one.add("n", 3));
            assertEquals(2, two.add("n", -1));
        }
    }

    @Test
    void aRankWithAnotherSecretIsRefused() {
        String refused = assertThrows(PreceptorException.class, () -> client(RunSecret.of("another secret of a run")))
                .getMessage();
        assertEquals(
                "rank 1 of 2 was refused by the process that listens at 127.0.0.1:" + port
                        + ": it has another secret of the run;"
                        + " give every rank the same PRECEPTOR_SECRET (or none), and each training a MASTER_PORT of its own",
                refused);
    }

    @Test
    void listensOnTheGivenAddressOnly() {
        assertThrows(IOException.class, () -> new Socket("127.0.0.2", port).close());
    }

    @Nested
    class UnauthenticatedClients {
        @Test
        void silentAndSlowOnesAreDisconnectedInTime() throws Exception {
            server.close();
            server = new StoreServer(new InetSocketAddress("127.0.0.1", port), SECRET, Duration.ofSeconds(1));
            try (Socket silent = unauthenticated();
                    Socket slow = unauthenticated()) {
                Thread drip = new Thread(() -> {
                    try {
                        for (byte b : "PRECEPT1 and one byte after the other".getBytes(StandardCharsets.US_ASCII)) {
                            slow.getOutputStream().write(b);
                            Thread.sleep(500);
                        }
                    } catch (IOException | InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                });
                drip.start();
                assertTrue(secondsToEnd(silent) < 6);
                assertTrue(secondsToEnd(slow) < 6);
                drip.interrupt();
            }
        }

        @Test
        void manyOpenConnectionsDoNotKeepARankOut() throws Exception {
            List<Socket> connections = new ArrayList<>();
            try {
                for (int i = 0; i < 3 * StoreServer.MAX_UNAUTHENTICATED; i++) {
                    connections.add(unauthenticated());
                }
                try (StoreClient rank = client(SECRET)) {
                    assertEquals(1, rank.add("n", 1));
                }
            } finally {
                for (Socket socket : connections) {
                    socket.close();
                }
            }
        }

        @Test
        void aMessageWithAWrongSignatureEndsTheConnection() throws Exception {
            for (byte[] forged : List.of(new byte[] {0x7f, -1, -1, -1}, new byte[4 + 32], new byte[100])) {
                try (Socket socket = unauthenticated()) {
                    SecureChannel channel =
                            SecureChannel.connect(socket, SECRET, Duration.ofSeconds(20), Duration.ofSeconds(20));
                    socket.getOutputStream().write(forged);
                    socket.shutdownOutput();
                    assertThrows(IOException.class, channel::receive);
                }
            }
            assertTrue(server.get("").isEmpty());
        }

        @Test
        void aServerWithoutTheSecretIsRefused() throws Exception {
            try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                    Socket rank = new Socket(InetAddress.getLoopbackAddress(), listener.getLocalPort());
                    Socket impostor = listener.accept()) {
                impostor.getOutputStream().write("PRECEPT1".getBytes(StandardCharsets.US_ASCII));
                impostor.getOutputStream().write(new byte[32 + RunSecret.SIGNATURE_BYTES]);
                assertThrows(
                        SecureChannel.AuthenticationException.class,
                        () -> SecureChannel.connect(rank, SECRET, Duration.ofSeconds(20), Duration.ofSeconds(20)));
            }
        }
    }

    @Nested
    class TheSecretFile {
        @TempDir
        private Path folder;

        @Test
        void isReadableByItsOwnerOnlyAndDeleted() throws IOException {
            SecretFile file = new SecretFile(folder.resolve("run"));
            RunSecret written = file.write();
            assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file.path())));
            assertEquals(Optional.of(written), file.read());
            assertFalse(written.equals(file.write()), "every secret is new");
            file.delete(true);
            assertFalse(Files.exists(folder.resolve("run")));
            assertEquals(Optional.empty(), file.read());
        }

        @Test
        void thatOtherUsersCanReadIsRefused() throws IOException {
            SecretFile file = new SecretFile(folder);
            file.write();
            Files.setPosixFilePermissions(file.path(), PosixFilePermissions.fromString("rw-r--r--"));
            String refused = assertThrows(PreceptorException.class, file::read).getMessage();
            assertTrue(refused.contains("other users than its owner may read or write it"), refused);
        }

        @Test
        void thatNeverAppearsIsNamedWithARemedy() {
            DistributedEnvironment environment = new DistributedEnvironment(
                    1,
                    2,
                    OptionalInt.empty(),
                    OptionalInt.empty(),
                    "127.0.0.1",
                    port,
                    Duration.ofSeconds(1),
                    Optional.empty(),
                    Optional.empty());
            String refused = assertThrows(PreceptorException.class, () -> Communicator.join(environment, folder, false))
                    .getMessage();
            assertTrue(
                    refused.startsWith("rank 1 of 2 found no secret of the run in " + folder.resolve(".secret")
                            + " within 1 s; start rank 0, and where the ranks do not share this folder set"
                            + " PRECEPTOR_SECRET"),
                    refused);
        }
    }

    @Test
    void aRankRetriesWithAReplacedSecret() throws Exception {
        RunSecret stale = RunSecret.of("left by a killed process");
        long begin = System.nanoTime();
        DistributedEnvironment environment = new DistributedEnvironment(
                1,
                2,
                OptionalInt.empty(),
                OptionalInt.empty(),
                "127.0.0.1",
                port,
                Duration.ofSeconds(30),
                Optional.empty(),
                Optional.empty());
        StoreClient.SecretSource source = new StoreClient.SecretSource(
                () -> Optional.of(System.nanoTime() - begin < TimeUnit.SECONDS.toNanos(1) ? stale : SECRET),
                Path.of("unused"));
        try (StoreClient rank = StoreClient.connect(environment, source)) {
            assertEquals(1, rank.add("n", 1));
        }
    }
}
