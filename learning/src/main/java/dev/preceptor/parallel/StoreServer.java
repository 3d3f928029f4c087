package dev.preceptor.parallel;

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
 * The store that rank 0 keeps for the others. It listens on one address; who connects and does not prove within
 * {@link #PROOF_LIMIT} to know the secret of the run is disconnected, and no more than {@link #MOST_UNPROVED} such connections
 * are held at a time: another one ends the oldest.
 */
final class StoreServer implements KeyValueStore {
    static final Duration PROOF_LIMIT = Duration.ofSeconds(5);
    static final int MOST_UNPROVED = 64;

    static final int SET = 1;
    static final int GET = 2;
    static final int ADD = 3;

    private static final int BACKLOG = 256;
    private static final int PAUSE_MILLIS = 50;

    private final ServerSocket listener = new ServerSocket();
    private final RunSecret secret;
    private final Map<String, byte[]> values = new HashMap<>();
    private final Map<String, Long> counters = new HashMap<>();
    private final Deque<Socket> unproved = new ArrayDeque<>();
    private final Set<Socket> proved = new HashSet<>();

    /** @throws IOException if the address is taken, or not of this machine */
    StoreServer(InetSocketAddress address, RunSecret secret) throws IOException {
        this.secret = secret;
        try {
            listener.setReuseAddress(true);
            listener.bind(address, BACKLOG);
        } catch (IOException e) {
            listener.close();
            throw e;
        }
        start("store of the ranks", this::listen);
    }

    private static void start(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
    }

    private void listen() {
        while (!listener.isClosed()) {
            try {
                Socket socket = listener.accept();
                admit(socket);
                start("store of the ranks, connection", () -> serve(socket));
            } catch (IOException e) {
                // Too many open files, for instance: the ranks that are connected must not suffer from it.
                pause();
            }
        }
    }

    private static void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void admit(Socket socket) {
        synchronized (unproved) {
            while (unproved.size() >= MOST_UNPROVED) {
                close(unproved.removeFirst());
            }
            unproved.addLast(socket);
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            socket.setTcpNoDelay(true);
            socket.setKeepAlive(true);
            SecureChannel channel;
            try {
                channel = SecureChannel.accept(socket, secret, PROOF_LIMIT);
            } finally {
                synchronized (unproved) {
                    unproved.remove(socket);
                }
            }
            synchronized (proved) {
                proved.add(socket);
            }
            while (!listener.isClosed()) {
                channel.send(answer(channel.receive()));
            }
        } catch (IOException e) {
            // A stranger, or a rank that ended: the heartbeat says which rank is lost.
            return;
        } finally {
            synchronized (proved) {
                proved.remove(socket);
            }
        }
    }

    private byte[] answer(byte[] request) throws IOException {
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
        synchronized (unproved) {
            unproved.forEach(StoreServer::close);
        }
        synchronized (proved) {
            proved.forEach(StoreServer::close);
        }
    }

    private static void close(Closeable socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // It is of no more use either way.
            return;
        }
    }
}
