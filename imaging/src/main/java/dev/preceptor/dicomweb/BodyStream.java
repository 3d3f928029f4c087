package dev.preceptor.dicomweb;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * The body of a response as a stream with a time limit for each pause, which {@link HttpResponse.BodyHandlers#ofInputStream}
 * lacks: a PACS that stops in the middle of a transfer would block its reader for ever. Asks for the next bytes only when the
 * last ones are read.
 */
final class BodyStream extends InputStream implements HttpResponse.BodySubscriber<InputStream> {
    private final Duration longestPause;
    private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    private volatile Flow.Subscription subscription;
    private volatile boolean closed;
    private List<ByteBuffer> buffers = List.of();
    private int next;
    private boolean ended;

    private record Event(List<ByteBuffer> buffers, boolean isEnd, Throwable failure) {}

    BodyStream(Duration longestPause) {
        this.longestPause = longestPause;
    }

    @Override
    public CompletionStage<InputStream> getBody() {
        return CompletableFuture.completedFuture(this);
    }

    @Override
    public void onSubscribe(Flow.Subscription body) {
        subscription = body;
        if (closed) {
            body.cancel();
        } else {
            body.request(1);
        }
    }

    @Override
    public void onNext(List<ByteBuffer> bytes) {
        events.add(new Event(bytes, false, null));
    }

    @Override
    public void onError(Throwable failure) {
        events.add(new Event(List.of(), true, failure));
    }

    @Override
    public void onComplete() {
        events.add(new Event(List.of(), true, null));
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, target.length);
        if (length == 0) {
            return 0;
        }
        while (!ended) {
            while (next < buffers.size() && !buffers.get(next).hasRemaining()) {
                next++;
            }
            if (next < buffers.size()) {
                int bytes = Math.min(length, buffers.get(next).remaining());
                buffers.get(next).get(target, offset, bytes);
                return bytes;
            }
            receive();
        }
        return -1;
    }

    private void receive() throws IOException {
        if (next > 0) {
            subscription.request(1);
        }
        Event event = poll();
        buffers = event.buffers();
        next = 0;
        ended = event.isEnd();
        if (event.failure() != null) {
            throw new IOException(event.failure());
        }
        if (!ended && buffers.isEmpty()) {
            subscription.request(1);
        }
    }

    private Event poll() throws IOException {
        try {
            Event event = events.poll(longestPause.toMillis(), TimeUnit.MILLISECONDS);
            if (event == null) {
                close();
                throw new HttpTimeoutException("no bytes within " + longestPause);
            }
            return event;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        }
    }

    /** Breaks the transfer off, unless it has ended. */
    @Override
    public void close() {
        if (!ended) {
            ended = true;
            closed = true;
            Flow.Subscription body = subscription;
            if (body != null) {
                body.cancel();
            }
        }
    }
}
