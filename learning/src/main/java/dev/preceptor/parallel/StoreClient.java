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

/** The connection of a rank to the store that rank 0 keeps. An answer that takes 30 s throws {@link UncheckedIOException}. */
final class StoreClient implements KeyValueStore {
    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(30);
    private static final int ATTEMPT_MILLIS = 2000;
    private static final int PAUSE_MILLIS = 50;
    /** A stale secret file of an earlier run, or a port that another training has just left, is no reason to give up. */
    private static final int REFUSALS = 40;

    private final SecureChannel channel;

    private StoreClient(SecureChannel channel) {
        this.channel = channel;
    }

    /**
     * Where the secret comes from.
     *
     * @param secret asked before each attempt; nothing while it is not there yet
     * @param file what to name when it never came
     */
    record SecretSource(Supplier<Optional<RunSecret>> secret, Path file) {}

    /**
     * Connects to rank 0, trying again until the launch's patience ends.
     *
     * @throws PreceptorException if it cannot be reached, or has another secret
     */
    static StoreClient connect(DistributedEnvironment distributedEnvironment, SecretSource secrets) {
        long end = System.nanoTime() + distributedEnvironment.patience().toNanos();
        int refusals = 0;
        while (true) {
            Optional<RunSecret> known = secrets.secret().get();
            PreceptorException failure;
            if (known.isEmpty()) {
                failure = new PreceptorException(
                        distributedEnvironment.name() + " found no secret of the run in " + secrets.file()
                                + " within " + distributedEnvironment.patience().toSeconds()
                                + " s; start rank 0, and where the ranks do not share"
                                + " this folder set PRECEPTOR_SECRET to the same text on every rank");
            } else {
                try {
                    return new StoreClient(attempt(distributedEnvironment, known.get()));
                } catch (SecureChannel.StrangerException e) {
                    refusals++;
                    failure = new PreceptorException(
                            distributedEnvironment.name() + " is not let in by what listens at "
                                    + distributedEnvironment.meetingPoint() + ": "
                                    + e.getMessage() + "; give every rank the same PRECEPTOR_SECRET (or none), and each"
                                    + " training a MASTER_PORT of its own",
                            e);
                } catch (IOException e) {
                    failure = unreachable(distributedEnvironment, e);
                }
            }
            if (System.nanoTime() > end
                    || refusals >= REFUSALS && distributedEnvironment.secret().isPresent()) {
                throw failure;
            }
            pause();
        }
    }

    private static SecureChannel attempt(DistributedEnvironment distributedEnvironment, RunSecret secret)
            throws IOException {
        Socket socket = new Socket();
        try {
            InetSocketAddress address =
                    new InetSocketAddress(distributedEnvironment.host(), distributedEnvironment.port());
            if (address.isUnresolved()) {
                throw new UnknownHostException("no machine has this name");
            }
            socket.setTcpNoDelay(true);
            socket.setKeepAlive(true);
            socket.connect(address, ATTEMPT_MILLIS);
            return SecureChannel.connect(socket, secret, StoreServer.PROOF_LIMIT, ANSWER_LIMIT);
        } catch (IOException | RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    private static PreceptorException unreachable(DistributedEnvironment distributedEnvironment, Exception e) {
        return new PreceptorException(
                distributedEnvironment.name() + " cannot reach rank 0 at MASTER_ADDR:MASTER_PORT, "
                        + distributedEnvironment.meetingPoint()
                        + ", within " + distributedEnvironment.patience().toSeconds() + " s: "
                        + ErrorLine.first(e.getMessage())
                        + "; start rank 0 there, or correct the address",
                e);
    }

    private static void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PreceptorException("interrupted while waiting for rank 0", e);
        }
    }

    private interface Content {
        void writeTo(DataOutputStream out) throws IOException;
    }

    private synchronized byte[] ask(int operation, String key, Content content) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(operation);
            out.writeUTF(key);
            content.writeTo(out);
            channel.send(bytes.toByteArray());
            return channel.receive();
        } catch (IOException e) {
            // After a late answer the next one would be taken for another request's.
            close();
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void set(String key, byte[] value) {
        ask(StoreServer.SET, key, out -> out.write(value));
    }

    @Override
    public Optional<byte[]> get(String key) {
        byte[] answer = ask(StoreServer.GET, key, out -> {});
        return answer.length == 0 || answer[0] == 0
                ? Optional.empty()
                : Optional.of(Arrays.copyOfRange(answer, 1, answer.length));
    }

    @Override
    public long add(String key, long amount) {
        byte[] answer = ask(StoreServer.ADD, key, out -> out.writeLong(amount));
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(answer))) {
            return in.readLong();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Also ends a request that another thread waits for. */
    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            // It is of no more use either way.
            return;
        }
    }
}
