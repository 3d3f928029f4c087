package dev.preceptor.parallel;

import dev.preceptor.base.ErrorLine;
import dev.preceptor.base.PreceptorException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** The connection of a rank to the store of rank 0. A response that takes 30 s throws {@link UncheckedIOException}. */
final class StoreClient implements KeyValueStore {
    private static final Duration RESPONSE_TIMEOUT = Duration.ofSeconds(30);
    private static final int CONNECT_TIMEOUT_MILLIS = 2000;
    private static final int RETRY_MILLIS = 50;
    /** A stale secret file, or a port that another training is just leaving, must not end the attempts at once. */
    private static final int MAX_REFUSALS = 40;

    private final SecureChannel channel;

    private StoreClient(SecureChannel channel) {
        this.channel = channel;
    }

    /**
     * The source of the secret.
     *
     * @param secret read before each attempt; empty while it does not exist yet
     * @param file named in the message if it never appears
     */
    record SecretSource(Supplier<Optional<RunSecret>> secret, Path file) {}

    /**
     * Connects to rank 0, with retries until {@link DistributedEnvironment#joinTimeout()} has passed.
     *
     * @throws PreceptorException if rank 0 cannot be reached, or has another secret
     */
    static StoreClient connect(DistributedEnvironment environment, SecretSource secrets) {
        long end = System.nanoTime() + environment.joinTimeout().toNanos();
        int refusals = 0;
        while (true) {
            Optional<RunSecret> secret = secrets.secret().get();
            PreceptorException failure;
            if (secret.isEmpty()) {
                failure = new PreceptorException(environment.name() + " found no secret of the run in " + secrets.file()
                        + " within " + environment.joinTimeout().toSeconds()
                        + " s; start rank 0, and where the ranks do not share"
                        + " this folder set PRECEPTOR_SECRET to the same text on every rank");
            } else {
                try {
                    return new StoreClient(attempt(environment, secret.get()));
                } catch (SecureChannel.AuthenticationException e) {
                    refusals++;
                    failure = new PreceptorException(
                            environment.name() + " was refused by the process that listens at "
                                    + environment.rendezvousAddress() + ": "
                                    + e.getMessage() + "; give every rank the same PRECEPTOR_SECRET (or none), and each"
                                    + " training a MASTER_PORT of its own",
                            e);
                } catch (IOException e) {
                    failure = unreachable(environment, e);
                }
            }
            if (System.nanoTime() > end
                    || refusals >= MAX_REFUSALS && environment.secret().isPresent()) {
                throw failure;
            }
            pause();
        }
    }

    private static SecureChannel attempt(DistributedEnvironment environment, RunSecret secret) throws IOException {
        Socket socket = new Socket();
        try {
            InetSocketAddress address = new InetSocketAddress(environment.host(), environment.port());
            if (address.isUnresolved()) {
                throw new UnknownHostException("unknown host");
            }
            socket.setTcpNoDelay(true);
            socket.setKeepAlive(true);
            socket.connect(address, CONNECT_TIMEOUT_MILLIS);
            return SecureChannel.connect(socket, secret, StoreServer.AUTHENTICATION_TIMEOUT, RESPONSE_TIMEOUT);
        } catch (IOException | RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    private static PreceptorException unreachable(DistributedEnvironment environment, Exception e) {
        return new PreceptorException(
                environment.name() + " cannot reach rank 0 at MASTER_ADDR:MASTER_PORT, "
                        + environment.rendezvousAddress()
                        + ", within " + environment.joinTimeout().toSeconds() + " s: "
                        + ErrorLine.first(e.getMessage())
                        + "; start rank 0 there, or correct the address",
                e);
    }

    private static void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(RETRY_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PreceptorException("interrupted while waiting for rank 0", e);
        }
    }

    private interface RequestBody {
        void writeTo(DataOutputStream out) throws IOException;
    }

    private synchronized byte[] request(int operation, String key, RequestBody body) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(operation);
            out.writeUTF(key);
            body.writeTo(out);
            channel.send(bytes.toByteArray());
            return channel.receive();
        } catch (IOException e) {
            // After a timeout, a late response would be taken for that of the next request.
            close();
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void set(String key, byte[] value) {
        request(StoreServer.SET, key, out -> out.write(value));
    }

    @Override
    public Optional<byte[]> get(String key) {
        byte[] response = request(StoreServer.GET, key, out -> {});
        return response.length == 0 || response[0] == 0
                ? Optional.empty()
                : Optional.of(Arrays.copyOfRange(response, 1, response.length));
    }

    @Override
    public long add(String key, long amount) {
        byte[] response = request(StoreServer.ADD, key, out -> out.writeLong(amount));
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(response))) {
            return in.readLong();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Also aborts a request that another thread waits for. */
    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            // The connection is not used again.
            return;
        }
    }
}
