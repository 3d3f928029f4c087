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
 * Authenticated messages between two processes that share the secret of the run. Handshake: each side sends a nonce and signs
 * both nonces with an HMAC. Every later message carries an HMAC over its number and content, under a key of this connection and
 * direction, so that no message can be forged, replayed, dropped or reflected. Messages are not encrypted. Nothing is parsed or
 * allocated from the input of a peer that has not authenticated itself.
 */
final class SecureChannel implements Closeable {
    /** The length limit of a message in bytes. */
    static final int MAX_BYTES = 1 << 20;

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

    /** The peer does not know the secret, or is not a rank of a training. */
    static final class AuthenticationException extends IOException {
        private static final long serialVersionUID = 1L;

        AuthenticationException(String message) {
            super(message);
        }
    }

    /**
     * The handshake of the server: verifies the signature of the peer, then sends its own.
     *
     * @param timeout of the whole handshake
     * @throws IOException if the signature is wrong, late or missing
     */
    static SecureChannel accept(Socket socket, RunSecret secret, Duration timeout) throws IOException {
        long end = System.nanoTime() + timeout.toNanos();
        byte[] ownNonce = nonce();
        write(socket, GREETING, ownNonce);
        byte[] greeting = read(socket, GREETING.length, end);
        if (!Arrays.equals(greeting, GREETING)) {
            throw new AuthenticationException("the peer is not a rank");
        }
        byte[] peerNonce = read(socket, NONCE_BYTES, end);
        if (!MessageDigest.isEqual(
                read(socket, RunSecret.SIGNATURE_BYTES, end), secret.sign("client", ownNonce, peerNonce))) {
            throw new AuthenticationException("the peer has another secret");
        }
        write(socket, secret.sign("server", ownNonce, peerNonce));
        socket.setSoTimeout(0);
        return new SecureChannel(
                socket, secret.sign("to server", ownNonce, peerNonce), secret.sign("to client", ownNonce, peerNonce));
    }

    /**
     * The handshake of the client: sends its signature, then verifies that of the server.
     *
     * @param timeout of the whole handshake
     * @param receiveTimeout of each later message
     * @throws AuthenticationException if the server does not know the secret
     */
    static SecureChannel connect(Socket socket, RunSecret secret, Duration timeout, Duration receiveTimeout)
            throws IOException {
        long end = System.nanoTime() + timeout.toNanos();
        if (!Arrays.equals(read(socket, GREETING.length, end), GREETING)) {
            throw new AuthenticationException("it is not a rank of a training");
        }
        byte[] peerNonce = read(socket, NONCE_BYTES, end);
        byte[] ownNonce = nonce();
        write(socket, GREETING, ownNonce, secret.sign("client", peerNonce, ownNonce));
        byte[] signature;
        try {
            signature = read(socket, RunSecret.SIGNATURE_BYTES, end);
        } catch (EOFException e) {
            throw new AuthenticationException("it has another secret of the run");
        }
        if (!MessageDigest.isEqual(signature, secret.sign("server", peerNonce, ownNonce))) {
            throw new AuthenticationException("it has another secret of the run");
        }
        socket.setSoTimeout(Math.toIntExact(receiveTimeout.toMillis()));
        return new SecureChannel(
                socket, secret.sign("to client", peerNonce, ownNonce), secret.sign("to server", peerNonce, ownNonce));
    }

    private static byte[] nonce() {
        byte[] bytes = new byte[NONCE_BYTES];
        new SecureRandom().nextBytes(bytes);
        return bytes;
    }

    private static void write(Socket socket, byte[]... parts) throws IOException {
        ByteBuffer message = ByteBuffer.allocate(
                Arrays.stream(parts).mapToInt(part -> part.length).sum());
        for (byte[] part : parts) {
            message.put(part);
        }
        OutputStream out = socket.getOutputStream();
        out.write(message.array());
        out.flush();
    }

    /** Reads {@code count} bytes before {@code end} (nanoseconds), however slowly they arrive. */
    private static byte[] read(Socket socket, int count, long end) throws IOException {
        InputStream in = socket.getInputStream();
        byte[] bytes = new byte[count];
        for (int offset = 0; offset < count; ) {
            long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
            if (left <= 0) {
                throw new SocketTimeoutException("the peer did not authenticate itself in time");
            }
            socket.setSoTimeout(Math.toIntExact(left));
            int read = in.read(bytes, offset, count - offset);
            if (read < 0) {
                throw new EOFException("connection closed");
            }
            offset += read;
        }
        return bytes;
    }

    /** Sends a message of at most {@link #MAX_BYTES}. */
    void send(byte[] message) throws IOException {
        if (message.length > MAX_BYTES) {
            throw new IOException("a message of " + message.length + " bytes is too long");
        }
        out.writeInt(message.length);
        out.write(message);
        out.write(signature(outgoing, sent++, message));
        out.flush();
    }

    /**
     * Receives the next message.
     *
     * @throws IOException if its signature is wrong or the connection ends
     */
    byte[] receive() throws IOException {
        int length = in.readInt();
        if (length < 0 || length > MAX_BYTES) {
            throw new AuthenticationException("a message of " + length + " bytes");
        }
        byte[] message = in.readNBytes(length);
        byte[] signature = in.readNBytes(RunSecret.SIGNATURE_BYTES);
        if (!MessageDigest.isEqual(signature, signature(incoming, received++, message))) {
            throw new AuthenticationException("a message whose signature is wrong");
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
