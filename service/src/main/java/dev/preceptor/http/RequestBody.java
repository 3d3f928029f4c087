package dev.preceptor.http;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * The body of a request, which is refused if it is too long, or if it comes too slowly: a sender of a byte a second would hold a thread for
 * as long as it likes. For one thread.
 */
final class RequestBody extends FilterInputStream {
    private static final int GRACE_SECONDS = 10;

    private final ServerLimits limits;
    private final long start = System.nanoTime();
    private long count;

    /**
     * @param in its bytes
     * @param length of the body as the request says; negative if it does not
     * @param limits of the server
     */
    RequestBody(InputStream in, long length, ServerLimits limits) {
        super(in);
        this.limits = limits;
        checkLength(length);
    }

    private void checkLength(long bytes) {
        if (bytes > limits.bodyBytes()) {
            throw new HttpStatusException(413, "the body has more than " + limits.bodyBytes() + " bytes");
        }
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        int read = super.read(bytes, offset, length);
        count += Math.max(0, read);
        checkLength(count);
        double seconds = (System.nanoTime() - start) / 1e9;
        if (read >= 0 && seconds > GRACE_SECONDS && count < limits.bytesPerSecond() * seconds) {
            throw new HttpStatusException(
                    408, "the request comes slower than " + limits.bytesPerSecond() + " bytes a second; send it again");
        }
        return read;
    }

    /** Leaves the rest of the body to {@link LingeringCloseHandler}; a closed body would fail the connection, and the response with it. */
    @Override
    public void close() {}
}
