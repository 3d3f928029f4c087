package dev.preceptor.http;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.Scheduler;

/**
 * Server-sent events to one caller. Nothing waits for a slow reader: of the events that it has not taken yet, only the newest is kept. For
 * any number of threads.
 */
public final class EventStream {
    private static final int SECONDS_BETWEEN_PINGS = 10;
    /** A comment, which readers ignore; it keeps the connection open and finds out that the reader is gone. */
    private static final String PING = ":\n\n";

    private final Response response;
    private final Callback callback;
    private final Scheduler scheduler;
    private String pending;
    private boolean isWriting;
    private boolean isEnding;
    private boolean isClosed;

    EventStream(Response response, Callback callback) {
        this.response = response;
        this.callback = callback;
        this.scheduler = response.getRequest().getComponents().getScheduler();
        schedulePing();
    }

    /**
     * Sends an event, or keeps it until the reader has taken the one before.
     *
     * @param event its name
     * @param data one line
     */
    public synchronized void send(String event, String data) {
        if (!isEnding) {
            pending = "event: " + event + "\ndata: " + data + "\n\n";
            next();
        }
    }

    /** Ends the stream after the event that is kept. */
    public synchronized void end() {
        if (!isEnding) {
            isEnding = true;
            next();
        }
    }

    /** Whether the reader is gone or the stream has ended. */
    public synchronized boolean isClosed() {
        return isClosed;
    }

    private synchronized void ping() {
        if (!isClosed) {
            if (!isWriting && pending == null && !isEnding) {
                pending = PING;
                next();
            }
            schedulePing();
        }
    }

    private void schedulePing() {
        scheduler.schedule(this::ping, SECONDS_BETWEEN_PINGS, TimeUnit.SECONDS);
    }

    private void next() {
        if (isWriting || isClosed || (pending == null && !isEnding)) {
            return;
        }
        boolean isLast = pending == null;
        ByteBuffer bytes = isLast ? null : ByteBuffer.wrap(pending.getBytes(StandardCharsets.UTF_8));
        pending = null;
        isWriting = true;
        isClosed = isLast;
        response.write(isLast, bytes, Callback.from(() -> written(isLast), this::failed));
    }

    private synchronized void written(boolean isLast) {
        isWriting = false;
        if (isLast) {
            callback.succeeded();
        } else {
            next();
        }
    }

    private synchronized void failed(Throwable cause) {
        isClosed = true;
        isEnding = true;
        callback.failed(cause);
    }
}
