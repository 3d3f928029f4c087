package dev.preceptor.parallel;

import dev.preceptor.base.DaemonThreads;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * The key-value store of rank 0 and its server, which listens on one address. A client that does not authenticate itself in time
 * is disconnected; of more than {@link #MAX_UNAUTHENTICATED} unauthenticated connections the
 * oldest is closed.
 */
final class StoreServer implements KeyValueStore {
    static final Duration AUTHENTICATION_TIMEOUT = Duration.ofSeconds(5);
    static final int MAX_UNAUTHENTICATED = 64;

    static final int SET = 1;
    static final int GET = 2;
    static final int ADD = 3;

    private static final int BACKLOG = 256;
    private static final int RETRY_MILLIS = 50;

    private final ServerSocket listener = new ServerSocket();
    private final RunSecret secret;
    private final Duration authenticationTimeout;
    private final Map<String, byte[]> values = new HashMap<>();
    private final Map<String, Long> counters = new HashMap<>();
    private final Deque<Socket> unauthenticated = new ArrayDeque<>();
    private final Set<Socket> authenticated = new HashSet<>();

    /** @throws IOException if the address is in use, or not an address of this machine */
    StoreServer(InetSocketAddress address, RunSecret secret) throws IOException {
        this(address, secret, AUTHENTICATION_TIMEOUT);
    }

    StoreServer(InetSocketAddress address, RunSecret secret, Duration authenticationTimeout) throws IOException {
        this.secret = secret;
        this.authenticationTimeout = authenticationTimeout;
        try {
            listener.setReuseAddress(true);
            listener.bind(address, BACKLOG);
        } catch (IOException e) {
            listener.close();
            throw e;
        }
        DaemonThreads.of("preceptor-store", this::listen).start();
    }

    private void listen() {
        while (!listener.isClosed()) {
            try {
                Socket socket = listener.accept();
                admit(socket);
                DaemonThreads.of("preceptor-store-connection", () -> serve(socket))
                        .start();
            } catch (IOException e) {
                // For instance too many open files: connected ranks must not be affected.
                pause();
            }
        }
    }

    private static void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(RETRY_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void admit(Socket socket) {
        synchronized (unauthenticated) {
            while (unauthenticated.size() >= MAX_UNAUTHENTICATED) {
                close(unauthenticated.removeFirst());
            }
            unauthenticated.addLast(socket);
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            socket.setTcpNoDelay(true);
            socket.setKeepAlive(true);
            SecureChannel channel;
            try {
                channel = SecureChannel.accept(socket, secret, authenticationTimeout);
            } finally {
                synchronized (unauthenticated) {
                    unauthenticated.remove(socket);
                }
            }
            synchronized (authenticated) {
                authenticated.add(socket);
            }
            while (!listener.isClosed()) {
                channel.send(respond(channel.receive()));
            }
        } catch (IOException e) {
            // An unauthenticated client, or a rank that ended: the heartbeat detects lost ranks.
            return;
        } finally {
            synchronized (authenticated) {
                authenticated.remove(socket);
            }
        }
    }

    private byte[] respond(byte[] request) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(request));
                DataOutputStream out = new DataOutputStream(bytes)) {
            int operation = in.readByte();
            String key = in.readUTF();
            switch (operation) {
                case SET -> set(key, in.readAllBytes());
                case GET -> {
                    Optional<byte[]> value = get(key);
                    out.writeBoolean(value.isPresent());
                    out.write(value.orElse(new byte[0]));
                }
                case ADD -> out.writeLong(add(key, in.readLong()));
                default -> throw new IOException("unknown operation " + operation);
            }
        }
        return bytes.toByteArray();
    }

    @Override
    public void set(String key, byte[] value) {
        synchronized (values) {
            values.put(key, value.clone());
        }
    }

    @Override
    public Optional<byte[]> get(String key) {
        synchronized (values) {
            return Optional.ofNullable(values.get(key)).map(byte[]::clone);
        }
    }

    @Override
    public long add(String key, long amount) {
        synchronized (values) {
            return counters.merge(key, amount, Long::sum);
        }
    }

    @Override
    public void close() {
        close(listener);
        synchronized (unauthenticated) {
            unauthenticated.forEach(StoreServer::close);
        }
        synchronized (authenticated) {
            authenticated.forEach(StoreServer::close);
        }
    }

    private static void close(Closeable socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // The socket is not used again.
            return;
        }
    }
}
