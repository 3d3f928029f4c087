package dev.preceptor.http;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * The body of a request, which is refused if it comes too slowly: a sender of a byte a second would hold a thread for as long as it likes.
 * For one thread.
 */
final class RequestBody extends FilterInputStream {
    private static final int GRACE_SECONDS = 10;

    private final int bytesPerSecond;
    private final long start = System.nanoTime();
    private long count;

    RequestBody(InputStream in, int bytesPerSecond) {
        super(in);
        this.bytesPerSecond = bytesPerSecond;
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
        double seconds = (System.nanoTime() - start) / 1e9;
        if (read >= 0 && seconds > GRACE_SECONDS && count < bytesPerSecond * seconds) {
            throw new HttpStatusException(
                    408, "the request comes slower than " + bytesPerSecond + " bytes a second; send it again");
        }
        return read;
    }
}
