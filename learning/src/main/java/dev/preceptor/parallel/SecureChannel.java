package dev.preceptor.parallel;

import java.io.Closeable;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import javax.crypto.Mac;

/**
 * Messages between two processes that have proved to each other that they know the secret of the run. Both sides send a random
 * number and answer that of the other with an HMAC; every message after that carries an HMAC under a key of this connection,
 * its direction and its number, so that nothing can be forged, replayed, dropped from the middle or sent back. Messages are
 * not encrypted. Nothing that a stranger sends is interpreted, and nothing of his length is allocated.
 */
final class SecureChannel implements Closeable {
    /** Longest message in bytes. */
    static final int MOST_BYTES = 1 << 20;

    private static final byte[] GREETING = "PRECEPT1".getBytes(StandardCharsets.US_ASCII);
    private static final int NONCE_BYTES = 32;

    private final Socket socket;
    private final DataInputStream in;
    private final DataOutputStream out;
    private final Mac incoming;
    private final Mac outgoing;
    private long received;
    private long sent;

    private SecureChannel(Socket socket, byte[] incomingKey, byte[] outgoingKey) throws IOException {
        this.socket = socket;
        this.in = new DataInputStream(socket.getInputStream());
        this.out = new DataOutputStream(socket.getOutputStream());
        this.incoming = RunSecret.mac(incomingKey);
        this.outgoing = RunSecret.mac(outgoingKey);
    }

    /** The other process answered, but does not know the secret, or is no rank at all. */
    static final class StrangerException extends IOException {
        private static final long serialVersionUID = 1L;

        StrangerException(String message) {
            super(message);
        }
    }

    /**
     * Waits for the proof of a process that connected, then gives its own.
     *
     * @param limit for the whole of it
     * @throws IOException if the proof is wrong, late or missing
     */
    static SecureChannel accept(Socket socket, RunSecret secret, Duration limit) throws IOException {
        long end = System.nanoTime() + limit.toNanos();
        byte[] ours = nonce();
        write(socket, GREETING, ours);
        byte[] greeting = read(socket, GREETING.length, end);
        if (!Arrays.equals(greeting, GREETING)) {
            throw new StrangerException("no rank");
        }
        byte[] theirs = read(socket, NONCE_BYTES, end);
        if (!MessageDigest.isEqual(read(socket, RunSecret.SIGNATURE_BYTES, end), secret.sign("client", ours, theirs))) {
            throw new StrangerException("another secret");
        }
        write(socket, secret.sign("server", ours, theirs));
        socket.setSoTimeout(0);
        return new SecureChannel(
                socket, secret.sign("to server", ours, theirs), secret.sign("to client", ours, theirs));
    }

    /**
     * Proves itself to the process at the other end and waits for its proof.
     *
     * @param limit for the whole of it
     * @param answerLimit later, for each message that is waited for
     * @throws StrangerException if the other end does not know the secret
     */
    static SecureChannel connect(Socket socket, RunSecret secret, Duration limit, Duration answerLimit)
            throws IOException {
        long end = System.nanoTime() + limit.toNanos();
        if (!Arrays.equals(read(socket, GREETING.length, end), GREETING)) {
            throw new StrangerException("what answers there is no rank of a training");
        }
        byte[] theirs = read(socket, NONCE_BYTES, end);
        byte[] ours = nonce();
        write(socket, GREETING, ours, secret.sign("client", theirs, ours));
        byte[] proof;
        try {
            proof = read(socket, RunSecret.SIGNATURE_BYTES, end);
        } catch (EOFException e) {
            throw new StrangerException("it has another secret of the run");
        }
        if (!MessageDigest.isEqual(proof, secret.sign("server", theirs, ours))) {
            throw new StrangerException("it has another secret of the run");
        }
        socket.setSoTimeout(Math.toIntExact(answerLimit.toMillis()));
        return new SecureChannel(
                socket, secret.sign("to client", theirs, ours), secret.sign("to server", theirs, ours));
    }

    private static byte[] nonce() {
        byte[] bytes = new byte[NONCE_BYTES];
        new SecureRandom().nextBytes(bytes);
        return bytes;
    }

    private static void write(Socket socket, byte[]... parts) throws IOException {
        ByteBuffer whole = ByteBuffer.allocate(
                Arrays.stream(parts).mapToInt(part -> part.length).sum());
        for (byte[] part : parts) {
            whole.put(part);
        }
        OutputStream out = socket.getOutputStream();
        out.write(whole.array());
        out.flush();
    }

    /** Reads so many bytes before a point in time, however slowly they trickle. */
    private static byte[] read(Socket socket, int count, long end) throws IOException {
        InputStream in = socket.getInputStream();
        byte[] bytes = new byte[count];
        for (int at = 0; at < count; ) {
            long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
            if (left <= 0) {
                throw new SocketTimeoutException("no proof in time");
            }
            socket.setSoTimeout(Math.toIntExact(left));
            int read = in.read(bytes, at, count - at);
            if (read < 0) {
                throw new EOFException("connection closed");
            }
            at += read;
        }
        return bytes;
    }

    void send(byte[] message) throws IOException {
        if (message.length > MOST_BYTES) {
            throw new IOException("a message of " + message.length + " bytes is too long");
        }
        out.writeInt(message.length);
        out.write(message);
        out.write(signature(outgoing, sent++, message));
        out.flush();
    }

    byte[] receive() throws IOException {
        int length = in.readInt();
        if (length < 0 || length > MOST_BYTES) {
            throw new StrangerException("a message of " + length + " bytes");
        }
        byte[] message = in.readNBytes(length);
        byte[] signature = in.readNBytes(RunSecret.SIGNATURE_BYTES);
        if (!MessageDigest.isEqual(signature, signature(incoming, received++, message))) {
            throw new StrangerException("a message that is not signed");
        }
        return message;
    }

    private static byte[] signature(Mac mac, long number, byte[] message) {
        mac.update(ByteBuffer.allocate(Long.BYTES).putLong(number).flip());
        return mac.doFinal(message);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
