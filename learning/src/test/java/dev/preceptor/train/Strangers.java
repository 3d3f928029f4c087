package dev.preceptor.train;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** Connects to a port repeatedly without the secret: sends random bytes, forged messages, or nothing. */
final class Strangers implements AutoCloseable {
    private static final int MOST_OPEN = 100;
    private static final long PAUSE_NANOS = 5_000_000;

    private final int port;
    private final Random random = new Random(7);
    private final Deque<Socket> open = new ArrayDeque<>();
    private final AtomicInteger received = new AtomicInteger();
    private final Thread thread = new Thread(this::disturb, "strangers");
    private volatile boolean closed;

    Strangers(int port) {
        this.port = port;
        thread.setDaemon(true);
        thread.start();
    }

    /** Number of connections that were answered, which shows that the port was open. */
    int received() {
        return received.get();
    }

    private void disturb() {
        List<byte[]> messages = List.of(
                junk(4096),
                // A greeting of the ranks with a wrong proof.
                join("PRECEPT1".getBytes(StandardCharsets.US_ASCII), junk(64)),
                // A huge length in place of a message.
                join("PRECEPT1".getBytes(StandardCharsets.US_ASCII), new byte[] {0x7f, -1, -1, -1}),
                // A message that libtorch's store reads as a failure of rank 1.
                "\0\0\0\0\5\0\0\0\0\0\0\0end/1\u001b[2Jowned".getBytes(StandardCharsets.US_ASCII),
                "GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII),
                new byte[0]);
        for (int turn = 0; !closed; turn++) {
            try {
                Socket socket = new Socket();
                open.add(socket);
                socket.connect(new InetSocketAddress("127.0.0.1", port), 1000);
                socket.setSoTimeout(200);
                socket.getOutputStream().write(messages.get(turn % messages.size()));
                if (socket.getInputStream().read() >= 0) {
                    received.incrementAndGet();
                }
                while (open.size() > MOST_OPEN) {
                    open.remove().close();
                }
            } catch (IOException e) {
                // The port is not open yet, or the connection was closed.
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    private byte[] junk(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    private static byte[] join(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    @Override
    public void close() throws Exception {
        closed = true;
        thread.join(5000);
        for (Socket socket : open) {
            socket.close();
        }
    }
}
